from typing import Any

import pytest

from tests.room_server import Guest, playing
from tests.text_server import TextServer
from turnserver.domain.rooms.documents import room_partition
from turnserver.partition import Batch
from turnserver.protocol.limits import Limits
from turnserver.service.context import Context
from turnserver.service.rooms.store import RoomStore
from turnserver.store.memory import MemoryStore
from turnserver.store.seam import StoreDown


class OvertakenStore(MemoryStore):
    """A memory store in which somebody else commits to a room first, so many times."""

    overtaken = 0

    async def commit(self, name: str, batch: Batch) -> bool:
        """See `Store.commit`."""
        if self.overtaken and name.startswith("room"):
            self.overtaken -= 1
            return False
        return await super().commit(name, batch)


def overtaken_server() -> tuple[TextServer, OvertakenStore]:
    store = OvertakenStore(lambda: 0)
    return TextServer(Limits(conflicts_max=3), store=store, has_fast_path=False), store


def test_what_follows_is_done_before_anybody_looks() -> None:
    server = TextServer(Limits(room_idle_s=10))
    ann, _ = playing(server, 2)
    server.later(11)

    view = server.done(RoomStore(Context(server.store, server.limits)).read(room_partition(ann.room)))

    assert view.value("room").state == "ended/expired"


def test_who_is_overtaken_looks_again() -> None:
    server, store = overtaken_server()
    ann, bob = playing(server, 2, viewers=True)
    guest = Guest(server)
    actions: list[tuple[Any, str]] = [
        (lambda: ann.turn(1), "0/10/"),
        (lambda: bob.turn(1), "0/26/"),
        (lambda: ann.event("pause"), "0/26/"),
        (lambda: guest.watch_reply(ann.room), "0/22/"),
        (lambda: ann.guest.join_reply(ann.room), "0/21/"),
        (guest.create_reply, "0/20/"),
        (bob.leave, "0/28/"),
    ]

    for action, reply in actions:
        store.overtaken = 2
        assert action().startswith(reply)
        store.overtaken = 0


def test_who_is_overtaken_all_the_time_gives_up_and_the_client_may_ask_again() -> None:
    server, store = overtaken_server()
    ann, bob = playing(server, 2, viewers=True)
    guest = Guest(server)
    actions: list[Any] = [
        lambda: ann.turn(1),
        lambda: guest.watch_reply(ann.room),
        lambda: ann.guest.join_reply(ann.room),
        guest.create_reply,
        bob.leave,
    ]

    for action in actions:
        store.overtaken = 1000
        with pytest.raises(StoreDown):
            action()
        store.overtaken = 0


def test_what_follows_gives_up_too() -> None:
    server, store = overtaken_server()
    ann, bob = playing(server, 2)
    bob.turn(1)
    ann.say(25, "1;;;;;")
    server.now_ms = 0
    store.now_ms = lambda: 1_000_000
    store.overtaken = 1000

    with pytest.raises(StoreDown):
        ann.poll()


def test_two_servers_on_one_store_release_each_packet_once() -> None:
    server = TextServer()
    other = TextServer(store=server.store)
    ann, bob = playing(server, 2)
    for generation in range(1, 20):
        ann.turn(generation, f"a{generation}")
        bob.hear(other.say(bob.line(25, f"{generation};;;;;b{generation}")))
        ann.poll()

    assert [packet.commands for packet in ann.packets] == [(f"a{number}", f"b{number}") for number in range(1, 20)]
    assert bob.packets == ann.packets
