from turnserver.domain.owed import OWED, Event, Owed, is_owing, owed, owing, told
from turnserver.partition import EMPTY, Batch, View

LEFT = Owed("room:r", "room_left", "{}", ("guest:a",))
ENDED = Owed("room:r", "room_ended", "{}", ("guest:a", "guest:b"))


def room(*events: Owed) -> View:
    return View({}, {OWED: EMPTY.appended(owing(events).get(OWED, ()))}, 0, 0)


def test_what_nobody_is_to_hear_is_not_owed() -> None:
    assert owing([Owed("room:r", "room_left", "{}")]) == {}
    assert not is_owing(room())
    assert not is_owing(View({}, {}, 0, 0))


def test_events_are_owed_in_their_order_and_numbered_by_their_place() -> None:
    view = room(LEFT, ENDED)

    assert is_owing(view)
    assert owed(view) == [
        (Event("room:r", 0, "room_left", "{}"), LEFT),
        (Event("room:r", 1, "room_ended", "{}"), ENDED),
    ]
    assert told(view) == Batch(release={OWED: 2})


def test_what_was_told_is_crossed_out_and_keeps_its_number() -> None:
    view = View({}, {OWED: room(LEFT).stream(OWED).released(1)}, 0, 0)

    assert not is_owing(view)
    view = View({}, {OWED: view.stream(OWED).appended(owing([ENDED])[OWED])}, 0, 0)
    assert owed(view) == [(Event("room:r", 1, "room_ended", "{}"), ENDED)]
