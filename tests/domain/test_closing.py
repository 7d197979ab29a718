import pytest

from tests.room_server import playing
from tests.text_server import TextServer, finished
from turnserver.domain.closing import close_match, close_room
from turnserver.domain.documents import NO_SEAT
from turnserver.messages.reply import Refused
from turnserver.partition import Batch, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LIMITS = Limits()


def only(server: TextServer, kind: str) -> tuple[str, View]:
    """The one partition of a kind."""
    (name,) = finished(server.store.scan(kind))
    return name, finished(server.store.read(name))


def test_a_match_that_is_closed_is_over_for_both_once_they_have_all_that_was_sent() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.update("e4", 0)
    name, view = only(server, "match")

    assert finished(server.store.commit(name, close_match(view, limits=LIMITS)))

    assert bob.update("", 0) == "0/9/e4"
    assert bob.update("", 1) == "15/*/*"
    assert ann.update("d4", 1) == "15/*/*"
    assert only(server, "match")[1].value("match").left == NO_SEAT


def test_a_pair_that_loads_breaks_for_both() -> None:
    server = TextServer()
    pair = server.loading()
    name, view = only(server, "match")

    assert finished(server.store.commit(name, close_match(view, limits=LIMITS)))

    assert [server.say(f"4,*,{key},*,*") for key in (pair.server, pair.client)] == ["9/2/*", "9/2/*"]


def test_a_room_that_is_closed_has_ended() -> None:
    server = TextServer()
    playing(server, 2)
    _, view = only(server, "room")

    change = close_room(view, limits=LIMITS)

    assert change.put["room"].state == "ended/closed"


@pytest.mark.parametrize("close", [close_match, close_room])
def test_what_is_not_there_cannot_be_closed(close: object) -> None:
    assert callable(close)
    with pytest.raises(Refused) as refused:
        close(View({}, {}, 0, 0), limits=LIMITS)

    assert refused.value.answer is answers.NOT_THERE


def test_a_match_that_has_ended_cannot_be_closed() -> None:
    server = TextServer()
    ann, _ = server.game()
    ann.quit(0)

    with pytest.raises(Refused) as refused:
        close_match(only(server, "match")[1], limits=LIMITS)

    assert refused.value.answer is answers.WRONG_STATE


def test_a_room_that_has_ended_cannot_be_closed() -> None:
    server = TextServer()
    playing(server, 2)
    name, view = only(server, "room")
    assert finished(server.store.commit(name, Batch(put=close_room(view, limits=LIMITS).put)))

    with pytest.raises(Refused) as refused:
        close_room(only(server, "room")[1], limits=LIMITS)

    assert refused.value.answer is answers.WRONG_STATE
