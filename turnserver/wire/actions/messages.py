"""Actions of chat, inboxes, topics and queues, symbols 40 to 57.

Source: docs/json.md; docs/messages.md.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

import msgspec
from msgspec import Meta, Struct

from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.symbols import UNUSED, Symbol
from turnserver.wire import cursor as cursors
from turnserver.wire.actions.action import Action, Answer, AnyKey, Cursor, Done, Fields, Line, Title, Token, Wait, Who
from turnserver.wire.chat import parse_chat_item, parse_names
from turnserver.wire.inbox import parse_mail_item
from turnserver.wire.objects import bad_data, json_text

ServerKey = Annotated[str, Meta(description="The secret of a program that acts for the server.")]
Sender = Annotated[str, Meta(description="A session's token, or a server key.")]
Number = Annotated[int | str | None, Meta(description="My running number, so that a repeat is sent once.")]
Name = Annotated[str, Meta(description="The name of what the message is about; a game's own, or a known one.")]


class Channel(Fields, frozen=True, kw_only=True):
    """Where one talks."""

    right: ClassVar[str | None] = "token"
    places: ClassVar[Mapping[str, str]] = {"player": "channel", "counter": "cursor", "data": "text"}
    channel: Annotated[str, Meta(description="`lobby`, a lobby channel's name, `room` or `game`.")] = "lobby"
    token: Token = ""
    key: AnyKey = ""
    title: Title = ""

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(key=self.key or self.token, player=self.channel)


class Listen(Channel, frozen=True, kw_only=True):
    """Where one listens, and what one has."""

    cursor: Cursor = UNUSED
    wait: Wait = 0

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(UNUSED, self.key or self.token, self.channel, self.cursor)


class Say(Listen, frozen=True, kw_only=True):
    """A line to say."""

    text: Annotated[str, Meta(description="One line of text.")]

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(self.text, self.key or self.token, self.channel, self.cursor)


class ChatLine(Struct, frozen=True):
    """What somebody said, and when: milliseconds since 1970, UTC."""

    name: str
    unix_ms: int
    text: str


class ChatLines(Answer, frozen=True):
    """What was said after the cursor, oldest first; `lost` if something before it is gone."""

    cursor: Cursor
    lines: tuple[ChatLine, ...]
    lost: bool

    @classmethod
    def read(cls, reply: Reply, fields: Any) -> Self:
        """See `Answer.read`."""
        cursor, items = _listed(reply, fields)
        lines = tuple(ChatLine(*parse_chat_item(item)) for item in items)
        return cls(cursor, lines, lost=reply.answer is answers.LOST)


class People(Answer, frozen=True):
    """Who is there."""

    names: tuple[str, ...]

    @classmethod
    def read(cls, reply: Reply, _fields: Fields) -> Self:
        """See `Answer.read`."""
        return cls(tuple(parse_names(reply.body)))


class MessageSession(Fields, frozen=True, kw_only=True):
    """Whose messages."""

    right: ClassVar[str | None] = "token"
    token: Token = ""

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(key=self.token)


class Disconnect(MessageSession, frozen=True, kw_only=True):
    """What one has."""

    places: ClassVar[Mapping[str, str]] = {"counter": "cursor"}
    cursor: Cursor = UNUSED

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(UNUSED, self.token, UNUSED, self.cursor)


class InboxPoll(Disconnect, frozen=True, kw_only=True):
    """What one has, and how long one waits."""

    wait: Wait = 0


class Broadcast(Fields, frozen=True, kw_only=True):
    """A message to all."""

    right: ClassVar[str | None] = "token"
    token: ServerKey = ""
    action: Name
    data: Annotated[Any, Meta(description="JSON of any kind.")] = None
    counter: Number = None

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(_message(self.action, self.data), self.token, UNUSED, _number(self.counter))


class Send(Fields, frozen=True, kw_only=True):
    """A message to one user."""

    right: ClassVar[str | None] = "token"
    places: ClassVar[Mapping[str, str]] = {"player": "to"}
    token: Sender = ""
    to: Annotated[str, Meta(description="The addressee's name.")]
    action: Name
    data: Annotated[Any, Meta(description="JSON of any kind.")] = None
    counter: Number = None

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(_message(self.action, self.data), self.token, self.to, _number(self.counter))


class Mute(Fields, frozen=True, kw_only=True):
    """Who is to say nothing, and for how long."""

    right: ClassVar[str | None] = "token"
    places: ClassVar[Mapping[str, str]] = {"player": "username", "data": "seconds"}
    token: ServerKey = ""
    username: str
    seconds: Annotated[int, Meta(description="0 lets the user speak again.")]

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(f"{self.seconds}", self.token, self.username)


class Publish(Broadcast, frozen=True, kw_only=True):
    """A message to all who follow a topic."""

    places: ClassVar[Mapping[str, str]] = {"player": "topic"}
    topic: str
    title: Title = ""

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(_message(self.action, self.data), self.token, self.topic, _number(self.counter))


class Follow(Fields, frozen=True, kw_only=True):
    """Which topic, what one has, and how long one waits."""

    right: ClassVar[str | None] = "token"
    places: ClassVar[Mapping[str, str]] = {"player": "topic", "counter": "cursor"}
    token: Sender = ""
    topic: str
    title: Title = ""
    cursor: Cursor = UNUSED
    wait: Wait = 0

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(UNUSED, self.token, self.topic, self.cursor)


class Enqueue(Fields, frozen=True, kw_only=True):
    """A message to the program that listens to a queue."""

    right: ClassVar[str | None] = "token"
    places: ClassVar[Mapping[str, str]] = {"player": "queue"}
    token: Sender = ""
    queue: str
    action: Name
    data: Annotated[Any, Meta(description="JSON of any kind.")] = None
    counter: Number = None

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(_message(self.action, self.data), self.token, self.queue, _number(self.counter))


class Attend(Fields, frozen=True, kw_only=True):
    """Which queue, what one has, and how long one waits."""

    right: ClassVar[str | None] = "token"
    places: ClassVar[Mapping[str, str]] = {"player": "queue", "counter": "cursor"}
    token: ServerKey = ""
    queue: str
    cursor: Cursor = UNUSED
    wait: Wait = 0

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(UNUSED, self.token, self.queue, self.cursor)


class Message(Struct, frozen=True, rename={"sender": "from"}):
    """A message, or an event of the server's own, whose `from` is `*`. No two of an inbox have the same `id`."""

    id: str
    action: str
    sender: str
    data: Any


