"""An inbox and the two who write to it: three hands of one player.

Each sender numbers its messages, for the server (which must store a repeat once) and for the reader, who follows the
inbox by cursor and is through when it has the last message of both and then finds nothing more. With a server key one
of the two writes as the server.

Source: docs/messages.md, "Inbox".
"""

import json

import msgspec

from stresstest import numbered
from stresstest.checker import Checker, Verdict
from stresstest.numbered import Message
from stresstest.scenarios.asking import LOOK_S, WAIT_S, Pace, Patience, ask, session
from stresstest.scenarios.player import INBOX, Player, Session
from stresstest.steps import COME_LATER, Abandoned, Pause, Steps, Together
from turnserver.messages.cursor import Cursor
from turnserver.messages.inbox import InboxPoll, InboxSend
from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.wire import cursor as cursors
from turnserver.wire.inbox import parse_mail_item

RATE = 1.0
"""Messages a second that come to an inbox for whose player there is no other pace."""

SIZE_MAX = 8_000
"""The longest message that fits, in bytes."""

ACTION = "stress"
SERVER = "*"
"""Who the sender is that has the server key."""

LAST_S_MAX = 40.0
"""How long a reader waits for what was sent last."""

_SENT = frozenset((answers.INBOX_SENT, answers.FULL))
_LATER = COME_LATER | {answers.FULL}
"""A full inbox is emptied by its reader: come later."""

_NEWS = frozenset((answers.INBOX_MESSAGES, answers.NOTHING_NEW))
_LOST = frozenset((answers.LOST,))


def game(player: Player) -> Steps[None]:
    """Write to an inbox for a while, and read it empty.

    Raises:
        Abandoned: An answer came that ends it, or none for too long.
    """
    reader = yield from session(player, "reader")
    senders = [(yield from session(player, "sender"))]
    if player.server_key:
        senders.append(player.sessions.setdefault(SERVER, Session(token=player.server_key, name=SERVER)))
    else:
        senders.append((yield from session(player, "other sender")))
    yield from _Correspondence(player, reader, senders).go_on()


class _Correspondence:
    """One inbox: what its three hands share."""

    def __init__(self, player: Player, reader: Session, senders: list[Session]) -> None:
        self._player = player
        self._reader = reader
        self._senders = senders
        self._cursor: Cursor | None = None
        self._streams = {sender.name: Checker(sender.next_number) for sender in senders}
        self._sent = 0
        self._has_sent_last: set[str] = set()
        self._is_broken = False

    def go_on(self) -> Steps[None]:
        """Write and read to the end, and settle what was found, whatever happens."""
        is_whole = False
        try:
            yield from self._begin()
            yield Together((self._read_all(), *(self._write(sender) for sender in self._senders)))
            is_whole = True
        except Abandoned:
            self._player.sessions.clear()  # what was left behind is another inbox's
            raise
        finally:
            self._player.ledger.settled(INBOX, self._verdict(), is_whole=is_whole)

    def _begin(self) -> Steps[None]:
        """What waits already is none of these: broadcasts, and the server's own messages."""
        reply = yield from ask(self._player, InboxPoll(self._reader.token, None), _NEWS)
        self._move_on(reply)

    def _write(self, sender: Session) -> Steps[None]:
        player = self._player
        ends_s = player.clock() + player.game_s
        pace = Pace(player, (RATE if player.rate is None else player.rate) / len(self._senders))
        try:
            while not (sender.name in self._has_sent_last or self._is_broken):
                if pace.pause_s and not player.is_over():
                    yield Pause(min(pace.pause_s, LOOK_S))
                    continue
                is_last = player.clock() >= ends_s or player.is_over()
                yield from self._send(sender, min(pace.due_s, player.clock()), is_last=is_last)
                pace.sent()
        except Abandoned:
            self._is_broken = True
            raise

    def _send(self, sender: Session, due_s: float, *, is_last: bool) -> Steps[None]:
        number = sender.next_number
        message = Message(number, round(due_s * 1e6), self._player.host, is_last)
        text = json.dumps(numbered.data(message, size_bytes=self._player.size_bytes).decode(), ensure_ascii=False)
        request = InboxSend(sender.token, self._reader.name, number, ACTION, text)
        yield from ask(self._player, request, _SENT, later=_LATER)
        sender.next_number = number + 1
        self._sent += 1
        if is_last:
            self._has_sent_last.add(sender.name)

    def _read_all(self) -> Steps[None]:
        """Read until the last message of each sender is there, and nothing after it."""
        patience = Patience(self._player.clock, LAST_S_MAX, "the last messages did not come")
        try:
            while not all(checker.has_last for checker in self._streams.values()):
                if self._is_broken:
                    return
                if len(self._has_sent_last) == len(self._senders):
                    patience.check()
                poll = InboxPoll(self._reader.token, self._cursor)
                self._read((yield from ask(self._player, poll, _NEWS, wait_s=WAIT_S, bearable=_LOST)))
            self._read((yield from ask(self._player, InboxPoll(self._reader.token, self._cursor), _NEWS)))
        except Abandoned:
            self._is_broken = True
            raise

    def _move_on(self, reply: Reply) -> list[str]:
        """The items of a reply whose cursor is the newest from now on."""
        if reply.answer is answers.NOTHING_NEW:
            return []
        cursor, *items = reply.body.decode(errors="replace").split("|")
        self._cursor = cursors.parse(cursor)
        return items

    def _read(self, reply: Reply) -> None:
        for item in self._move_on(reply):
            self._check(item)

    def _check(self, item: str) -> None:
        try:
            mail = parse_mail_item(item)
            text = msgspec.json.decode(mail.data, type=str) if mail.action == ACTION else ""
        except (ValueError, msgspec.DecodeError):
            self._streams[self._senders[0].name].altered()
            return
        if mail.action != ACTION:
            return  # a broadcast, or an event of the server's own
        checker = self._streams.get(mail.sender, self._streams[self._senders[0].name])
        message = numbered.parse(text.encode())
        if message is None or mail.sender not in self._streams:
            checker.altered()
        elif checker.arrived(message.number, is_last=message.is_last):
            self._player.ledger.arrived(INBOX, self._player.age_s(message))

    def _verdict(self) -> Verdict:
        return sum((checker.verdict(sent=0) for checker in self._streams.values()), Verdict(sent=self._sent))
