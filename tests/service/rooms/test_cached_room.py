"""A cached room is what its partition will be: seen by everybody, and of use to nobody who has no right to it."""

from msgspec.structs import replace

from tests.room_server import Member, members, playing, taught
from tests.text_server import TextServer, finished
from turnserver.domain.owed import Owed, owing
from turnserver.domain.rooms.documents import RECOUNT, room_partition
from turnserver.domain.rooms.turns import post
from turnserver.messages.rooms import RoomTurn
from turnserver.partition import Batch
from turnserver.wire import cursor as cursors

OPENS_ITS_STORES = True
"""Only a store in this process has a fast path."""


def test_a_turn_is_seen_by_everybody_else_before_its_packet_is_out() -> None:
    path, (ann, *_) = taught()
    path.turn(ann.line(25, "2;40;60;1;h;a").encode(), 0)

    view = finished(ann.server.store.read(room_partition(ann.room)))

    assert view.documents["seat0"].version == 3
    assert [(turn.generation, turn.commands) for turn in view.value("seat0").turns] == [(2, "a")]
    assert view.counter("reports0") == 1


def test_nothing_of_a_room_that_is_gone_is_kept() -> None:
    path, (ann, bob, cid) = taught()
    assert path.known == 3
    for member in (ann, bob, cid):
        member.leave()

    ann.server.later(10 * 3600)

    assert ann.turn(2) == "30/*/*"
    assert path.known == 0


def test_a_dead_key_takes_the_fast_path_no_more() -> None:
    path, (ann, bob, _) = taught()
    again = ann.guest.join(ann.room)
    line = ann.line(25, "2;;;;;a").encode()

    assert path.turn(line, 0) is None
    assert path.known == 3 - 1
    again.poll()
    again.turn(2)
    assert path.known == 3
    assert ann.say(25, "2;;;;;a") == "30/*/*"
    assert path.turn(bob.line(25, "2;;;;;b").encode(), 0) == b"0/10/*"


def test_turns_posted_ahead_come_out_together() -> None:
    path, (ann, bob, cid) = taught(lookahead=3)
    for member in (ann, bob):
        for generation in (2, 3):
            assert path.turn(member.line(25, f"{generation};;;;;{generation}").encode(), 0) == b"0/10/*"

    assert path.turn(cid.line(25, "2;;;;;c").encode(), 0) == f"0/26/{after(cid, 1)}|t:2;;;;;2;2;c".encode()
    cid.cursor = after(cid, 1)
    assert path.turn(cid.line(25, "3;;;;;c").encode(), 0) == f"0/26/{after(cid, 1)}|t:3;;;;;3;3;c".encode()


def after(member: Member, items: int) -> str:
    """The cursor behind so many items more."""
    cursor = cursors.parse(member.cursor)
    assert cursor is not None
    return cursors.encode(cursor._replace(offset=cursor.offset + items))


def test_no_turn_is_taken_before_the_game_begins() -> None:
    server = TextServer()
    ann, bob = members(server, 2)
    ann.ready()
    ann.poll()
    bob.poll()
    assert server.fast_turns is not None

    assert server.fast_turns.known == 1
    assert server.fast_turns.turn(ann.line(25, "1;;;;;a").encode(), 0) is None
    bob.ready()
    ann.poll()
    assert server.fast_turns.turn(ann.line(25, "1;;;;;a").encode(), 0) == b"0/10/*"


def test_a_key_counts_for_its_own_seat_alone() -> None:
    server = TextServer()
    ann, bob = playing(server, 2)
    path = server.fast_turns
    assert path is not None
    again = ann.guest.join(ann.room)

    assert server.say(again.line(25, "1;;;;;a").replace(f"{again.key},0", f"{again.key},1")) == "31/*/*"
    assert again.key.encode() not in path._seats
    assert path.turn(bob.line(25, "1;;;;;b").encode(), 0) == b"0/10/*"


def test_what_a_stopped_server_left_half_done_is_done_first() -> None:
    path, (ann, bob) = taught(2, lookahead=2)
    store = ann.server.store
    assert path.turn(ann.line(25, "2;;;;;a").encode(), 0) == b"0/10/*"
    view = finished(store.read(room_partition(ann.room)))
    posted = post(view, 1, RoomTurn(bob.key, 1, None, 2, None, None, None, "", "b"), packet=None)
    assert posted is not None
    finished(store.commit(room_partition(ann.room), posted.batch(view, ())))

    assert path.turn(ann.line(25, "3;;;;;a").encode(), 0) is None
    assert ann.turn(3, "a").endswith("|t:2;;;;;a;b")


def test_what_is_owed_is_told_first() -> None:
    path, (ann, _) = taught(2)
    owed = owing([Owed("source", "action", "{}", ("nobody",))])
    finished(ann.server.store.commit(room_partition(ann.room), Batch(append=owed)))

    assert path.turn(ann.line(25, "2;;;;;a").encode(), 0) is None
    ann.poll()
    assert path.turn(ann.line(25, "2;;;;;a").encode(), 0) == b"0/10/*"


def test_hashes_that_are_to_be_compared_again_are_compared_first() -> None:
    path, (ann, *_) = taught()
    view = finished(ann.server.store.read(room_partition(ann.room)))
    pace = replace(view.value("pace"), compared=RECOUNT)
    finished(ann.server.store.commit(room_partition(ann.room), Batch(put={"pace": pace})))

    assert path.turn(ann.line(25, "2;;;;;a").encode(), 0) is None
