"""A request that is held on a connection: no task waits for it, and nobody is held who has gone."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from tests.edge.test_lean import Wire, app
from tests.raw_http import post
from tests.room_server import playing
from tests.text_server import Seated, TextServer
from turnserver.edge.connection import Connection
from turnserver.edge.exchange import Exchange
from turnserver.edge.heads import Heads
from turnserver.edge.outbox import Outbox
from turnserver.settings import Settings


class Written(Wire):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep the body of a response."""
        self.bodies.append(bytes(data).partition(b"\r\n\r\n")[2])


class Client:
    """A connection to a server in this process."""

    def __init__(self, server: TextServer, settings: Settings | None = None) -> None:
        self.wire = Written()
        exchange = Exchange(server.answering, server.store, server.limits, server.fast_path, server.fast_turns)
        parts = (exchange, server.store, Outbox(server.store), Heads(), settings or Settings())
        self.connection = Connection(
            *parts, config=Config(app, log_config=None), server_state=ServerState(), app_state={}
        )
        self.connection.connection_made(self.wire)

    def send(self, line: str, wait_s: int = 20) -> None:
        """Send a request that waits."""
        self.connection.data_received(post(line.encode(), b"/?wait=%d" % wait_s))

    async def bodies(self) -> list[bytes]:
        """What has come back after a few rounds of the event loop."""
        for _ in range(4):
            await asyncio.sleep(0)
        return self.wire.bodies


Scenario = Callable[[TextServer, Seated, Seated], Awaitable[None]]


def played(scenario: Scenario) -> None:
    async def play() -> None:
        server = TextServer()
        await scenario(server, *server.game())

    asyncio.run(play())


def test_a_held_request_is_answered_when_there_is_something_to_say_and_is_no_task() -> None:
    async def scenario(server: TextServer, ann: Seated, bob: Seated) -> None:
        client = Client(server)
        client.send(bob.line("", 0))

        assert await client.bodies() == []
        assert (server.context.usage.held, len(asyncio.all_tasks())) == (1, 1)
        ann.update("a", 0)
        assert await client.bodies() == [b"0/9/a"]
        assert server.context.usage.held == 0
        client.send(bob.line("", 1))
        ann.update("b", 1)
        assert await client.bodies() == [b"0/9/a", b"0/9/b"]

    played(scenario)


@pytest.mark.parametrize("is_rung", [False, True], ids=["while it waits", "when it was rung"])
def test_who_goes_away_is_held_no_more(is_rung: bool) -> None:  # noqa: FBT001  # a case
    async def scenario(server: TextServer, ann: Seated, bob: Seated) -> None:
        client = Client(server)
        client.send(bob.line("", 0))
        if is_rung:
            ann.update("a", 0)
        client.connection.connection_lost(None)
        if not is_rung:
            ann.update("a", 0)

        assert await client.bodies() == []
        assert (server.context.usage.held, server.context.usage.holds) == (0, 1)
        assert bob.poll(0) == "0/11/a"

    played(scenario)


def test_all_who_wait_for_a_packet_are_told_the_same_by_the_last_turn() -> None:
    async def scenario(server: TextServer, _ann: Seated, _bob: Seated) -> None:
        everybody = playing(server, 4)
        for member in everybody:
            member.turn(1)
        for member in everybody:
            member.poll()
        clients = [Client(server) for _ in everybody]
        for client, member in zip(clients[:3], everybody, strict=False):
            client.send(member.line(25, f"2;;;;;{member.seat}"))
            assert await client.bodies() == []
        assert (server.context.usage.held, len(asyncio.all_tasks())) == (3, 1)
        clients[0].connection.connection_lost(None)
        clients[3].send(everybody[3].line(25, "2;;;;;3"))

        told = [await client.bodies() for client in clients]
        assert told == [[], *[told[3]] * 3]
        assert told[3][0].endswith(b"|t:2;;;;;0;1;2;3")
        assert (server.context.usage.held, server.context.usage.holds) == (0, 3)

    played(scenario)


def test_a_batch_that_is_willing_to_wait_does_not() -> None:
    async def scenario(server: TextServer, _ann: Seated, bob: Seated) -> None:
        client = Client(server)
        client.connection.data_received(post(bob.line("", 0).encode(), b"/batch?wait=20"))

        assert await client.bodies() == [b"0/10/*"]

    played(scenario)


def test_what_is_wrong_with_a_request_that_is_willing_to_wait_is_said_at_once() -> None:
    async def scenario(server: TextServer, _ann: Seated, bob: Seated) -> None:
        client = Client(server)
        client.send("9,,,,")

        assert await client.bodies() == [b"4/0/*"]
        client.send(bob.line("", 7))
        assert await client.bodies() == [b"4/0/*", b"19/*/*"]

    played(scenario)


def test_who_is_held_owes_nothing_and_who_was_answered_owes_the_next_request() -> None:
    async def scenario(server: TextServer, ann: Seated, bob: Seated) -> None:
        client = Client(server, Settings(keep_alive_s=0.01))
        client.send(bob.line("", 0))
        await asyncio.sleep(0.02)
        client.connection.close_if_stale()
        assert not client.wire.is_closing()

        ann.update("a", 0)
        assert await client.bodies() == [b"0/9/a"]
        client.connection.close_if_stale()
        assert not client.wire.is_closing()

        await asyncio.sleep(0.02)
        client.connection.close_if_stale()
        assert client.wire.is_closing()

    played(scenario)
