"""What every store promises, asked of each engine in turn: the contract of `turnserver/store/seam.py`."""

from functools import partial

import pytest

from tests.store.engines import Bench
from turnserver.partition import Batch, View

pytestmark = pytest.mark.anyio


def note(called: list[int], number: int, error: BaseException | None) -> None:
    assert error is None
    called.append(number)


def values(view: View) -> dict[str, object]:
    return {name: document.value for name, document in view.documents.items()}


async def test_a_partition_that_was_never_written_is_empty(bench: Bench) -> None:
    view = await bench.store.read("room:1")

    assert not view.exists
    assert (view.value("a"), view.counter("a"), view.stream("s").after(0)) == (None, 0, [])


async def test_a_commit_writes_documents_and_appends_to_streams_at_once(bench: Bench) -> None:
    batch = Batch(put={"a": "one", "b": 2}, append={"s": [b"x", b"y"], "t": [b"z"]})

    assert await bench.store.commit("room:1", batch)

    view = await bench.store.read("room:1")
    assert view.exists
    assert values(view) == {"a": "one", "b": 2}
    assert (view.stream("s").after(0), view.stream("t").after(0)) == ([b"x", b"y"], [b"z"])


async def test_a_document_counts_its_writes_and_a_stream_its_items(bench: Bench) -> None:
    for text in ("one", "two", "two"):
        await bench.store.commit("room:1", Batch(put={"a": text}, append={"s": [b"x", b"y"]}))

    view = await bench.store.read("room:1")
    assert (view.counter("a"), view.counter("s")) == (3, 6)


@pytest.mark.parametrize("expect", [{"a": 1}, {"s": 2}, {"never": 0}, {"a": 1, "s": 2, "never": 0}, {}])
async def test_a_commit_is_carried_out_where_all_that_it_expects_holds(bench: Bench, expect: dict[str, int]) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "old"}, append={"s": [b"x", b"y"]}))

    assert await bench.store.commit("room:1", Batch(expect, put={"a": "new"}))

    assert values(await bench.store.read("room:1")) == {"a": "new"}


@pytest.mark.parametrize("expect", [{"a": 0}, {"a": 2}, {"s": 1}, {"s": 0}, {"never": 1}, {"a": 1, "s": 3}])
async def test_a_commit_whose_expectation_fails_changes_nothing(bench: Bench, expect: dict[str, int]) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "old"}, append={"s": [b"x", b"y"]}))
    before = await bench.store.read("room:1")
    batch = Batch(expect, put={"a": "new", "b": "new"}, append={"s": [b"z"]}, release={"s": 1}, aliases=("by:1",))

    assert not await bench.store.commit("room:1", batch)

    after = await bench.store.read("room:1")
    assert (after.documents, after.stream("s").after(0)) == (before.documents, [b"x", b"y"])
    assert not (await bench.store.read("by:1")).exists


async def test_a_glance_shows_what_was_seen_or_done_last(bench: Bench) -> None:
    assert bench.store.glance("room:1") is None
    await bench.store.commit("room:1", Batch(put={"a": "one"}, append={"s": [b"x"]}, aliases=("by:1",)))

    for name in ("room:1", "by:1"):
        glance, view = bench.store.glance(name), await bench.store.read(name)
        assert glance is not None
        assert (glance.documents, glance.stream("s").after(0)) == (view.documents, [b"x"])
        assert glance.opened_ms == view.opened_ms


async def test_of_two_who_expect_the_same_counter_one_wins(bench: Bench) -> None:
    first = await bench.store.commit("room:1", Batch({"a": 0}, put={"a": "first"}))
    second = await bench.store.commit("room:1", Batch({"a": 0}, put={"a": "second"}))

    assert (first, second) == (True, False)
    assert values(await bench.store.read("room:1")) == {"a": "first"}


async def test_what_does_not_exist_is_expected_at_zero(bench: Bench) -> None:
    assert not await bench.store.commit("room:1", Batch({"a": 1}, put={"a": "one"}))
    assert not (await bench.store.read("room:1")).exists

    assert await bench.store.commit("room:1", Batch({"a": 0, "s": 0}, put={"a": "one"}))


@pytest.mark.parametrize("batch", [Batch(ttl_ms=1000), Batch(release={"s": 1}), Batch(aliases=("by:1",)), Batch()])
async def test_a_batch_that_writes_nothing_brings_no_partition_into_being(bench: Bench, batch: Batch) -> None:
    assert await bench.store.commit("room:1", batch)

    assert await bench.store.scan("room") == []
    assert not (await bench.store.read("by:1")).exists


