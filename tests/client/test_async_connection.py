"""A connection over aiohttp; how tasks share one is seen in test_asynchronous.py."""

import aiohttp
import pytest

from tests.client.bad_network import Fate, Reply, bad_network, first, serving
from turnserver.client import Timing, Unreachable, async_connection
from turnserver.client.address import address
from turnserver.client.async_connection import Connection
from turnserver.client.asynchronous import pair
from turnserver.client.exchange import Heard, Missed, Post, Steps

pytestmark = pytest.mark.anyio
REGISTER = b"0,ann,*,*,*"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def posts(*lines: bytes) -> Steps[list[Heard | Missed]]:
    outcomes = []
    for line in lines:
        outcome = yield Post(line)
        outcomes.append(outcome)
    return outcomes


async def test_what_is_missed_is_told_and_another_connection_goes_to_the_same_server(server: str) -> None:
    seen: list[bytes] = []
    with bad_network(server, first(Fate.REPLY_LOST)) as network:
        async with aiohttp.ClientSession() as http:
            one = Connection(http, address(network.address), Timing(), lambda line, _reply: seen.append(line))
            outcomes = await one.perform(posts(REGISTER, REGISTER))
            async with one.for_waiting():
                outcomes += await one.another().perform(posts(REGISTER))

    assert [type(outcome) for outcome in outcomes] == [Missed, Heard, Heard]
    assert seen == [REGISTER] * 2


async def test_a_reply_without_an_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(async_connection, "REPLY_BYTES_MAX", 10)
    with serving(lambda *_: Reply(200, b"0/0/" + b"x" * 7)) as url, pytest.raises(Unreachable, match="more than 10"):
        async with pair(url, "ann", timing=Timing(first_reply_s=0.05)):
            pass


async def test_a_reply_without_a_length_may_have_been_cut_off_and_is_missed() -> None:
    answer = Reply(200, b"0/0/KEY", (("Connection", "close"),))
    with serving(lambda *_: answer) as url, pytest.raises(Unreachable, match="cut off"):
        async with pair(url, "ann", timing=Timing(first_reply_s=0.05)):
            pass


async def test_a_request_for_which_no_connection_came_about_was_not_sent() -> None:
    with serving(lambda *_: None) as url:
        pass
    async with aiohttp.ClientSession() as http:
        (outcome,) = await Connection(http, address(url), Timing(), None).perform(posts(REGISTER))

    assert isinstance(outcome, Missed)
    assert not outcome.was_sent
