from collections.abc import Sequence

import msgspec
import pytest

from turnserver.partition import Batch, Document
from turnserver.store.redis.partitions import UNSEEN, Codec, Seen, appends, name_of, packed, partition_keys, put_values
from turnserver.store.seam import StoreDown

CODEC = Codec(str | int)
ONE = b"\xa3one"
TWO = b"\xa3two"


def told(
    base: Seen,
    rev: int,
    *,
    documents: Sequence[object] = (),
    streams: Sequence[object] = (),
    values: Sequence[bytes],
) -> Seen:
    return CODEC.told(base, [2, 0, b"e", rev, documents, streams, values])


def items(seen: Seen, name: str) -> tuple[int, int, list[bytes]]:
    stream = seen.streams[name]
    return stream.first, stream.next, stream.after(stream.first)


def test_the_first_news_are_everything() -> None:
    seen = told(UNSEEN, 3, documents=[b"a", 2], streams=[b"s", 1, 3, 1], values=[ONE, b"x", b"y"])

    assert seen.documents == {"a": Document(2, "one")}
    assert items(seen, "s") == (1, 3, [b"x", b"y"])


def test_later_news_add_to_what_was_seen() -> None:
    base = told(UNSEEN, 3, documents=[b"a", 2, b"b", 1], streams=[b"s", 0, 1, 0], values=[ONE, ONE, b"x"])

    seen = told(base, 5, documents=[b"b", 2], streams=[b"s", 1, 3, 1], values=[TWO, b"y", b"z"])

    assert seen.documents == {"a": Document(2, "one"), "b": Document(2, "two")}
    assert items(seen, "s") == (1, 3, [b"y", b"z"])
    assert items(base, "s") == (0, 1, [b"x"])


def test_news_may_leave_out_items_that_came_and_went() -> None:
    base = told(UNSEEN, 1, streams=[b"s", 0, 1, 0], values=[b"x"])

    seen = told(base, 9, streams=[b"s", 6, 7, 6], values=[b"late"])

    assert items(seen, "s") == (6, 7, [b"late"])


def test_news_may_tell_again_what_is_known() -> None:
    base = told(UNSEEN, 3, documents=[b"a", 2], streams=[b"s", 0, 3, 0], values=[TWO, b"x", b"y", b"z"])

    seen = told(base, 5, documents=[b"a", 3], streams=[b"s", 1, 4, 1], values=[ONE, b"y", b"z", b"late"])

    assert seen.documents == {"a": Document(3, "one")}
    assert items(seen, "s") == (1, 4, [b"y", b"z", b"late"])


def test_a_message_tells_what_has_changed_and_since_when() -> None:
    base = told(UNSEEN, 1, documents=[b"a", 1], streams=[b"s", 0, 1, 0], values=[ONE, b"x"])
    head = msgspec.msgpack.encode(["turn:{room:1}", 1, "e", 3, ["b", 1], ["s", 0, 3, 1], [4, 0, 2]])

    rung = CODEC.rung(len(head).to_bytes(4, "big") + head + TWO + b"" + b"\xff\x00")

    assert (rung.place, rung.since) == ("room:1", 1)
    assert rung.news is not None
    seen = CODEC.told(base, rung.news)
    assert seen.documents == {"a": Document(1, "one"), "b": Document(1, "two")}
    assert items(seen, "s") == (0, 3, [b"x", b"", b"\xff\x00"])


def test_a_message_may_tell_nothing_but_the_partition() -> None:
    rung = CODEC.rung(b"turn:{chat:chess\nlobby}")

    assert (rung.place, rung.news) == ("chat:chess\nlobby", None)


@pytest.mark.parametrize("message", [b"", b"\x00", b"\x00\x00\x00\x09\x90", b"\x00\x00\x00\x01\x90"])
def test_a_message_that_cannot_be_read_is_the_stores_failure(message: bytes) -> None:
    with pytest.raises(StoreDown, match="a message in Redis cannot be read"):
        CODEC.rung(message)


def test_news_of_another_partition_of_the_name_replace_everything() -> None:
    base = Seen("earlier", 7, {"a": Document(7, "old")}, {})

    assert told(base, 1, documents=[b"b", 1], values=[ONE]).documents == {"b": Document(1, "one")}


def test_a_document_that_cannot_be_read_is_the_stores_failure() -> None:
    with pytest.raises(StoreDown):
        told(UNSEEN, 1, documents=[b"a", 1], values=[b"\xc3"])


def test_a_batch_that_was_carried_out_is_known() -> None:
    base = told(UNSEEN, 1, documents=[b"a", 1], streams=[b"s", 0, 1, 0], values=[ONE, b"x"])

    seen = base.after(Batch(put={"a": "two"}, append={"s": [b"y"], "t": [b"z"]}, release={"s": 1, "no": 9}), 2)

    assert (seen.rev, seen.documents["a"]) == (2, Document(2, "two"))
    assert (items(seen, "s"), items(seen, "t")) == ((1, 2, [b"y"]), (0, 1, [b"z"]))


def test_all_keys_of_a_partition_have_one_hash_tag() -> None:
    assert partition_keys("match:1") == (b"turn:{match:1}", b"turn:{match:1}:names")
    assert name_of(partition_keys("couple:chess\na}b")[0]) == "couple:chess\na}b"


def test_a_batch_travels_as_values_and_what_they_are_for() -> None:
    batch = Batch(put={"a": "one"}, append={"s": [b"x", b"y"]})

    assert (put_values(batch), appends(batch)) == ([ONE, b"x", b"y"], ["s", 2])
    assert packed(1, "a") == b"\x92\x01\xa1a"
