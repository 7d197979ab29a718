"""How rooms end, line by line, as docs/rooms.md has them."""

import asyncio

import pytest

from tests.room_server import Guest, Member, complete, members, playing
from tests.text_server import TextServer, in_no_time
from turnserver.messages.items import Left
from turnserver.protocol.limits import Limits


def test_who_leaves_during_set_up_frees_the_seat() -> None:
    server = TextServer()
    ann, bob, cid = members(server, 3)

    assert bob.leave() == "0/28/*"
    assert bob.leave() == "0/28/*"
    assert bob.poll() == "30/*/*"
    assert ann.poll().endswith("|l:1;left")
    dee = Guest(server).join(ann.room, "dee")
    assert (dee.seat, cid.seat) == ("1", "2")
    assert dee.header["members"] == [ann.guest.name, "dee", cid.guest.name]


def test_a_game_goes_on_without_who_leaves() -> None:
    ann, bob, cid = playing(TextServer(), 3)
    ann.turn(1)
    cid.turn(1)

    assert bob.leave() == bob.leave() == "0/28/*"

    assert ann.poll().endswith("|l:1;left|t:1;1;200;;;;-;")
    assert bob.turn(2) == "37/*/*"
    assert bob.poll().endswith("|l:1;left|t:1;1;200;;;;-;")


def test_who_leaves_no_longer_keeps_hashes_from_being_compared() -> None:
    ann, bob, cid = playing(TextServer(), 3)
    complete([ann, bob, cid], 1)
    ann.turn(2, checked=1, told="a")
    cid.turn(2, checked=1, told="b")

    bob.leave()

    assert ann.poll().endswith("|l:1;left|d:1;disputed;0=a;2=b|s:ended/diverged")


@pytest.mark.parametrize("start", [members, playing])
def test_a_room_that_the_last_one_leaves_ends(start: type) -> None:
    server = TextServer()
    ann, bob = start(server, 2)
    ann.leave()
    viewer = bob.guest.list()
    assert bob.room in viewer

    bob.leave()

    assert bob.room not in bob.guest.list()
    assert Guest(server).join_reply(bob.room) == "37/*/*"
    assert bob.leave() == "0/28/*"


def test_a_room_that_nobody_uses_ends_by_itself_and_is_forgotten_later() -> None:
    server = TextServer(Limits(room_idle_s=100, room_archive_s=1000))
    ann, bob = playing(server, 2)
    server.later(99)
    ann.poll()
    server.later(99)
    assert ann.poll() == "0/10/*"
    server.later(101)

    assert bob.poll().endswith("|s:ended/expired")
    server.later(999)
    assert bob.poll("*").endswith("|s:ended/expired")
    server.later(1000)
    assert bob.poll() == "30/*/*"


def test_members_who_poll_keep_a_room_that_is_being_set_up() -> None:
    server = TextServer(Limits(room_idle_s=100, room_archive_s=1))
    ann = Guest(server).create()
    ann.poll()
    for _ in range(50):
        server.later(9)
        assert ann.poll() == "0/10/*"


def test_a_room_whose_record_is_full_ends() -> None:
    ann, bob = playing(TextServer(Limits(room_record_bytes_max=2000)), 2)
    for generation in range(1, 100):
        ann.turn(generation, "x" * 100)
        if bob.turn(generation).endswith("s:ended/closed"):
            break

    assert generation < 20
    assert ann.poll().endswith("|s:ended/closed")


def test_who_is_silent_for_long_during_set_up_makes_room_for_others() -> None:
    server = TextServer(Limits(room_setup_silence_s=100))
    ann = Guest(server).create(players=[2, 2])
    bob = Guest(server).join(ann.room, "bob")
    for _ in range(10):
        server.later(10)
        ann.ready()

    assert ann.poll() == "0/10/*"
    assert ann.seen[-1] == Left(1, "silent")
    assert bob.poll() == bob.ready() == "30/*/*"
    cid = Guest(server).join(ann.room, "cid")
    assert cid.seat == "1"
    assert cid.ready().endswith("|s:running")
    assert bob.guest.join_reply(ann.room) == "37/*/*"


