"""From a session to a place in a room, whatever the network loses."""

import pytest

from tests.client.room_game import QUICK, ROOM, seating
from tests.client.world import World, heard, missed, perform, scripted
from turnserver.client.errors import ProtocolError, RoomUnknown, ServerFull, Unreachable, WrongState
from turnserver.client.exchange import Heard, Missed, Post
from turnserver.client.seating import Seating, checked_name, checked_room, wishes_of
from turnserver.messages.rooms import Filter

WISHES = wishes_of(ROOM)


def test_a_session_is_opened_once_and_when_it_is_needed() -> None:
    world = World()
    session = seating()
    assert session.token is None
    world.perform(session.list(Filter()))
    world.perform(session.list(Filter()))

    assert [line.partition(b",")[0] for line in world.lines] == [b"62", b"29", b"29"]


def test_a_room_whose_answer_was_lost_is_made_once() -> None:
    world = World()
    session = seating()
    token = world.perform(session.open())
    lost = []

    def network(post: Post) -> Heard | Missed:
        answer = world.post(post)
        lost.append(answer)
        return missed() if len(lost) == 1 else answer

    member = perform(session.create(WISHES, "ann"), network)

    assert session.token == token
    assert [one.room for one in world.perform(session.list(Filter()))] == [member.room]
    assert lost[0].line == lost[1].line


def test_joining_again_gives_the_same_seat_another_key() -> None:
    world = World()
    session = seating()
    first = world.perform(session.create(WISHES, None))
    again = world.perform(session.join(first.room, None))

    assert (again.room, again.seat) == (first.room, first.seat)
    assert again.key != first.key


def test_a_session_can_be_gone_on_with_elsewhere() -> None:
    world = World()
    session = seating()
    first = world.perform(session.create(WISHES, None))
    elsewhere = Seating(session.token, QUICK, lambda: "another mark")

    assert world.perform(elsewhere.join(first.room, None)).seat == 0


def test_refusals_are_errors_with_names() -> None:
    world = World()
    with pytest.raises(RoomUnknown):
        world.perform(seating().join("x" * 12, None))
    with pytest.raises(ServerFull):
        perform(seating().open(), scripted([heard("33/*/*", http=409)]))
    with pytest.raises(WrongState):
        perform(seating().open(), scripted([heard("37/*/*", http=409)]))


@pytest.mark.parametrize("line", ["0/62/no fields", "0/10/*"])
def test_an_answer_that_makes_no_sense_is_said_to(line: str) -> None:
    with pytest.raises(ProtocolError):
        perform(seating().open(), scripted([heard(line)]))


def test_a_server_that_never_answered_is_given_up_soon() -> None:
    with pytest.raises(Unreachable):
        perform(seating().open(), scripted([missed(took_s=QUICK.first_reply_s)]))


def test_what_the_server_would_refuse_is_a_value_error() -> None:
    for bad in ({}, ROOM | {"turn_ms": 0}, ROOM | {"colour": 1}):
        with pytest.raises(ValueError, match="not a room"):
            wishes_of(bad)
    for name in ("", "a,b", "lobby"):
        with pytest.raises(ValueError, match="not a name"):
            checked_name(name)
    for room in ("", "ä", "a\n"):
        with pytest.raises(ValueError, match="not the id"):
            checked_room(room)
    assert (checked_name(None), checked_name("ann"), checked_room("abc")) == (None, "ann", "abc")
