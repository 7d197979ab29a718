"""The lines of inboxes, symbols 50 to 52, and their items.

Source: docs/messages.md, "Inbox".
"""

from collections.abc import Callable

import msgspec

from turnserver.messages.inbox import Broadcast, InboxPoll, InboxRequest, InboxSend, Mail
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
    if not is_name(player, bytes_max=limits.name_bytes_max):
        raise bad_data("player: not a name")
    return InboxSend(key, player, _number(counter), *_message(data, limits))


def _broadcast(data: str, key: str, _player: str, counter: str, limits: Limits) -> Broadcast:
    return Broadcast(key, _number(counter), *_message(data, limits))


PARSERS: dict[str, Callable[[str, str, str, str, Limits], InboxRequest]] = {
    Symbol.INBOX_POLL.value: _poll,
    Symbol.INBOX_SEND.value: _send,
    Symbol.BROADCAST.value: _broadcast,
}
"""The parsers by symbol: `(data, key, player, counter, limits)` to a request."""


def _number(counter: str) -> int | None:
    if counter == UNUSED:
        return None
    value = number(counter)
    if value is None:
        raise bad_data("counter: not a number or *")
    return value


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
        case InboxSend(key, to, sent, action, data):
            return f"{Symbol.INBOX_SEND.value},{action};{data},{key},{to},{UNUSED if sent is None else sent}"
        case _:
            counter = UNUSED if request.number is None else request.number
            return f"{Symbol.BROADCAST.value},{request.action};{request.data},{request.key},*,{counter}"


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
