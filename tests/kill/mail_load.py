"""Real load for messages: users who write to each other, a program that tells and listens, and rooms that make events.

Each source numbers what it sends to each reader. Whatever is lost, repeated or late on the way, a reader must find the
numbers of every source without a gap and in order.
"""

import asyncio
import json
from collections import defaultdict
from random import Random

from tests.kill.caller import Caller
from turnserver.client.timing import Timing
from turnserver.messenger import Message
from turnserver.messenger.asynchronous import Messenger, Subscription
from turnserver.wire.inbox import parse_mail_item

USERS = 3
QUEUE = "referee"
PATIENT = Timing(first_reply_s=60, give_up_s=60, pause_first_s=0.01, pause_most_s=0.1, rest_s=0.02)
WISHES = '{"engine":"e","seed":"1","players":[2,2]}'

Told = dict[str, list[object]]
"""By source, what it told, in order."""


class Reader:
    """What a reader should have been told, and what it was."""

    def __init__(self) -> None:
        self.expected: Told = defaultdict(list)
        self.received: Told = defaultdict(list)


class User(Reader):
    """A guest who reads an inbox and writes to others."""

    def __init__(self, reading: Caller, writing: Caller) -> None:
        super().__init__()
        self.reading, self.writing = reading, writing
        self.token, self.name, self.cursor = "", "", "*"
        self.sent = 0

    async def open(self) -> None:
        """Get a session and an inbox."""
        opened = await self.writing.ask("62,*,*,*,*")
        self.token, _, self.name = opened.removeprefix("0/62/").split("|")
        begun = await self.reading.ask(f"50,*,{self.token},*,*")
        assert begun.startswith("0/50/"), begun
        self.cursor = begun.removeprefix("0/50/")

    async def poll(self, *, wait_s: int) -> bool:
        """Read what is new; False if nothing is."""
        reply = await self.reading.ask(f"50,*,{self.token},*,{self.cursor}", wait_s=wait_s)
        if reply == "0/10/*":
            return False
        assert reply.startswith("0/50/"), reply
        self.cursor, *items = reply.removeprefix("0/50/").split("|")
        for mail in map(parse_mail_item, items):
            data = json.loads(mail.data)
            if mail.action.startswith("room_"):
                self.received[data["room"]].append(mail.action)
            else:
                self.received[mail.sender].append(data)
        return True


class MailLoad:
    """All users and the program of one server, or of several that share their state.

    Args:
        ports: Where the servers listen; each request of a user goes to any of them, the program's to the first.
        key: A server key.
        random: Their choices.
    """

    def __init__(self, *ports: int, key: str, random: Random) -> None:
        self._ports, self._key, self._random = ports, key, random
        self._is_ending = self._is_written = False
        self._callers: list[Caller] = []
        self.users = [User(self._caller(), self._caller()) for _ in range(USERS)]
        self.queue, self.topic = Reader(), Reader()

    def end(self) -> None:
        """Begin nothing further."""
        self._is_ending = True

    @property
    def readers(self) -> list[Reader]:
        """All who are told something."""
        return [*self.users, self.queue, self.topic]

    async def run(self) -> None:
        """Write and read until told to end, and then until all is read."""
        try:
            await self._run()
        finally:
            for caller in self._callers:
                await caller.close()

    def _caller(self) -> Caller:
        self._callers.append(Caller(*self._ports, random=self._random))
        return self._callers[-1]

    async def _run(self) -> None:
        async with Messenger(f"http://127.0.0.1:{self._ports[0]}", self._key, timing=PATIENT) as program:
            for user in self.users:
                await user.open()
            following = (program.listen(QUEUE), self.queue), (program.subscribe("rooms"), self.topic)
            for subscription, _reader in following:
                await subscription.receive(wait_s=0)
            async with asyncio.TaskGroup() as readers:
                for user in self.users:
                    readers.create_task(self._read(user))
                for one in following:
                    readers.create_task(self._follow(*one))
                async with asyncio.TaskGroup() as writers:
                    for user in self.users:
                        writers.create_task(self._write(user))
                    writers.create_task(self._tell(program))
                    writers.create_task(self._make_rooms(self.users[0], self.users[1]))
                self._is_written = True

    async def _pause(self) -> None:
        await asyncio.sleep(self._random.uniform(0.005, 0.03))

    async def _read(self, user: User) -> None:
        while not self._is_written or user.received != user.expected:
            earlier = user.cursor
            await user.poll(wait_s=self._random.choice((0, 1)))
            if self._random.random() < 0.1:  # a late copy, whose reply nobody reads
                await user.writing.ask(f"50,*,{user.token},*,{earlier}")

    async def _follow(self, subscription: Subscription[Message], reader: Reader) -> None:
        while not self._is_written or reader.received != reader.expected:
            for message in await subscription.receive(wait_s=1):
                source = "rooms" if message.action == "room_created" else message.sender
                reader.received[source].append(message.data["room"] if source == "rooms" else message.data)

    async def _write(self, user: User) -> None:
        caller = self._caller()
        while not self._is_ending:
            user.sent += 1
            other = self._random.choice(self.users)
            if self._random.random() < 0.3:
                line, reply = f"55,check;{user.sent},{user.token},{QUEUE},{user.sent}", "0/55/*"
                self.queue.expected[user.name].append(user.sent)
            else:
                line, reply = f"51,note;{user.sent},{user.token},{other.name},{user.sent}", "0/51/*"
                other.expected[user.name].append(user.sent)
            for _ in range(self._random.choice((1, 1, 2))):
                assert await caller.ask(line) == reply
            await self._pause()

    async def _tell(self, program: Messenger) -> None:
        while not self._is_ending:
            number = program.number
            if self._random.random() < 0.3:
                await program.broadcast("news", number)
                told: list[Reader] = [*self.users]
            elif self._random.random() < 0.5:
                await program.enqueue(QUEUE, "note", number)
                told = [self.queue]
            else:
                user = self._random.choice(self.users)
                await program.send(user.name, "note", number)
                told = [user]
            for reader in told:
                reader.expected["*"].append(number)
            await self._pause()

    async def _make_rooms(self, ann: User, bob: User) -> None:
        caller, count = self._caller(), 0
        while not self._is_ending:
            count += 1
            room, ann_key, *_ = (await caller.ask(f"20,{WISHES},{ann.token},ann,{count}")).split("/", 2)[2].split("|")
            self.topic.expected["rooms"].append(room)
            _, bob_key, *_ = (await caller.ask(f"21,{room},{bob.token},bob,{count}")).split("/", 2)[2].split("|")
            ann.expected[room] += ["room_joined", "room_left", "room_ended"]
            assert await caller.ask(f"28,*,{bob_key},1,*") == "0/28/*"
            assert await caller.ask(f"28,*,{ann_key},0,*") == "0/28/*"
            await self._pause()
