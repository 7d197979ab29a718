"""The asynchronous messenger, against a real server."""

import asyncio
import uuid

import pytest

from tests.client.bad_network import bad_network, seeded
from tests.site import Site
from turnserver.client import NoRight, Session, Timing
from turnserver.messenger.asynchronous import Messenger

QUICK = Timing(pause_first_s=0.01, pause_most_s=0.05, rest_s=0.02)


def guest(site: Site) -> tuple[str, str]:
    """The token and the name of a new guest."""
    replies: list[bytes] = []
    token = Session(site.url, timing=QUICK, observe=lambda _line, reply: replies.append(reply)).token
    return token, replies[0].decode().rpartition("|")[2]


def test_everything_that_the_synchronous_one_sends_arrives(site: Site, title: str) -> None:
    async def scenario() -> list[tuple[str, object]]:
        async with Messenger(site.url, site.key, title=title, timing=QUICK) as messenger:
            token, name = guest(site)
            inbox, topic, queue = messenger.inbox(token), messenger.subscribe("scores"), messenger.listen(title)
            await inbox.receive(wait_s=0)
            await messenger.send(name, "note", 1)
            await messenger.broadcast(title, 2)
            await messenger.debug("three", user=name)
            await messenger.debug("four")
            await messenger.publish("scores", "goal", 5)
            await messenger.enqueue(title, "check", 6)
            await messenger.mute(name, 1)
            assert messenger.number == 6
            messages = [*await inbox.receive(), *await topic.receive(), *await queue.receive()]
            await messenger.kick(name, why="enough")
            with pytest.raises(NoRight, match=r"kicked: enough$"):
                await inbox.receive()
            return [(message.action, message.data) for message in messages]

    assert asyncio.run(scenario()) == [
        ("note", 1),
        (title, 2),
        ("debug", {"message": "three"}),
        ("debug", {"message": "four"}),
        ("goal", 5),
        ("check", 6),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_everything_arrives_once_and_in_order_over_a_bad_network(site: Site, seed: int) -> None:
    queue, count = f"bad-{uuid.uuid4().hex[:8]}", 25

    async def scenario(url: str) -> list[object]:
        async with Messenger(url, site.key, timing=QUICK) as messenger:
            listening = messenger.listen(queue)

            async def listen() -> list[object]:
                received = list[object]()
                async for message in listening:
                    received.append(message.data)
                    if len(received) == count:
                        break
                return received

            listener = asyncio.ensure_future(listen())
            for number in range(count):
                await messenger.enqueue(queue, "count", number)
            return await asyncio.wait_for(listener, 60)

    with bad_network(site.url, seeded(seed)) as network:
        assert asyncio.run(scenario(network.address)) == list(range(count))


def test_a_cancelled_call_is_settled_by_the_next(site: Site) -> None:
    queue = f"cancelled-{uuid.uuid4().hex[:8]}"

    async def scenario() -> list[object]:
        async with Messenger(site.url, site.key, timing=QUICK) as messenger:
            sending = asyncio.ensure_future(messenger.enqueue(queue, "count", 0))
            await asyncio.sleep(0)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await messenger.enqueue(queue, "count", 1)
            return [message.data for message in await messenger.listen(queue).receive()]

    assert asyncio.run(scenario()) == [0, 1]
