import base64
import hashlib

from turnserver.service.secrets import derived, digest, key_digest


def test_the_store_holds_the_sha_256_of_a_secret() -> None:
    assert digest("abc") == hashlib.sha256(b"abc").hexdigest()


def test_a_key_of_the_relay_is_kept_as_as_many_bits_of_its_sha_256_as_it_has() -> None:
    whole = base64.urlsafe_b64encode(hashlib.sha256(b"abc").digest()).decode()

    assert key_digest("abc") == whole[:16]


def test_what_is_derived_is_the_same_for_the_same_parts_alone() -> None:
    assert derived("key", "TOKEN", "1", letters=16) == derived("key", "TOKEN", "1", letters=16)
    assert (
        len({derived(*parts, letters=16) for parts in (("a", "b"), ("b", "a"), ("ab", ""), ("", "ab"), ("ab",))}) == 5
    )


def test_as_many_letters_as_are_wanted_safe_in_a_url() -> None:
    text = derived("é", letters=43)

    assert len(text) == 43
    assert text.replace("-", "").replace("_", "").isalnum()
