import msgspec

from stresstest.checker import Verdict
from stresstest.record import NO_REPLY, REASONS_MAX, SLOTS_MAX, Record, slot_s, total
from stresstest.steps import held


def record(*, at_s: float = 0.0) -> Record:
    seen = Record(slot_s=1.0, players=2, verdicts={"relay": Verdict(sent=3, received=3)}, wall_s=5, cpu_share_max=at_s)
    slot = seen.slot(at_s)
    slot.latency("GAME_UPDATE").add(1500)
    slot.codes["0/9"] = 1
    slot.delivered = 3
    seen.failed(slot, NO_REPLY)
    seen.reason("no reply in time")
    return seen


def test_records_of_several_processes_add_up_slot_by_slot() -> None:
    whole = total([record(), record(at_s=2.5), record()])

    assert [slot.delivered for slot in whole.slots] == [6, 0, 3]
    assert whole.latency("GAME_UPDATE").count == 3
    assert whole.codes() == {"0/9": 3}
    assert whole.unexpected == {NO_REPLY: 3}
    assert whole.verdicts == {"relay": Verdict(sent=9, received=9)}
    assert (whole.players, whole.wall_s, whole.cpu_share_max) == (6, 5, 2.5)


def test_a_record_travels_as_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(record()), type=Record) == record()


def test_however_long_a_run_is_its_record_is_bounded() -> None:
    seen = Record(slot_s=slot_s(60))
    seen.slot(1e9)
    for number in range(1000):
        seen.reason(f"reason {number}")

    assert len(seen.slots) == SLOTS_MAX
    assert len(seen.reasons) == REASONS_MAX + 1
    assert sum(seen.reasons.values()) == 1000


def test_slots_are_a_second_long_and_longer_for_long_runs() -> None:
    assert slot_s(60) == 1
    assert slot_s(3600) * SLOTS_MAX > 3600


def test_codes_come_in_the_protocols_order() -> None:
    seen = Record(slot_s=1.0)
    seen.slot(0).codes = {NO_REPLY: 1, "15/*": 1, "0/10": 1, "0/9": 1}

    assert list(seen.codes()) == ["0/9", "0/10", "15/*", NO_REPLY]


def test_symbols_come_in_the_protocols_order_each_with_its_held_requests() -> None:
    seen = Record(slot_s=1.0)
    for row in ("GUEST", held("ROOM_TURN"), "ROOM_TURN", "REGISTER"):
        seen.slot(0).latency(row).add(1)

    assert seen.symbols() == ["REGISTER", "ROOM_TURN", "ROOM_TURN, held", "GUEST"]


def test_what_players_feel_adds_up_by_kind() -> None:
    one, other = record(), record()
    one.slot(0).way("chat").add(5)
    other.slot(0).way("relay").add(7)
    whole = total([one, other])

    assert whole.kinds() == ["relay", "chat"]
    assert whole.way("chat").max_us == 5