class Messages(Answer, frozen=True):
    """What has come after the cursor, oldest first; `lost` if something before it is gone."""

    cursor: Cursor
    messages: tuple[Message, ...]
    lost: bool

    @classmethod
    def read(cls, reply: Reply, fields: Any) -> Self:
        """See `Answer.read`."""
        cursor, items = _listed(reply, fields)
        mails = (parse_mail_item(item) for item in items)
        messages = tuple(
            Message(cursors.encode(mail.id), mail.action, mail.sender, msgspec.json.decode(mail.data)) for mail in mails
        )
        return cls(cursor, messages, lost=reply.answer is answers.LOST)


def _message(action: str, data: Any) -> str:
    if ";" in action:
        raise bad_data("action: not a name")
    return f"{action};{json_text(data)}"


def _number(counter: int | str | None) -> str:
    return UNUSED if counter is None else f"{counter}"


def _listed(reply: Reply, fields: Any) -> tuple[str, list[str]]:
    """The cursor to hand back next, and the items; where nothing is new the cursor stays."""
    if reply.answer is answers.NOTHING_NEW:
        return getattr(fields, "cursor", UNUSED), []
    cursor, *items = reply.body.decode().split("|")
    return cursor, items


ACTIONS = (
    Action(Symbol.CHAT_SAY, "/chat/say", "Say one line in a channel", Who.TALKER, Say, ChatLines),
    Action(Symbol.CHAT_POLL, "/chat/poll", "Ask what was said", Who.TALKER, Listen, ChatLines),
    Action(Symbol.CHAT_WHO, "/chat/who", "Ask who is there", Who.TALKER, Channel, People),
    Action(Symbol.CHAT_MUTE, "/chat/mute", "Let a user say nothing for a while", Who.SERVER, Mute, Done),
    Action(Symbol.INBOX_POLL, "/initiate", "Open a message session", Who.USER, MessageSession, Messages),
    Action(Symbol.INBOX_CLOSE, "/disconnect", "Close it, handing the latest cursor back", Who.USER, Disconnect, Done),
    Action(Symbol.INBOX_POLL, "/inbox/poll", "Ask what has come", Who.USER, InboxPoll, Messages),
    Action(Symbol.INBOX_SEND, "/inbox/send", "Send a message to one user", Who.SENDER, Send, Done),
    Action(Symbol.BROADCAST, "/inbox/broadcast", "Send a message to all", Who.SERVER, Broadcast, Done),
    Action(Symbol.TOPIC_PUBLISH, "/topics/publish", "Put a message into a topic", Who.SERVER, Publish, Done),
    Action(Symbol.TOPIC_POLL, "/topics/poll", "Ask what is new in a topic", Who.SENDER, Follow, Messages),
    Action(Symbol.QUEUE_SEND, "/queues/send", "Send a message to a program", Who.SENDER, Enqueue, Done),
    Action(Symbol.QUEUE_POLL, "/queues/poll", "Ask what has come for a program", Who.SERVER, Attend, Messages),
)
"""The family's rows."""
