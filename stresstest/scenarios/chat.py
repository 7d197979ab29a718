"""A user of chat: one hand says numbered lines at its pace, the other reads the channel; both are one session's.

A channel has one order for all. So each line names the line that its author had read last, and whoever reads it must
have read that one before: a line that is missing at a stream's end is found too, and readers who are given different
orders. The user leaves when its own last line has come back.

Who comes later does not know the lines from before: what it finds in the history says where the others' streams are.

Source: docs/messages.md, "Chat".
"""

from collections.abc import Iterator
from typing import NamedTuple

from stresstest import numbered
from stresstest.checker import Checker, Verdict
from stresstest.numbered import Message
from stresstest.scenarios.asking import LOOK_S, WAIT_S, Pace, Patience, ask, session
from stresstest.scenarios.player import CHAT, Player, Session
from stresstest.steps import Abandoned, Pause, Steps, Together
from turnserver.messages.chat import ChatLine, ChatPoll, ChatSay
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.wire import cursor as cursors
from turnserver.wire.chat import parse_chat_item

RATE = 0.5
"""Lines a second of a user that has no other pace; a server lets each say ten in ten seconds."""

SIZE_MAX = 800
"""The longest message that fits into a line, in bytes, with the reference before it."""

ECHO_S_MAX = 40.0
"""How long a user waits for its own last line to come back."""

_NEWS = frozenset((answers.CHAT_LINES, answers.NOTHING_NEW))
_SAID = _NEWS | {answers.TOO_MANY_REQUESTS, answers.TOO_OLD}
_LOST = frozenset((answers.LOST,))


def game(player: Player) -> Steps[None]:
    """One visit to a channel.

    Raises:
        Abandoned: An answer came that ends the visit, or none for too long.
    """
    mine = yield from session(player)
    yield from _Visit(player, mine).stay()


class _Line(NamedTuple):
    """A line as its reader gets it."""

    name: str
    after: tuple[str, int] | None
    """The author had read this line of that name's before."""
    message: Message


