"""Inboxes of the asynchronous client, against a real server."""

import asyncio
from contextlib import suppress

import pytest

from tests.client.bad_network import bad_network, seeded
from tests.client.room_game import QUICK
from tests.site import Site
from turnserver.client import Session as BlockingSession
from turnserver.client.async_rooms import Session
from turnserver.messenger.asynchronous import Messenger

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse"
COUNT = 40


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def send(site: Site, user: str) -> None:
    """Send a user the numbers up to COUNT."""
    async with Messenger(site.url, site.key) as world:
        for number in range(COUNT):
            await world.send(user, "note", number)


async def test_a_user_reads_what_came_and_goes_on_from_a_place(site: Site, title: str) -> None:
    async with Session.register(site.url, title, PASSWORD, timing=QUICK) as ann:
        inbox = await ann.inbox()
        assert await inbox.receive(wait_s=0) == []
        await send(site, title)
        first = await inbox.receive_one()

        behind = await ann.inbox(after=first.after)
        assert [message.data for message in await behind.receive()] == list(range(1, COUNT))


@pytest.mark.parametrize("seed", range(3))
async def test_over_a_bad_network_every_message_comes_once_and_in_order(site: Site, title: str, seed: int) -> None:
    token = BlockingSession.register(site.url, title, PASSWORD, timing=QUICK).token
    received: list[object] = []

    async def read() -> None:
        async with Session(network.address, token=token, timing=QUICK) as ann:
            async for message in await ann.inbox():
                received.append(message.data)
                if message.data == COUNT - 1:
                    return

    with bad_network(site.url, seeded(seed)) as network:
        await asyncio.wait_for(asyncio.gather(read(), send(site, title)), 60)

    assert received == list(range(COUNT))


async def test_tasks_share_an_inbox_and_a_wait_that_is_cancelled_loses_nothing(site: Site, title: str) -> None:
    async with Session.register(site.url, title, PASSWORD, timing=QUICK) as ann:
        inbox = await ann.inbox()
        received: list[object] = []

        async def read(patience_s: float) -> None:
            while len(received) < COUNT:
                with suppress(TimeoutError):
                    async with asyncio.timeout(patience_s):
                        received.append((await inbox.receive_one()).data)

        await asyncio.wait_for(asyncio.gather(read(0.01), read(0.05), send(site, title)), 60)

    assert sorted(map(str, received)) == sorted(map(str, range(COUNT)))
