"""Chat of the asynchronous client, against a real server."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.client.bad_network import bad_network, first, seeded
from tests.client.room_game import QUICK, ROOM
from turnserver.client.async_chats import Chat
from turnserver.client.async_rooms import Session
from turnserver.client.asynchronous import pair
from turnserver.client.errors import Closed

pytestmark = pytest.mark.anyio
LINES = 8


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def lobby(stack: AsyncExitStack, url: str, title: str) -> Chat:
    """A new guest's chat."""
    return await (await stack.enter_async_context(Session(url, title=title, timing=QUICK))).chat()


async def texts(chat: Chat, count: int) -> list[str]:
    """The next lines."""
    return [(await chat.receive_one()).text for _ in range(count)]


async def test_all_read_what_was_said_and_who_is_there(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = [await lobby(stack, server, title) for _ in range(2)]
        await ann.say("hi")
        await bob.say("hello")

        assert await texts(ann, 2) == await texts(bob, 2) == ["hi", "hello"]
        assert len(await ann.people()) == 2
        assert await ann.receive(wait_s=0) == []


async def test_a_room_and_a_game_have_channels_of_their_own(server: str, title: str) -> None:
    async with Session(server, title=title, timing=QUICK) as session, await session.create(ROOM, name="p0") as room:
        await room.chat().say("in the room")
        assert [line.name for line in await room.chat().receive()] == ["p0"]

    async def play(name: str, partner: str) -> list[tuple[str, str]]:
        async with pair(server, name, partner=partner, title=title, timing=QUICK) as game:
            chat = game.chat()
            await chat.say("good luck")
            lines = [await chat.receive_one() for _ in range(2)]
            await game.send("done")
            assert await game.receive_one() == "done"
            return [(line.name, line.text) for line in lines]

    hers, his = await asyncio.gather(play("ann", "bob"), play("bob", "ann"))
    assert hers == his
    assert sorted(hers) == [("~ann", "good luck"), ("~bob", "good luck")]


async def test_a_line_that_is_said_ends_the_wait_of_another_task(server: str, title: str) -> None:
    with bad_network(server, first()) as network:
        async with AsyncExitStack() as stack:
            ann = await lobby(stack, network.address, title)
            await ann.receive(wait_s=0)
            network.holding.clear()
            received = asyncio.ensure_future(ann.receive(wait_s=60))
            assert await asyncio.to_thread(network.holding.wait, 10)
            await ann.say("hi")

            assert [line.text for line in await asyncio.wait_for(received, 10)] == ["hi"]


async def test_the_end_of_a_session_ends_the_loop_of_another_task(server: str, title: str) -> None:
    async def read() -> list[str]:
        return [line.text async for line in ann]

    with bad_network(server, first()) as network:
        async with Session(network.address, title=title, timing=QUICK) as session:
            ann = await session.chat()
            await ann.say("hi")
            network.holding.clear()
            reading = asyncio.ensure_future(read())
            assert await asyncio.to_thread(network.holding.wait, 10)
        assert await asyncio.wait_for(reading, 10) == ["hi"]
        with pytest.raises(Closed):
            await ann.say("hello")


async def test_lines_whose_calls_were_cancelled_are_said_once_and_in_order(server: str, title: str) -> None:
    said = [f"{number}" for number in range(LINES)]
    async with AsyncExitStack() as stack:
        ann, bob = [await lobby(stack, server, title) for _ in range(2)]
        for number, text in enumerate(said):
            saying = asyncio.ensure_future(ann.say(text))
            await asyncio.wait((saying,), timeout=0.001 * number)
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)

        async with asyncio.timeout(30):
            assert await texts(ann, len(said)) == await texts(bob, len(said)) == said


async def test_lines_that_are_cancelled_while_another_has_the_turn_are_said_too(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = [await lobby(stack, server, title) for _ in range(2)]
        async with ann._connection.for_sending():
            saying = [asyncio.ensure_future(ann.say(text)) for text in ("one", "two")]
            await asyncio.sleep(0)
            for one in saying:
                one.cancel()
            await asyncio.gather(*saying, return_exceptions=True)
        await ann.say("three")

        async with asyncio.timeout(30):
            assert await texts(bob, 3) == ["one", "two", "three"]


@pytest.mark.parametrize("seed", range(3))
async def test_over_bad_networks_all_read_every_line_once_and_in_the_same_order(
    server: str, title: str, seed: int
) -> None:
    async def speak(chat: Chat, name: int) -> None:
        for number in range(LINES):
            await chat.say(f"{name}:{number}")

    async with AsyncExitStack() as stack:
        urls = [stack.enter_context(bad_network(server, seeded(seed + 100 * one))).address for one in range(3)]
        chats = [await lobby(stack, url, title) for url in urls]
        talks = [talk for name, chat in enumerate(chats) for talk in (texts(chat, 3 * LINES), speak(chat, name))]
        read = [one for one in await asyncio.wait_for(asyncio.gather(*talks), 90) if one is not None]
        assert [await chat.receive(wait_s=0) for chat in chats] == [[], [], []]

    assert read[0] == read[1] == read[2]
    for name in range(3):
        assert [text for text in read[0] if text.startswith(f"{name}:")] == [f"{name}:{n}" for n in range(LINES)]
