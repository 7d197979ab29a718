"""A town crier: a program beside the server that tells everybody of every new room, over the asynchronous `Messenger`.

    turnserver key add crier > secret
    python examples/town_crier.py "$(cat secret)" [URL]

The server tells of new rooms in the topic `rooms` of each title. The crier follows it and broadcasts what it hears; a
guest who opens a room finds the news of it in the inbox. At the end the crier kicks the guest, whose next poll says so.
"""

import asyncio
import sys

from turnserver.client import NoRight
from turnserver.client.async_rooms import Session
from turnserver.messenger import Message
from turnserver.messenger.asynchronous import Messenger, Subscription

ROOM = {"engine": "light-race 1", "seed": "7", "players": [2, 4], "name": "open house"}


async def main() -> None:
    """Let a crier and a guest meet on the server of the command line."""
    key = sys.argv[1]
    url = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8192"
    async with Messenger(url, key, title="town") as messenger, Session(url, title="town") as session:
        rooms = messenger.subscribe("rooms")
        await rooms.receive(wait_s=0)  # from now on the server tells of new rooms here
        inbox = messenger.inbox(await session.token())
        await inbox.receive(wait_s=0)  # from now on the guest has an inbox
        async with await session.create(ROOM) as open_house:
            room = (await rooms.receive_one()).data
            await messenger.broadcast("new_room", f"{room['name']}: up to {room['players'][1]} players")
            guest = open_house.setup.members[0] or ""
            await read(inbox, messenger, guest)


async def read(inbox: Subscription[Message], messenger: Messenger, guest: str) -> None:
    """Be the guest until it is kicked, which it is for knowing the news."""
    try:
        async for message in inbox:
            print("the guest reads:", message.data)
            await messenger.kick(guest, why="the town sleeps")
    except NoRight as error:
        print("the guest is told:", error)


if __name__ == "__main__":
    asyncio.run(main())