async def test_a_view_does_not_change_when_others_commit(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "old"}, append={"s": [b"x"]}))
    view = await bench.store.read("room:1")

    await bench.store.commit("room:1", Batch(put={"a": "new", "b": "new"}, append={"s": [b"y"], "t": [b"z"]}))
    await bench.store.commit("room:1", Batch(release={"s": 2}, ends=True))

    assert values(view) == {"a": "old"}
    assert (view.stream("s").after(0), view.counter("s"), view.counter("t")) == ([b"x"], 1, 0)


async def test_releasing_takes_items_away_and_keeps_the_offsets(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": 1}, append={"s": [b"zero", b"one", b"two"]}))

    await bench.store.commit("room:1", Batch(release={"s": 2}))

    stream = (await bench.store.read("room:1")).stream("s")
    assert (stream.first, stream.next, stream.after(2)) == (2, 3, [b"two"])


async def test_what_is_released_stays_released(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(append={"s": [b"zero", b"one", b"two"]}))
    await bench.store.commit("room:1", Batch(release={"s": 2}))

    await bench.store.commit("room:1", Batch(release={"s": 1, "never": 7}))

    stream = (await bench.store.read("room:1")).stream("s")
    assert (stream.first, stream.after(2)) == (2, [b"two"])


async def test_a_batch_releases_what_was_there_before_it_appends(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(append={"s": [b"zero", b"one"]}))

    await bench.store.commit("room:1", Batch(append={"s": [b"two"]}, release={"s": 99}))

    stream = (await bench.store.read("room:1")).stream("s")
    assert (stream.first, stream.next, stream.after(2)) == (2, 3, [b"two"])


async def test_the_size_of_a_stream_is_that_of_its_kept_items_joined_by_bars(bench: Bench) -> None:
    batches = [
        Batch(append={"s": [b"four"]}),
        Batch(append={"s": [b"", b"seven.."]}),
        Batch(release={"s": 1}, append={"s": [b"x"]}),
        Batch(release={"s": 3}),
        Batch(release={"s": 4}),
    ]

    for batch in batches:
        await bench.store.commit("room:1", batch)
        stream = (await bench.store.read("room:1")).stream("s")
        assert stream.size == len(b"|".join(stream.after(stream.first)))


async def test_a_partition_is_read_and_changed_under_each_of_its_names(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}, aliases=("by:1", "by:2")))

    assert await bench.store.commit("by:1", Batch({"a": 1}, put={"a": "two"}))
    assert not await bench.store.commit("by:2", Batch({"a": 1}, put={"a": "three"}))

    assert [values(await bench.store.read(name)) for name in ("room:1", "by:1", "by:2")] == [{"a": "two"}] * 3


async def test_a_name_that_is_given_twice_is_one_name(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}, aliases=("by:1", "by:1", "room:1")))
    await bench.store.commit("by:1", Batch(aliases=("by:1",)))

    await bench.store.commit("by:1", Batch(ends=True))

    assert not (await bench.store.read("by:1")).exists


async def test_an_ended_partition_is_gone_under_all_its_names(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}, append={"s": [b"x"]}, aliases=("by:1",)))

    assert await bench.store.commit("by:1", Batch({"a": 1}, put={"a": "last"}, ends=True))

    views = [await bench.store.read(name) for name in ("room:1", "by:1")]
    assert [(view.exists, view.counter("s")) for view in views] == [(False, 0)] * 2
    assert (await bench.store.count("room"), await bench.store.scan("room")) == (0, [])


async def test_ending_what_does_not_exist_is_harmless(bench: Bench) -> None:
    assert await bench.store.commit("room:1", Batch(put={"a": "one"}, ends=True))

    assert not (await bench.store.read("room:1")).exists


async def test_a_partition_that_begins_again_counts_from_the_beginning(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "old"}, append={"s": [b"x"]}, aliases=("by:1",)))
    await bench.store.commit("room:1", Batch(ends=True))

    await bench.store.commit("room:1", Batch({"a": 0, "s": 0}, put={"a": "new"}))

    view = await bench.store.read("room:1")
    assert (values(view), view.counter("a"), view.counter("s")) == ({"a": "new"}, 1, 0)
    assert not (await bench.store.read("by:1")).exists


