"""Whatever the network does and however often the server is killed, every message arrives once and in order.

Requests and replies are lost, repeated and delivered late; the server is killed and starts again on what its journal
has written. Each reader follows its cursor, as docs/messages.md describes it.
"""

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.mail_reader import SERVER_KEY, Reader, mail_server
from turnserver.build import Document
from turnserver.store.journal import JournalStore
from turnserver.store.log import Log

Result = TypeVar("Result")
WHO = st.integers(0, 1)


class Mails(RuleBasedStateMachine):
    """Two readers, who also send to each other, and somebody with a server key."""

    @initialize()
    def begin(self) -> None:
        """The server starts, and both come."""
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.runs(self.start())
        self.readers = [self.runs(self.made()) for _ in range(2)]
        self.expected: list[list[str]] = [[], []]
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
        self.store = JournalStore(log, Document, cleaning_starts_bytes=2_000)
        self.server = mail_server(store=self.store)

    async def made(self) -> Reader:
        """A new reader; the loop must run while the server is asked."""
        return Reader(self.server)

    async def answered(self, line: str) -> str:
        """The reply to a line."""
        return await self.server.answer(line)

    @rule(sender=st.integers(0, 2), to=WHO, copies=st.integers(1, 3))
    def send(self, sender: int, to: int, copies: int) -> None:
        """A message or a broadcast; replies are lost, so it is sent again under its number."""
        self.numbers[sender] += 1
        text = f"{sender}-{self.numbers[sender]}"
        if sender == 2:
            line = f'52,news;"{text}",{SERVER_KEY},*,{self.numbers[sender]}'
        else:
            line = f'51,note;"{text}",{self.readers[sender].token},{self.readers[to].name},{self.numbers[sender]}'
        for _ in range(copies):
            assert self.runs(self.answered(line)) in ("0/51/*", "0/52/*")
        for reader in (0, 1) if sender == 2 else (to,):
            self.expected[reader].append(text)
        self.late.append(line)

    @rule(who=WHO, lost=st.integers(0, 2), is_read=st.booleans())
    def poll(self, who: int, lost: int, is_read: bool) -> None:  # noqa: FBT001  # drawn
        """Some replies are lost, and perhaps one is read."""
        reader = self.readers[who]
        line = reader.line()
        self.late.append(line)
        for _ in range(lost):
            self.runs(self.answered(line))
        if is_read:
            assert reader.hear(self.runs(self.answered(line))).startswith(("0/50/", "0/10/*"))

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
        for reader in self.readers:
            reader.server = self.server

    @invariant()
    def what_was_read_is_what_was_sent(self) -> None:
        """In order, nothing twice, nothing missing in between."""
        for reader, expected in zip(getattr(self, "readers", []), getattr(self, "expected", []), strict=True):
            assert reader.texts == expected[: len(reader.texts)]

    def teardown(self) -> None:
        """The network gets well: everything arrives."""
        if not hasattr(self, "readers"):
            return
        for reader, expected in zip(self.readers, self.expected, strict=True):
            reader.hear(self.runs(self.answered(reader.line())))
            assert self.runs(self.answered(reader.line())) == "0/10/*"
            assert reader.texts == expected
        self.store._log.close()
        self.runner.close()
        self.folder.cleanup()


TestMails = Mails.TestCase
TestMails.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