class _Visit:
    """One user in one channel: what its two hands share."""

    def __init__(self, player: Player, mine: Session) -> None:
        self._player = player
        self._mine = mine
        self._channel = f"stress-{player.number // player.seats}"
        self._cursor: Cursor | None = None
        self._streams: dict[str, Checker] = {mine.name: Checker(mine.next_number)}
        self._first = mine.next_number
        self._is_new = True
        """All that was ever said here is known: a stream that is not begins with number 0."""
        self._latest: tuple[str, int] | None = None
        self._has_said_last = self._is_broken = False

    def stay(self) -> Steps[None]:
        """Come in, talk and listen, and settle what was found, whatever happens."""
        is_whole = False
        try:
            yield from self._come_in()
            yield Together((self._listen(), self._talk()))
            is_whole = True
        finally:
            self._player.ledger.settled(CHAT, self._verdict(), is_whole=is_whole)

    def _come_in(self) -> Steps[None]:
        """Learn from the history how far the others are."""
        poll = ChatPoll(self._mine.token, self._channel, None)
        reply = yield from ask(self._player, poll, _NEWS)
        for name, message in ((line.name, line.message) for line in self._lines(reply) if line is not None):
            if name not in self._streams and message.number != 0:
                self._is_new = False
            if name != self._mine.name:
                self._streams[name] = Checker(message.number + 1)

    def _listen(self) -> Steps[None]:
        """Read until the own last line has come back."""
        patience = Patience(self._player.clock, ECHO_S_MAX, "the own last line did not come back")
        try:
            while not (self._has_said_last and self._has_own(self._mine.next_number - 1)):
                if self._is_broken:
                    return
                if self._has_said_last:
                    patience.check()
                poll = ChatPoll(self._mine.token, self._channel, self._cursor)
                self._read((yield from ask(self._player, poll, _NEWS, wait_s=WAIT_S, bearable=_LOST)))
        except Abandoned:
            self._is_broken = True
            raise

    def _talk(self) -> Steps[None]:
        player = self._player
        ends_s = player.clock() + player.game_s
        pace = Pace(player, RATE if player.rate is None else player.rate)
        try:
            while not (self._has_said_last or self._is_broken):
                if pace.pause_s and not player.is_over():
                    yield Pause(min(pace.pause_s, LOOK_S))
                    continue
                is_last = player.clock() >= ends_s or player.is_over()
                yield from self._say(min(pace.due_s, player.clock()), is_last=is_last)
                pace.sent()
        except Abandoned:
            self._is_broken = True
            raise

    def _say(self, due_s: float, *, is_last: bool) -> Steps[None]:
        """Say one line until it is known to have been said."""
        number = self._mine.next_number
        message = Message(number, round(due_s * 1e6), self._player.host, is_last)
        text = f"{_reference(self._latest)} {numbered.data(message, size_bytes=self._player.size_bytes).decode()}"
        while True:
            request = ChatSay(self._mine.token, self._channel, self._cursor, text)
            reply = yield from ask(self._player, request, _SAID)
            if reply.answer is not answers.TOO_OLD or (yield from self._was_said(number)):
                break
        self._mine.next_number = number + 1
        self._has_said_last = is_last

    def _was_said(self, number: int) -> Steps[bool]:
        """Whether a line was said of which the server no longer knows: too much was said since."""
        poll = ChatPoll(self._mine.token, self._channel, None)
        reply = yield from ask(self._player, poll, _NEWS)
        found = (line for line in _parsed(reply) if line is not None and line.name == self._mine.name)
        return any(line.message.number == number for line in found) or self._has_own(number)

    def _has_own(self, number: int) -> bool:
        return self._streams[self._mine.name].next_number > number

    def _read(self, reply: Reply) -> None:
        for line in self._lines(reply):
            if line is None:
                self._streams[self._mine.name].altered()
                continue
            self._check_order(line)
            first = 0 if self._is_new else line.message.number
            checker = self._streams.setdefault(line.name, Checker(first))
            if checker.arrived(line.message.number):
                self._player.ledger.arrived(CHAT, self._player.age_s(line.message))
            self._latest = line.name, line.message.number

    def _check_order(self, line: _Line) -> None:
        if line.after is not None and line.after[0] in self._streams:
            self._streams[line.after[0]].must_have(line.after[1])

    def _lines(self, reply: Reply) -> Iterator["_Line | None"]:
        """The lines of a reply whose cursor is the newest from now on."""
        if reply.answer is not answers.NOTHING_NEW:
            self._cursor = cursors.parse(reply.body.partition(b"|")[0].decode())
        yield from _parsed(reply)

    def _verdict(self) -> Verdict:
        """Of its own lines all that were accepted must have come back; of the others' all up to the latest."""
        own = self._streams[self._mine.name].verdict(sent=self._mine.next_number - self._first)
        others = (found for name, found in self._streams.items() if name != self._mine.name)
        return sum((checker.received_verdict() for checker in others), own)


def _reference(latest: tuple[str, int] | None) -> str:
    return "-" if latest is None else f"{latest[0]}#{latest[1]}"


def _parsed(reply: Reply) -> Iterator[_Line | None]:
    """The lines of a reply; None for one that no user of this kind has said."""
    if reply.answer is answers.NOTHING_NEW:
        return
    for item in reply.body.decode(errors="replace").split("|")[1:]:
        try:
            said = parse_chat_item(item)
        except ValueError:
            yield None
        else:
            yield _line(said)


def _line(said: ChatLine) -> _Line | None:
    reference, _, text = said.text.partition(" ")
    message = numbered.parse(text.encode())
    name, _, number = reference.rpartition("#")
    if message is None:
        return None
    return _Line(said.name, (name, int(number)) if number.isdecimal() else None, message)
