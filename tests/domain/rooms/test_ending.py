from turnserver.domain.rooms.documents import Room
from turnserver.domain.rooms.ending import DIVERGED, archive_ms, end, life_ms
from turnserver.messages.items import Joined, Moved
from turnserver.protocol.limits import Limits

LIMITS = Limits(room_idle_s=10, room_archive_s=60)


def test_the_last_item_says_why_and_the_record_is_kept_for_a_while() -> None:
    change = end(Room((), "running"), DIVERGED, now_ms=7, limits=LIMITS, before=(Joined(0, "ann"),))

    assert change.items == (Joined(0, "ann"), Moved("ended/diverged"))
    assert change.put == {"room": Room((), "ended/diverged", ended_ms=7)}
    assert change.ttl_ms == 60_000


def test_a_room_that_nobody_uses_lives_until_it_has_ended_and_its_record_was_kept() -> None:
    assert archive_ms(LIMITS) == 60_000
    assert life_ms(LIMITS) == 70_000
