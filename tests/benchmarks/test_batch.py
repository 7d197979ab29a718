"""The bodies of batches."""

from itertools import count

from benchmarks.batch import LINES, Batches


def test_a_batch_holds_as_many_updates_and_every_one_must_be_answered_well() -> None:
    numbers = count()
    batches = Batches(lambda _reply: b"update %d" % next(numbers))
    first = batches.next_body(b"")
    good = b"\n".join([b"0/10/*"] * LINES)
    second = batches.next_body(good)

    assert first.split(b"\n") == [b"update %d" % number for number in range(LINES)]
    assert second.startswith(b"update %d\n" % LINES)
    assert batches.bad == 0
    for reply in (good.replace(b"0/10/*", b"18/*/*", 1), good[: -len(b"\n0/10/*")]):
        batches.next_body(reply)
    assert batches.bad == 2
