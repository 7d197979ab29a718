"""Whatever the network does and however often the server is killed, every message arrives once and in order.

In inboxes, in topics and in queues. Requests and replies are lost, repeated and delivered late; the server is killed
and starts again on what its journal has written. Each reader follows its cursor, as docs/messages.md describes it.
"""

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.mail_reader import SERVER_KEY, mail_server
from turnserver.build import Document
from turnserver.store.journal import JournalStore
from turnserver.store.log import Log
from turnserver.wire.inbox import parse_mail_item

Result = TypeVar("Result")
WHO = st.integers(0, 1)
COPIES = st.integers(1, 3)


TOPIC, QUEUE = "scores", "referee"


class Place:
    """A list that somebody follows: an inbox, a topic or a queue, as its reader has it and as it should be."""

    def __init__(self, poll: str) -> None:
        self.poll = poll
        self.cursor = "*"
        self.texts: list[str] = []
        self.expected: list[str] = []

    @property
    def line(self) -> str:
        """The next poll."""
        return f"{self.poll},{self.cursor}"

    def hear(self, reply: str) -> None:
        """Take a reply in."""
        if reply != "0/10/*":
            assert reply.startswith(f"0/{self.poll[:2]}/"), reply
            self.cursor, *items = reply[5:].split("|")
            self.texts += [parse_mail_item(item).data for item in items]


class Mails(RuleBasedStateMachine):
    """Two users with inboxes, who also follow a topic and send to each other, and a program with a server key."""

    @initialize()
    def begin(self) -> None:
        """The server starts, and both come."""
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.runs(self.start())
        self.users = [self.runs(self.made()) for _ in range(2)]
        inboxes = [f"50,*,{token},*" for token, _ in self.users]
        topic = [f"54,*,{key},{TOPIC}" for key in (self.users[0][0], SERVER_KEY)]
        self.places = [Place(poll) for poll in (*inboxes, *topic, f"56,*,{SERVER_KEY},{QUEUE}")]
        self.runs(self.answered(self.places[-1].line))  # users may send to a queue that somebody listens to
        self.numbers = [0, 0, 0]
        self.late: list[str] = []

    def runs(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What a coroutine gives, once all that it has done is durable."""

        async def settled() -> Result:
            result = await work
            await self.store.settle()
            return result

        return self.runner.run(settled())

    async def start(self) -> None:
        """Start on what the journal tells."""
        log = Log(f"sqlite:///{Path(self.folder.name) / 'turnserver.db'}", syncs=False)
        self.store = JournalStore(log, Document, log_bytes_least=2_000)
        self.server = mail_server(store=self.store)

    async def made(self) -> tuple[str, str]:
        """Token and name of a new guest; the loop must run while the server is asked."""
        reply = await self.answered("62,*,*,*,*")
        token, _, name = reply.removeprefix("0/62/").split("|")
        return token, name

    async def answered(self, line: str) -> str:
        """The reply to a line."""
        return await self.server.answer(line)

    def says(self, line: str, copies: int, *reached: int) -> None:
        """Say a line under its number, again and again since replies are lost; those whom it reaches must get it."""
        for _ in range(copies):
            assert self.runs(self.answered(line)) == f"0/{line[:2]}/*"
        text = line.partition(";")[2].partition(",")[0]
        for place in reached:
            self.places[place].expected.append(text)
        self.late.append(line)

    def next_number(self, sender: int) -> int:
        """The sender's own running number: one for all that it sends, wherever it goes."""
        self.numbers[sender] += 1
        return self.numbers[sender]

    @rule(sender=WHO, to=WHO, copies=COPIES)
    def send(self, sender: int, to: int, copies: int) -> None:
        """One user writes to another, or to itself."""
        number = self.next_number(sender)
        self.says(f'51,note;"{sender}-{number}",{self.users[sender][0]},{self.users[to][1]},{number}', copies, to)

    @rule(copies=COPIES)
    def broadcast(self, copies: int) -> None:
        """The program tells everybody; queues are not everybody."""
        number = self.next_number(2)
        self.says(f'52,news;"2-{number}",{SERVER_KEY},*,{number}', copies, 0, 1)

    @rule(copies=COPIES)
    def publish(self, copies: int) -> None:
        """The program tells all who follow the topic."""
        number = self.next_number(2)
        self.says(f'53,goal;"2-{number}",{SERVER_KEY},{TOPIC},{number}', copies, 2, 3)

    @rule(sender=st.integers(0, 2), copies=COPIES)
    def enqueue(self, sender: int, copies: int) -> None:
        """Users and programs tell the program that listens."""
        number, keys = self.next_number(sender), (*(token for token, _ in self.users), SERVER_KEY)
        self.says(f'55,check;"{sender}-{number}",{keys[sender]},{QUEUE},{number}', copies, 4)

    @rule(where=st.integers(0, 4), lost=st.integers(0, 2), is_read=st.booleans())
    def poll(self, where: int, lost: int, is_read: bool) -> None:  # noqa: FBT001  # drawn
        """Some replies are lost, and perhaps one is read."""
        place = self.places[where]
        self.late.append(place.line)
        for _ in range(lost):
            self.runs(self.answered(place.line))
        if is_read:
            place.hear(self.runs(self.answered(place.line)))

    @rule(index=st.integers(0, 99))
    def deliver_late(self, index: int) -> None:
        """A copy of any request there ever was arrives; nobody reads the reply."""
        if self.late:
            self.runs(self.answered(self.late[index % len(self.late)]))

    @rule()
    def kill(self) -> None:
        """The server is killed, and starts again."""
        self.store._log.close()
        self.runs(self.start())

    @invariant()
    def what_was_read_is_what_was_sent(self) -> None:
        """In order, nothing twice, nothing missing in between."""
        for place in getattr(self, "places", []):
            assert place.texts == place.expected[: len(place.texts)]

    def teardown(self) -> None:
        """The network gets well: everything arrives."""
        if not hasattr(self, "places"):
            return
        for place in self.places:
            place.hear(self.runs(self.answered(place.line)))
            assert self.runs(self.answered(place.line)) == "0/10/*"
            assert place.texts == place.expected
        self.store._log.close()
        self.runner.close()
        self.folder.cleanup()


TestMails = Mails.TestCase
TestMails.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
