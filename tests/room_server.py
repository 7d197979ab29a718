"""Rooms for tests: guests, members and viewers who speak lines to a server without HTTP."""

import json
from collections.abc import Sequence
from typing import Any

from tests.text_server import TextServer
from turnserver.messages.items import Item, Packet
from turnserver.messages.rooms import Seated
from turnserver.protocol.limits import Limits
from turnserver.service.rooms.fast_turns import FastTurns
from turnserver.wire import cursor as cursors
from turnserver.wire.room_replies import parse_items, parse_opened, parse_seated


class Guest:
    """Somebody with a session."""

    def __init__(self, server: TextServer) -> None:
        self.server = server
        opened = parse_opened(server.say("62,*,*,*,*").removeprefix("0/62/").encode())
        self.token, self.name = opened.token, opened.name

    def create(self, player: str = "*", counter: str = "*", **wishes: Any) -> "Member":
        """The first member of a new room."""
        return Member(self, self.create_reply(player, counter, **wishes))

    def create_reply(self, player: str = "*", counter: str = "*", **wishes: Any) -> str:
        """The reply to ROOM_CREATE."""
        given = {"engine": "chess 1", "seed": "7", "players": [2, 8]} | wishes
        return self.server.say(f"20,{json.dumps(given)},{self.token},{player},{counter}")

    def join(self, room: str, name: str = "*", counter: str = "*") -> "Member":
        """A member of a room."""
        return Member(self, self.join_reply(room, name, counter))

    def join_reply(self, room: str, name: str = "*", counter: str = "*") -> str:
        """The reply to ROOM_JOIN."""
        return self.server.say(f"21,{room},{self.token},{name},{counter}")

    def watch(self, room: str, counter: str = "*") -> "Member":
        """A viewer of a room."""
        return Member(self, self.watch_reply(room, counter))

    def watch_reply(self, room: str, counter: str = "*") -> str:
        """The reply to ROOM_WATCH."""
        return self.server.say(f"22,{room},{self.token},*,{counter}")

    def list(self, wanted: str = "*", title: str = "") -> str:
        """The reply to ROOM_LIST."""
        return self.server.say(f"29,{wanted},{self.token},*,*", title)


class Member:
    """Who holds a room key: a member or a viewer. Its cursor follows the replies."""

    def __init__(self, guest: Guest, reply: str) -> None:
        assert reply.startswith(("0/20/", "0/21/", "0/22/")), reply
        self.guest, self.server = guest, guest.server
        self.seated: Seated = parse_seated(reply.split("/", 2)[2].encode())
        self.room, self.key = self.seated.room, self.seated.key
        self.seat = "*" if self.seated.seat is None else f"{self.seated.seat}"
        self.cursor = cursors.encode(self.seated.cursor)
        self.header: dict[str, Any] = json.loads(self.seated.header)
        self.seen: list[Item] = []

    def line(self, symbol: int, data: str = "*", cursor: str | None = None) -> str:
        """A line with this key, seat and cursor."""
        return f"{symbol},{data},{self.key},{self.seat},{self.cursor if cursor is None else cursor}"

    def say(self, symbol: int, data: str = "*", cursor: str | None = None) -> str:
        """The reply to a line; the cursor and `seen` follow it."""
        reply = self.server.say(self.line(symbol, data, cursor))
        self.hear(reply)
        return reply

    def hear(self, reply: str) -> None:
        """Take a reply in."""
        if reply.startswith("0/26/"):
            cursor, items = parse_items(reply.removeprefix("0/26/").encode())
            self.cursor = cursors.encode(cursor)
            self.seen.extend(items)

    def setup(self, **patch: Any) -> str:
        """The reply to a change of the configuration."""
        return self.say(23, json.dumps(patch))

    def ready(self, ready: int = 1) -> str:
        """The reply to ROOM_READY, with the newest cursor."""
        self.poll()
        return self.say(24, f"{ready}")

    def turn(
        self, generation: int, commands: str = "", *, checked: int | str = "", told: str = "", pace: str = ";"
    ) -> str:
        """The reply to a turn; `pace` is latency and framerate."""
        return self.say(25, f"{generation};{pace};{checked};{told};{commands}")

    def poll(self, cursor: str | None = None) -> str:
        """The reply to a poll."""
        return self.say(26, "*", cursor)

    def event(self, event: str) -> str:
        """The reply to an event, with the newest cursor."""
        self.poll()
        return self.say(27, event)

    def leave(self) -> str:
        """The reply to ROOM_LEAVE."""
        return self.server.say(f"28,*,{self.key},{self.seat},*")

    @property
    def packets(self) -> list[Packet]:
        """The packets that were seen, in the order in which they came."""
        return [item for item in self.seen if isinstance(item, Packet)]


def members(server: TextServer, count: int, **wishes: Any) -> list[Member]:
    """Members of a new room that is still being set up."""
    first = Guest(server).create(**({"players": [count, max(count, 8)]} | wishes))
    return [first, *(Guest(server).join(first.room) for _ in range(count - 1))]


def playing(server: TextServer, count: int, **wishes: Any) -> list[Member]:
    """Members of a room whose game has just begun; all have seen that."""
    everybody = members(server, count, **wishes)
    for member in everybody:
        member.ready()
    for member in everybody:
        member.poll()
        member.seen.clear()
    return everybody


def complete(everybody: Sequence[Member], generation: int) -> None:
    """Let all post an empty turn and see the packet."""
    for member in everybody:
        member.turn(generation)
    for member in everybody:
        member.poll()


def taught(count: int = 3, limits: Limits | None = None, **wishes: Any) -> tuple[FastTurns, list[Member]]:
    """A fast path that knows the members of a room that has had its first packet."""
    server = TextServer(limits)
    everybody = playing(server, count, **wishes)
    for member in everybody:
        member.turn(1)
    for member in everybody:
        member.poll()
    assert server.fast_turns is not None
    return server.fast_turns, everybody
