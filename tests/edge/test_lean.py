"""What uvicorn makes for every connection is made when it is needed, and not before."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from turnserver.edge.connection import ShortExchange
from turnserver.edge.lean import LeanProtocol

ADDRESS = ("192.0.2.7", 40_000)


class Wire(asyncio.Transport):
    """A transport that leads nowhere."""

    def __init__(self) -> None:
        super().__init__({"peername": ADDRESS, "sockname": ("192.0.2.1", 80)})
        self.closing = False

    def is_closing(self) -> bool:
        """True once it was closed."""
        return self.closing

    def close(self) -> None:
        """Close it."""
        self.closing = True


async def app(_scope: Any, _receive: Any, _send: Any) -> None:
    """An application that nobody asks."""


def played(scenario: Callable[[LeanProtocol, ServerState], None]) -> None:
    """A connection that was just opened, in an event loop."""

    async def play() -> None:
        state = ServerState()
        protocol = LeanProtocol(Config(app, log_config=None), state, {})
        protocol.connection_made(Wire())
        scenario(protocol, state)

    asyncio.run(play())


def test_a_new_connection_is_known_to_the_server_and_has_nothing_else() -> None:
    def scenario(protocol: LeanProtocol, state: ServerState) -> None:
        assert state.connections == {protocol}
        made: list[object] = [protocol.parser, protocol.flow, protocol.client]
        assert made == [None, None, None]
        assert not hasattr(protocol, "app")

        protocol.connection_lost(None)
        assert (state.connections, protocol.transport.is_closing()) == (set(), True)

    played(scenario)


def test_a_parser_is_made_that_lets_something_follow_a_request_that_closes() -> None:
    def scenario(protocol: LeanProtocol, _state: ServerState) -> None:
        protocol.make_parser()
        protocol.make_whole()

        protocol.parser.feed_data(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n\r\nmore")

        assert protocol.url == b"/"

    played(scenario)


def test_what_is_made_whole_keeps_its_parser_and_the_request_under_way() -> None:
    def scenario(protocol: LeanProtocol, state: ServerState) -> None:
        protocol.make_parser()
        parser, cycle = protocol.parser, ShortExchange()
        protocol.cycle = cycle  # type: ignore[assignment]  # as connections do

        protocol.make_whole()
        flow, pipeline = protocol.flow, protocol.pipeline
        protocol.make_whole()

        kept: list[object] = [protocol.parser, protocol.cycle]
        assert kept == [parser, cycle]
        assert protocol.flow is flow is not None
        assert protocol.pipeline is pipeline
        assert protocol.client == ADDRESS
        assert state.connections == {protocol}

    played(scenario)


@pytest.mark.parametrize("is_whole_first", [True, False])
def test_a_client_that_does_not_read_is_known_whenever_it_stopped(is_whole_first: bool) -> None:  # noqa: FBT001  # a case
    def scenario(protocol: LeanProtocol, _state: ServerState) -> None:
        if is_whole_first:
            protocol.make_whole()
        protocol.pause_writing()
        protocol.make_whole()
        paused = (protocol.is_write_paused, protocol.flow.write_paused)
        protocol.resume_writing()

        assert paused == (True, True)
        assert (protocol.is_write_paused, protocol.flow.write_paused) == (False, False)

    played(scenario)


def test_who_reads_again_before_anything_was_made_is_not_waited_for() -> None:
    def scenario(protocol: LeanProtocol, _state: ServerState) -> None:
        protocol.pause_writing()
        protocol.resume_writing()
        protocol.make_whole()

        assert not protocol.flow.write_paused

    played(scenario)


def test_an_address_is_known_once_it_was_asked_for_in_time() -> None:
    def scenario(protocol: LeanProtocol, _state: ServerState) -> None:
        protocol.know_client()
        protocol.transport.close()
        protocol.know_client()

        assert protocol.client == ADDRESS

    played(scenario)


def test_of_a_connection_that_closes_no_address_is_asked() -> None:
    def scenario(protocol: LeanProtocol, _state: ServerState) -> None:
        protocol.transport.close()
        protocol.know_client()

        assert protocol.client is None

    played(scenario)