async def test_a_partition_ends_when_its_time_is_over(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}, ttl_ms=500, aliases=("by:1",)))
    await bench.pass_ms(499)
    assert (await bench.store.read("room:1")).exists

    await bench.pass_ms(1)

    assert not (await bench.store.read("room:1")).exists
    assert not (await bench.store.read("by:1")).exists
    assert await bench.store.scan("room") == []


async def test_each_commit_prolongs_the_life_of_a_partition(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}, ttl_ms=500))

    for batch in (Batch(), Batch(put={"a": "two"}), Batch(lasting=False)):
        await bench.pass_ms(400)
        await bench.store.commit("room:1", batch)

    await bench.pass_ms(499)
    assert (await bench.store.read("room:1")).exists
    await bench.pass_ms(1)
    assert not (await bench.store.read("room:1")).exists


async def test_a_commit_can_give_a_partition_another_span(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}, ttl_ms=100_000))
    await bench.store.commit("room:1", Batch(ttl_ms=500))

    await bench.pass_ms(500)

    assert not (await bench.store.read("room:1")).exists


async def test_a_partition_without_a_span_stays(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}))

    await bench.pass_ms(1_000_000)
    await bench.store.commit("room:2", Batch(put={"a": "one"}))

    assert (await bench.store.read("room:1")).exists


async def test_what_is_over_cannot_be_changed_any_more(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}, ttl_ms=500))
    await bench.pass_ms(500)

    assert not await bench.store.commit("room:1", Batch({"a": 1}, put={"a": "late"}))
    assert await bench.store.commit("room:1", Batch(ttl_ms=500))
    assert await bench.store.commit("room:1", Batch({"a": 0}, put={"a": "another"}))

    assert (await bench.store.read("room:1")).counter("a") == 1


async def test_partitions_are_counted_and_listed_by_kind(bench: Bench) -> None:
    for name in ("room:1", "room:2", "rooms:3"):
        await bench.store.commit(name, Batch(put={"a": "one"}, aliases=(f"by:{name}",)))

    assert [await bench.store.count(kind) for kind in ("room", "rooms", "by", "never")] == [2, 1, 0, 0]
    assert [sorted(await bench.store.scan(kind)) for kind in ("room", "rooms", "by")] == [
        ["room:1", "room:2"],
        ["rooms:3"],
        [],
    ]


async def test_what_is_over_is_not_counted_for_long_even_if_nobody_commits_any_more(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}, ttl_ms=500))

    await bench.pass_ms(2000)

    assert await bench.store.count("room") == 0


async def test_the_clock_of_a_view_moves_with_time(bench: Bench) -> None:
    before = await bench.store.read("room:1")

    await bench.pass_ms(50)

    after = await bench.store.read("room:1")
    assert after.now_ms - before.now_ms >= 50
    assert before.opened_ms == after.opened_ms <= before.now_ms


async def test_after_settling_there_is_nothing_left_to_wait_for(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}))

    await bench.store.settle()

    assert bench.store.is_settled
    await bench.store.settle()


async def test_a_sign_of_life_need_not_settle(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}))
    await bench.store.settle()

    await bench.store.commit("room:1", Batch(put={"a": "seen"}, ttl_ms=1000, lasting=False))

    assert bench.store.is_settled
    assert values(await bench.store.read("room:1")) == {"a": "seen"}


async def test_those_who_ask_to_be_called_when_all_is_settled_are_called_in_their_order(bench: Bench) -> None:
    called: list[int] = []
    for number in range(3):
        await bench.store.commit("room:1", Batch(put={"a": number}))
        bench.store.when_settled(partial(note, called, number))

    await bench.store.settle()

    assert called == [0, 1, 2]


async def test_where_nothing_is_to_be_settled_the_call_comes_at_once(bench: Bench) -> None:
    called: list[BaseException | None] = []
    await bench.store.commit("room:1", Batch(put={"a": "one"}))
    await bench.store.settle()

    bench.store.when_settled(called.append)

    assert called == [None]


async def test_an_immediate_store_never_suspends_for_what_it_knows(bench: Bench) -> None:
    if not bench.store.is_immediate:
        return
    calls = (
        bench.store.commit("room:1", Batch(put={"a": "one"})),
        bench.store.read("room:1"),
        bench.store.count("room"),
        bench.store.scan("room"),
    )

    for call in calls:
        with pytest.raises(StopIteration):
            call.send(None)
