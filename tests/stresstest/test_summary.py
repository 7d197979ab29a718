import msgspec
import pytest

from stresstest.checker import Verdict
from stresstest.plan import plan_of
from stresstest.record import NO_REPLY, Record
from stresstest.steps import held
from stresstest.summary import Summary, stage, summary

PLAN = plan_of(server="http://127.0.0.1:8192", seconds=2.0)


def record() -> Record:
    """Two seconds of 10 requests each, and a third one of the games' ends."""
    seen = Record(slot_s=1.0, players=2, wall_s=2.5, verdicts={"relay": Verdict(sent=5, received=5)})
    for second in range(3):
        slot = seen.slot(second)
        slot.delivered = 5
        for _ in range(10):
            slot.latency("GAME_UPDATE").add(4000)
        slot.codes["0/9"] = 10
        slot.server.add(1000)
    return seen


def shown(seen: Record) -> Summary:
    return summary(PLAN, seen)


def test_rates_leave_out_the_end_of_the_run() -> None:
    found = shown(record())

    assert (found.requests, found.messages) == (30, 15)
    assert (found.requests_per_s, found.messages_per_s) == (10, 5)


def test_latency_is_split_into_the_servers_time_and_the_rest() -> None:
    found = shown(record())

    assert found.latency["GAME_UPDATE"].p99_ms == pytest.approx(4, rel=0.01)
    assert found.server_time is not None
    assert found.rest_ms == pytest.approx((3, 3), rel=0.01)


def test_a_server_that_does_not_tell_its_time_leaves_the_latency_whole() -> None:
    seen = record()
    for slot in seen.slots:
        slot.server.counts.clear()
        slot.server.count = 0

    assert (shown(seen).server_time, shown(seen).rest_ms) == (None, None)


def test_errors_are_a_part_of_all_requests_answered_or_not() -> None:
    seen = record()
    seen.slot(0).codes[NO_REPLY] = 10
    seen.failed(seen.slot(0), NO_REPLY)

    assert shown(seen).errors == 1 / 40
    assert [(code.code, code.count, code.unexpected) for code in shown(seen).codes] == [
        ("0/9", 30, 0),
        (NO_REPLY, 10, 1),
    ]


@pytest.mark.parametrize(
    ("verdict", "is_clean"),
    [
        (Verdict(sent=5, received=5), True),
        (Verdict(sent=5, received=4), False),
        (Verdict(sent=5, received=5, doubled=1), False),
        (Verdict(), False),
    ],
)
def test_a_run_is_clean_if_something_was_delivered_and_all_of_it_once(verdict: Verdict, *, is_clean: bool) -> None:
    seen = record()
    seen.verdicts = {"chat": verdict}

    assert shown(seen).is_clean is is_clean
    assert stage(shown(seen)).is_clean is is_clean


def test_a_run_in_which_nothing_was_answered_is_all_errors() -> None:
    found = shown(Record(slot_s=1.0, wall_s=2))

    assert (found.errors, found.requests, found.is_clean) == (1.0, 0, False)


def test_requests_that_are_held_are_counted_but_not_taken_for_slow() -> None:
    seen = record()
    seen.slot(0).latency(held("ROOM_TURN")).add(5_000_000)
    found = shown(seen)

    assert found.requests == 31
    assert found.latency["ROOM_TURN, held"].max_ms == 5000
    assert found.all_requests.max_ms == 4


@pytest.mark.parametrize(
    ("kind", "slowest"), [("relay", "requests"), ("turn", "turn, due to packet"), ("chat", "line, due to arrival")]
)
def test_a_load_is_judged_by_what_players_wait_for(kind: str, slowest: str) -> None:
    seen = record()
    seen.slot(1).way(kind).add(90_000)

    assert shown(seen).slowest[0] == slowest
    assert stage(shown(seen)).p99_ms == pytest.approx(4 if kind == "relay" else 90, rel=0.01)


def test_what_was_lost_of_one_kind_is_not_made_up_for_by_another() -> None:
    seen = record()
    seen.verdicts = {"relay": Verdict(sent=5, received=4), "inbox": Verdict(sent=1, received=2)}

    assert (shown(seen).lost, shown(seen).is_clean) == (1, False)


def test_a_secret_is_not_shown() -> None:
    plan = plan_of(server="http://127.0.0.1:8192", server_key="secret-key")

    assert b"secret-key" not in msgspec.json.encode(summary(plan, record()))
