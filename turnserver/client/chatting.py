"""Chat as steps to perform: say a line, read what was said, and ask who is there.

Under one cursor the same text of the same key is one line, so a line without a reply is said again under the cursor
that it was first said under. Its reply brings the line itself and a newer cursor: the next one is another line, also
with the same text. So a line is never said before there is a cursor, one is said at a time, and nothing is read before
it is settled: until then the cursor stays.

Where the server cannot know any more whether it has a line (34), copies of it are dead for good. What stands in the
channel then tells whether it was said, by text and name; if not, it is said under the newest cursor. What remains: an
equal line of the same name counts as this one; and, until the first line of one's own came back in a lobby, one of
anybody.

Source: docs/messages.md, "Chat".
"""

from collections import deque
from dataclasses import dataclass

from turnserver.client.errors import NotDelivered, ServerBusy, TurnserverError, Unreachable, refusal
from turnserver.client.exchange import Steps, exchange
from turnserver.client.following import Following, Reading
from turnserver.client.seating import understood
from turnserver.client.timing import Timing
from turnserver.messages.chat import ChatLine, ChatPoll, ChatSay, ChatWho
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.wire.chat import parse_chat_lines, parse_names
from turnserver.wire.names import is_name

LOBBY, ROOM, GAME = "lobby", "room", "game"
"""The channels that every title, room and relay game has."""

LINES_MAX = 100
"""How many lines may be in line, whose calls were given up or cancelled: who says more must know that nobody hears."""

SAYS_MAX = 5
"""Under how many cursors one line is tried. Each time a whole history went by, or the same key spoke elsewhere."""


@dataclass(eq=False, slots=True)
class _Line:
    """A line in line. Two of the same text are two lines, so it equals only itself."""

    text: str
    refusal: TurnserverError | None = None
    """Why it was not said, for its own call, if another one has settled it."""


class Chatting(Following[ChatLine]):
    """One place in a channel, from its kept history on.

    Args:
        key: A session's token, a room key or a game key, as the channel has it.
        channel: Its name.
        timing: The patience.
        name: What others see before this speaker's lines; None where it is learnt from the first of them.
    """

    def __init__(self, key: str, channel: str, timing: Timing, *, name: str | None = None) -> None:
        poll = Reading(lambda cursor: ChatPoll(key, channel, cursor), answers.CHAT_LINES, parse_chat_lines)
        super().__init__(poll, None, timing)
        self._key, self._channel = key, channel
        self._lines: deque[_Line] = deque()  # in line to be said
        self._name = name
        self._was_posted = False  # the first of them, under this cursor

    def say(self, text: str) -> Steps[None]:
        """Put a line in line; the steps are over when it stands in the channel, once.

        Where `LINES_MAX` are in line, it is put there by the steps, as soon as one of these is settled.

        Raises:
            ValueError: The server would refuse it; nothing is put in line.
            Unreachable: Nobody knows whether it stands there. It stays in line, and the next steps settle that.
            NotDelivered: A line of before was refused, or too many are still in line; this one was not said.
            TurnserverError: As `refusal` says; it was not said.
        """
        own = _Line(checked_text(text))
        if len(self._lines) >= LINES_MAX:
            return self._say_with_room(own)
        self._lines.append(own)
        return self._say(own)

    def poll(self, wait_s: float) -> Steps[None]:
        """Say what is in line, if there is something; or else ask for what is new.

        Args:
            wait_s: How long the caller waits, as for `Following`.

        Raises:
            TurnserverError: As for `say`, of the line that was refused.
        """
        if not self._lines:
            yield from super().poll(wait_s)
            return  # a line that was handed in meanwhile is its own call's, which is to hear of a refusal
        while self._lines:
            yield from self._say_first()

    def people(self) -> Steps[list[str]]:
        """Who is there, in the order in which they came.

        Raises:
            TurnserverError: As `refusal` and `exchange` raise.
        """
        request = ChatWho(self._key, self._channel)
        give_up_s = self._timing.give_up_s if self._was_heard else self._timing.first_reply_s
        answer = yield from exchange(request, self._timing, give_up_s=give_up_s)
        self._was_heard = True
        if answer.reply.answer is not answers.CHAT_WHO:
            raise refusal(answer.reply)
        return understood(parse_names, answer.reply.body)

    def _say_with_room(self, own: _Line) -> Steps[None]:
        """Say a line for which there was no room in line."""
        while len(self._lines) >= LINES_MAX:
            try:
                yield from self._say_first()
            except TurnserverError as error:
                raise NotDelivered(f"{LINES_MAX} lines are in line already, and the first: {error}") from error
        self._lines.append(own)
        yield from self._say(own)

    def _say(self, own: _Line) -> Steps[None]:
        """Say all lines up to `own`, as far as other steps have not done so."""
        while own in self._lines:
            try:
                yield from self._say_first()
            except Unreachable:
                raise
            except TurnserverError as error:
                if own in self._lines:
                    self._lines.remove(own)
                    raise NotDelivered(f"a line of before was refused: {error}") from error
        if own.refusal is not None:
            raise own.refusal

    def _say_first(self) -> Steps[None]:
        """Say the first line; it is out of line then, unless nobody knows whether it was said."""
        try:
            yield from self._post()
        except Unreachable:
            raise
        except TurnserverError as error:
            self._lines[0].refusal = error
            self._drop()
            raise
        self._drop()

    def _drop(self) -> None:
        self._was_posted = False
        self._lines.popleft()

    def _post(self) -> Steps[None]:
        """Post the first line until it stands in the channel."""
        for _ in range(SAYS_MAX):
            if self._cursor is None:
                yield from self._ask(0)
            was_posted, self._was_posted = self._was_posted, True
            line = ChatSay(self._key, self._channel, self._cursor, self._lines[0].text)
            answer = yield from exchange(line, self._timing, give_up_s=self._timing.give_up_s)
            if not self._is_lost(answer.reply) and answer.reply.answer is not answers.TOO_OLD:
                self._learn_name(self._hear(answer.reply), line.text)
                return
            self._was_posted = was_posted or answer.is_repeat
            came = yield from self._ask(0)
            if self._was_posted and any(self._is_own(said, line.text) for said in came):
                return
            self._was_posted = False
        raise ServerBusy("the channel goes on faster than this line can be said")

    def _is_own(self, said: ChatLine, text: str) -> bool:
        return said.text == text and self._name in (None, said.name)

    def _learn_name(self, came: list[ChatLine], text: str) -> None:
        """Note who this speaker is: it has said `text`, which came back, and nobody else the same."""
        names = {said.name for said in came if said.text == text}
        if self._name is None and len(names) == 1:
            (self._name,) = names


def checked_channel(channel: str) -> str:
    """The name of a lobby channel.

    Raises:
        ValueError: It is none.
    """
    if channel in (ROOM, GAME):
        raise ValueError(f"not a lobby channel: the `chat` of a {channel} is its channel")
    if channel != LOBBY and not is_name(channel, bytes_max=Limits().name_bytes_max):
        raise ValueError(f"not a channel (1 to 64 bytes, no comma, semicolon, bar or control character): {channel!r}")
    return channel


def checked_text(text: str) -> str:
    """A line of chat.

    Raises:
        ValueError: The server would refuse it.
    """
    size, most = len(text.encode()), Limits().chat_text_bytes_max
    if not 0 < size <= most:
        raise ValueError(f"a line of {size:,} bytes: 1 to {most:,} can be said")
    if "\n" in text or "\r" in text:
        raise ValueError(f"a line of chat has no line break: {text[:80]!r}")
    return text
