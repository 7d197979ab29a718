"""The lines of inboxes, topics and queues, symbols 50 to 57, and their items.

Source: docs/messages.md, "Inbox", "Topics" and "Queues".
"""

from collections.abc import Callable

import msgspec

from turnserver.messages.cursor import Cursor
from turnserver.messages.inbox import (
    Broadcast,
    InboxClose,
    InboxPoll,
    InboxRequest,
    InboxSend,
    Mail,
    QueuePoll,
    QueueSend,
    Sending,
    TopicPoll,
    TopicPublish,
)
from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import UNUSED, Symbol
from turnserver.wire import cursor as cursors
from turnserver.wire.names import is_name
from turnserver.wire.numbers import number
from turnserver.wire.objects import bad_data, is_deeper
from turnserver.wire.percent import decode, encode


def _poll(_data: str, key: str, _player: str, counter: str, _limits: Limits) -> InboxPoll:
    return InboxPoll(key, cursors.field(counter))


def _send(data: str, key: str, player: str, counter: str, limits: Limits) -> InboxSend:
    to, (series, sent) = _name(player, limits), _number(counter, limits)
    return InboxSend(key, to, sent, *_message(data, limits), series)


def _broadcast(data: str, key: str, _player: str, counter: str, limits: Limits) -> Broadcast:
    series, sent = _number(counter, limits)
    return Broadcast(key, sent, *_message(data, limits), series)


def _topic_publish(data: str, key: str, player: str, counter: str, limits: Limits) -> TopicPublish:
    topic, (series, sent) = _name(player, limits), _number(counter, limits)
    return TopicPublish(key, topic, sent, *_message(data, limits), series)


def _topic_poll(_data: str, key: str, player: str, counter: str, limits: Limits) -> TopicPoll:
    return TopicPoll(key, _name(player, limits), cursors.field(counter))


def _queue_send(data: str, key: str, player: str, counter: str, limits: Limits) -> QueueSend:
    queue, (series, sent) = _name(player, limits), _number(counter, limits)
    return QueueSend(key, queue, sent, *_message(data, limits), series)


def _queue_poll(_data: str, key: str, player: str, counter: str, limits: Limits) -> QueuePoll:
    return QueuePoll(key, _name(player, limits), cursors.field(counter))


def _close(_data: str, key: str, _player: str, counter: str, _limits: Limits) -> InboxClose:
    return InboxClose(key, cursors.field(counter))


PARSERS: dict[str, Callable[[str, str, str, str, Limits], InboxRequest]] = {
    Symbol.INBOX_POLL.value: _poll,
    Symbol.INBOX_SEND.value: _send,
    Symbol.BROADCAST.value: _broadcast,
    Symbol.TOPIC_PUBLISH.value: _topic_publish,
    Symbol.TOPIC_POLL.value: _topic_poll,
    Symbol.QUEUE_SEND.value: _queue_send,
    Symbol.QUEUE_POLL.value: _queue_poll,
    Symbol.INBOX_CLOSE.value: _close,
}
"""The parsers by symbol: `(data, key, player, counter, limits)` to a request."""


def _name(player: str, limits: Limits) -> str:
    if not is_name(player, bytes_max=limits.name_bytes_max):
        raise bad_data("player: not a name")
    return player


def _number(counter: str, limits: Limits) -> tuple[str, int | None]:
    """The series and the number in it: `N`, `SERIES.N`, or `*` for a message without a number."""
    if counter == UNUSED:
        return "", None
    series, dot, digits = counter.rpartition(".")
    value = number(digits)
    if value is None or (dot and not is_series(series, bytes_max=limits.series_bytes_max)):
        raise bad_data("counter: not a number, SERIES.NUMBER or *")
    return series, value


def is_series(text: str, *, bytes_max: int) -> bool:
    """True for 1 to `bytes_max` ASCII letters, digits, `-` and `_`."""
    return 0 < len(text) <= bytes_max and text.isascii() and text.replace("-", "_").replace("_", "a").isalnum()


def _message(data: str, limits: Limits) -> tuple[str, str]:
    """The action, and the JSON text as it was sent."""
    action, _, text = data.partition(";")
    if not is_name(action, bytes_max=limits.name_bytes_max):
        raise bad_data("action: not a name")
    if len(text.encode()) > limits.inbox_data_bytes_max:
        raise Malformed(answers.TOO_LARGE)
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise bad_data(str(error)) from None
    if is_deeper([value], limits.room_config_depth_max + 1):
        raise bad_data(f"deeper than {limits.room_config_depth_max} objects and lists")
    return action, text


def line(request: InboxRequest) -> str:
    """The line that spells `request`, without a line feed; `requests.parse` gives the request back."""
    match request:
        case InboxPoll(token, cursor):
            return f"{Symbol.INBOX_POLL.value},*,{token},*,{cursors.counter_field(cursor)}"
        case InboxClose(token, cursor):
            return f"{Symbol.INBOX_CLOSE.value},*,{token},*,{cursors.counter_field(cursor)}"
        case TopicPoll(key, topic, cursor):
            return f"{Symbol.TOPIC_POLL.value},*,{key},{topic},{cursors.counter_field(cursor)}"
        case QueuePoll(key, queue, cursor):
            return f"{Symbol.QUEUE_POLL.value},*,{key},{queue},{cursors.counter_field(cursor)}"
        case InboxSend():
            return _sending(Symbol.INBOX_SEND, request, request.to)
        case TopicPublish():
            return _sending(Symbol.TOPIC_PUBLISH, request, request.topic)
        case QueueSend():
            return _sending(Symbol.QUEUE_SEND, request, request.queue)
        case _:
            return _sending(Symbol.BROADCAST, request, UNUSED)


def _sending(symbol: Symbol, request: Sending, player: str) -> str:
    counter = UNUSED if request.number is None else f"{request.number}"
    if request.series:
        counter = f"{request.series}.{counter}"
    return f"{symbol.value},{request.action};{request.data},{request.key},{player},{counter}"


def mail_item(mail: Mail) -> bytes:
    """`ID;ACTION;FROM;JSON`."""
    return f"{cursors.encode(mail.id)};{encode(mail.action)};{encode(mail.sender)};{encode(mail.data)}".encode()


def parse_mail_item(text: str) -> Mail:
    """What `mail_item` was given.

    Raises:
        ValueError: It is no such item.
    """
    place, action, sender, data = text.split(";")
    cursor = cursors.parse(place)
    if cursor is None:
        raise ValueError(f"not a message: {text[:80]!r}")
    return Mail(cursor, decode(action), decode(sender), decode(data))


def parse_mails(body: bytes) -> tuple[Cursor, list[Mail]]:
    """The cursor to hand back next, and the messages, oldest first.

    Raises:
        ValueError: It is no such body.
    """
    cursor, items = cursors.followed(body)
    return cursor, [parse_mail_item(item) for item in items]
