"""The lines of chat, symbols 40 to 43, its items and its lists of names.

Source: docs/messages.md, "Chat".
"""

from collections.abc import Callable, Sequence

from turnserver.messages.chat import ChatLine, ChatMute, ChatPoll, ChatRequest, ChatSay, ChatWho
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import UNUSED, Symbol
from turnserver.wire import cursor as cursors
from turnserver.wire.names import CHANNEL_WORDS, is_name
from turnserver.wire.numbers import number
from turnserver.wire.objects import bad_data
from turnserver.wire.percent import decode, encode


def _say(data: str, key: str, player: str, counter: str, limits: Limits) -> ChatSay:
    channel, cursor = _channel(player, limits), cursors.field(counter)
    if not data:
        raise bad_data("data: empty")
    if len(data.encode()) > limits.chat_text_bytes_max:
        raise Malformed(answers.TOO_LARGE)
    return ChatSay(key, channel, cursor, data)


def _poll(_data: str, key: str, player: str, counter: str, limits: Limits) -> ChatPoll:
    return ChatPoll(key, _channel(player, limits), cursors.field(counter))


def _who(_data: str, key: str, player: str, _counter: str, limits: Limits) -> ChatWho:
    return ChatWho(key, _channel(player, limits))


def _mute(data: str, key: str, player: str, _counter: str, limits: Limits) -> ChatMute:
    if not is_name(player, bytes_max=limits.name_bytes_max):
        raise bad_data("player: not a name")
    seconds = number(data)
    if seconds is None or seconds > limits.chat_mute_s_max:
        raise bad_data(f"data: not seconds, 0 to {limits.chat_mute_s_max:g}")
    return ChatMute(key, player, seconds)


PARSERS: dict[str, Callable[[str, str, str, str, Limits], ChatRequest]] = {
    Symbol.CHAT_SAY.value: _say,
    Symbol.CHAT_POLL.value: _poll,
    Symbol.CHAT_WHO.value: _who,
    Symbol.CHAT_MUTE.value: _mute,
}
"""The parsers by symbol: `(data, key, player, counter, limits)` to a request."""


def _channel(player: str, limits: Limits) -> str:
    if player not in CHANNEL_WORDS and not is_name(player, bytes_max=limits.name_bytes_max):
        raise bad_data("player: not a channel")
    return player


def line(request: ChatRequest) -> str:
    """The line that spells `request`, without a line feed; `requests.parse` gives the request back."""
    match request:
        case ChatSay(key, channel, cursor, text):
            return f"{Symbol.CHAT_SAY.value},{text},{key},{channel},{cursors.counter_field(cursor)}"
        case ChatPoll(key, channel, cursor):
            return f"{Symbol.CHAT_POLL.value},*,{key},{channel},{cursors.counter_field(cursor)}"
        case ChatMute(key, name, seconds):
            return f"{Symbol.CHAT_MUTE.value},{seconds},{key},{name},*"
        case _:
            return f"{Symbol.CHAT_WHO.value},*,{request.key},{request.channel},*"


def chat_item(said: ChatLine) -> bytes:
    """`NAME;UNIX_MS;TEXT`."""
    return f"{encode(said.name)};{said.unix_ms};{encode(said.text)}".encode()


def parse_chat_item(text: str) -> ChatLine:
    """What `chat_item` was given.

    Raises:
        ValueError: It is no such item.
    """
    name, unix_ms, said = text.split(";")
    at_ms = number(unix_ms)
    if at_ms is None:
        raise ValueError(f"not a line of chat: {text[:80]!r}")
    return ChatLine(decode(name), at_ms, decode(said))


def parse_chat_lines(body: bytes) -> tuple[Cursor, list[ChatLine]]:
    """The cursor to hand back next, and the lines, oldest first.

    Raises:
        ValueError: It is no such body.
    """
    cursor, items = cursors.followed(body)
    return cursor, [parse_chat_item(item) for item in items]


def names_body(names: Sequence[str]) -> bytes:
    """`NAME|...`, or `*` if there is none."""
    return ("|".join(map(encode, names)) or UNUSED).encode()


def parse_names(body: bytes) -> list[str]:
    """What `names_body` was given: nobody is called `*`, and relay players' names begin with `~`."""
    text = body.decode()
    return [] if text == UNUSED else [decode(name) for name in text.split("|")]
