"""Streams and views: values that share what they can and never change."""

from hypothesis import given
from hypothesis import strategies as st

from turnserver.partition import EMPTY, Batch, Document, Stream, View

items = st.lists(st.binary(max_size=4), max_size=5)
changes = st.lists(st.one_of(items, st.integers(0, 25)), max_size=20)
"""What happens to a stream: items are appended, a number releases."""


def kept(stream: Stream) -> list[bytes]:
    return stream.after(stream.first)


def changed(stream: Stream, change: list[bytes] | int) -> Stream:
    return stream.released(change) if isinstance(change, int) else stream.appended(change)


def test_an_empty_stream_begins_at_zero() -> None:
    assert (EMPTY.first, EMPTY.next, EMPTY.size, kept(EMPTY)) == (0, 0, 0, [])


def test_appended_items_are_numbered_on() -> None:
    stream = EMPTY.appended([b"zero"]).appended([b"one", b"two"])

    assert (stream.first, stream.next) == (0, 3)
    assert stream.after(1) == [b"one", b"two"]
    assert stream.after(3) == []


def test_released_items_are_gone_and_the_others_keep_their_numbers() -> None:
    stream = EMPTY.appended([b"zero", b"one", b"two"]).released(2)

    assert (stream.first, stream.next, kept(stream)) == (2, 3, [b"two"])


def test_releasing_again_or_less_changes_nothing() -> None:
    stream = EMPTY.appended([b"zero", b"one"]).released(1)

    assert stream.released(1) is stream
    assert stream.released(0) is stream


def test_only_what_is_there_can_be_released() -> None:
    stream = EMPTY.appended([b"zero"]).released(99)

    assert (stream.first, stream.next, stream.size) == (1, 1, 0)


def test_what_is_appended_to_a_shared_value_shows_only_in_the_new_one() -> None:
    shared = EMPTY.appended([b"zero"])

    left, right = shared.appended([b"left"]), shared.appended([b"right"])

    assert (kept(shared), kept(left), kept(right)) == ([b"zero"], [b"zero", b"left"], [b"zero", b"right"])
    assert kept(left.appended([b"more"])) == [b"zero", b"left", b"more"]
    assert kept(EMPTY) == []


@given(changes)
def test_a_stream_is_a_list_and_a_count_of_what_was_taken_from_its_front(history: list[list[bytes] | int]) -> None:
    stream, everything, first = EMPTY, list[bytes](), 0
    for change in history:
        stream = changed(stream, change)
        if isinstance(change, int):
            first = max(first, min(change, len(everything)))
        else:
            everything += change

        assert (stream.first, stream.next, kept(stream)) == (first, len(everything), everything[first:])
        assert stream.size == len(b"|".join(kept(stream)))


@given(changes)
def test_a_value_is_never_changed_by_what_is_made_of_it(history: list[list[bytes] | int]) -> None:
    values = [(EMPTY, list[bytes]())]
    for change in history:
        for value, _ in tuple(values[-3:]):
            made = changed(value, change)
            values.append((made, kept(made)))

    assert [kept(value) for value, _ in values] == [was for _, was in values]


@given(st.integers(1, 400))
def test_a_log_holds_at_most_about_twice_what_is_kept(count: int) -> None:
    stream = EMPTY
    for number in range(count):
        stream = stream.appended([b"%d" % number]).released(number - 9)

    assert len(stream.log) <= 2 * len(kept(stream)) + 1


def test_a_view_tells_counters_of_documents_and_streams_by_name() -> None:
    view = View({"a": Document(3, "text")}, {"s": EMPTY.appended([b"x", b"y"]).released(1)}, 20, 10)

    assert (view.counter("a"), view.counter("s"), view.counter("never")) == (3, 2, 0)
    assert (view.value("a"), view.value("never")) == ("text", None)
    assert (kept(view.stream("s")), kept(view.stream("never"))) == ([b"y"], [])


def test_a_partition_exists_when_it_holds_a_document_or_a_stream() -> None:
    assert View({"a": Document(1, "")}, {}, 0, 0).exists
    assert View({}, {"s": EMPTY.appended([b"x"])}, 0, 0).exists
    assert not View({}, {}, 0, 0).exists


def test_a_batch_does_nothing_and_lasts_unless_it_says_so() -> None:
    batch = Batch()

    assert (batch.expect, batch.put, batch.append, batch.release, batch.aliases) == ({}, {}, {}, {}, ())
    assert (batch.ttl_ms, batch.ends, batch.lasting) == (None, False, True)