@pytest.mark.parametrize("request_of", [(23, "{}"), (24, "1"), (26, "*"), (27, "NEXT")])
def test_who_asks_for_anything_during_set_up_keeps_the_seat(request_of: tuple[int, str]) -> None:
    server = TextServer(Limits(room_setup_silence_s=100))
    ann, bob = members(server, 2, players=[3, 3])
    for _ in range(50):
        server.later(40)
        ann.poll()
        assert not bob.say(*request_of).startswith("30/")

    assert ann.poll() == "0/10/*"


def test_a_newcomer_when_nobody_is_there_lets_the_time_of_all_begin_anew() -> None:
    server = TextServer(Limits(room_setup_silence_s=100))
    ann, bob = members(server, 2)
    server.later(800)
    cid = Guest(server).join(ann.room)
    assert cid.header["members"][:2] == [ann.guest.name, bob.guest.name]
    server.later(99)
    cid.poll()
    assert bob.ready().endswith("|r:1;1")
    for _ in range(2):
        server.later(50)
        cid.poll()

    assert bob.poll() == "30/*/*"


def test_a_poll_after_a_long_time_without_anybody_keeps_all_seats() -> None:
    server = TextServer(Limits(room_setup_silence_s=100))
    ann, bob = members(server, 2)
    server.later(800)
    ann.poll()
    server.later(99)
    ann.poll()

    assert bob.ready().endswith("|r:1;1")


def test_joining_again_is_a_sign_of_life() -> None:
    server = TextServer(Limits(room_setup_silence_s=100))
    ann, bob = members(server, 2)
    server.later(60)
    ann.poll()
    server.later(39)
    bob = bob.guest.join(ann.room)
    server.later(50)
    ann.poll()

    assert bob.ready().endswith("|r:1;1")


def gone_for_long(server: TextServer, gone: Member, stays: Member) -> None:
    """Let so long pass that one member's seat is free again."""
    for _ in range(11):
        server.later(10)
        stays.poll()
    assert gone.poll() == "30/*/*"


def test_a_late_copy_of_a_join_does_not_bring_its_dead_key_back() -> None:
    server = TextServer(Limits(room_setup_silence_s=100))
    ann = Guest(server).create()
    bob = Guest(server).join(ann.room, counter="once")
    gone_for_long(server, bob, ann)

    assert bob.guest.join_reply(ann.room, counter="once") == "34/*/*"
    again = bob.guest.join(ann.room, counter="twice")
    assert (again.seat, again.key != bob.key) == ("1", True)


def test_the_request_that_made_a_room_leads_there_again_with_a_key_that_works() -> None:
    server = TextServer(Limits(room_setup_silence_s=100))
    ann = Guest(server).create(counter="once")
    bob = Guest(server).join(ann.room)
    gone_for_long(server, ann, bob)

    again = ann.guest.create(counter="once")
    again.ready()
    assert (again.room, again.key, bob.ready().endswith("|s:running")) == (ann.room, ann.key, True)
    assert again.leave() == "0/28/*"
    assert bob.poll().endswith("|l:0;left")


def test_a_poll_that_waits_is_a_sign_of_life_whatever_the_time_limit_is() -> None:
    async def scenario(server: TextServer) -> list[str]:
        ann, bob = members(server, 2)
        waits = asyncio.create_task(server.answer(bob.line(26), wait_s=20))
        for _ in range(15):
            await asyncio.sleep(1)
            ann.hear(await server.answer(ann.line(26)))
        return [await server.answer(ann.line(24, "1")), await waits]

    told = in_no_time(scenario, Limits(room_setup_silence_s=5))

    assert all(reply.endswith("r:0;1") for reply in told)
