import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.domain.accounts import check_new_name, check_new_password, comparable, name_key
from turnserver.messages.reply import Refused
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LIMITS = Limits(password_bytes_min=8)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ann", "aNN"), ("\uff21\uff4e\uff4e", "ann"), ("STRASSE", "straße"), ("e\u0301", "É"), ("ﬁn", "FIN"), ("İ", "i̇")],
)
def test_names_that_differ_in_case_or_width_are_one(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@given(st.text())
def test_the_key_of_a_key_is_the_key(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)


@pytest.mark.parametrize("name", ["ann", "Ann Smith", "guest", "bob@example.org", "龍", "guestbook"])
def test_a_name_may_be_nearly_anything(name: str) -> None:
    check_new_name(name)


@pytest.mark.parametrize("name", ["guest-1", "Guest-1", "\uff47uest-1", "~ann", "\uff5eann", " ", "\u3000"])
def test_a_name_is_not_to_be_taken_for_a_guests_or_nobodys(name: str) -> None:
    with pytest.raises(Refused) as caught:
        check_new_name(name)

    assert caught.value.answer is answers.BAD_DATA
    assert caught.value.details.startswith("name: ")


@pytest.mark.parametrize(
    ("name", "is_good"), [("\ufdfa" * 11, True), ("\ufdfa" * 12, False), ("n" * 200, True), ("n" * 201, False)]
)
def test_a_name_is_as_long_as_its_letters_spelled_out(name: str, *, is_good: bool) -> None:
    if is_good:
        check_new_name(name)
        return
    with pytest.raises(Refused) as caught:
        check_new_name(name)

    assert caught.value.details == "name: more than 200 letters as it is compared"


@pytest.mark.parametrize("password", ["12345678", "éééé", "correct horse", "a" * 256, " " * 8])
def test_a_password_is_good_if_it_is_long_enough(password: str) -> None:
    check_new_password(password, name="ann", limits=LIMITS)


@pytest.mark.parametrize(
    ("password", "details"),
    [
        ("1234567", "password: less than 8 bytes"),
        ("", "password: less than 8 bytes"),
        ("ANNABELLA", "password: the same as the name"),
    ],
)
def test_a_bad_password_is_refused_with_the_reason(password: str, details: str) -> None:
    with pytest.raises(Refused) as caught:
        check_new_password(password, name="annabella", limits=LIMITS)

    assert caught.value.answer is answers.BAD_DATA
    assert caught.value.details == details


def test_a_password_is_the_same_whichever_way_a_keyboard_composes_it() -> None:
    assert comparable("e\u0301") == comparable("\u00e9")
    assert comparable("E") != comparable("e")
