"""The first field of a request: what the client wants.

Source: docs/protocol.md, "Symbols". Numbers are fixed for ever and never reused.
"""

from enum import Enum
from typing import NamedTuple


class Symbol(str, Enum):
    """A request's first field, in the one spelling that the wire accepts."""

    REGISTER = "0"
    UNREGISTER = "1"
    REQUEST_PAIR = "2"
    MAP_INIT = "3"
    MAP_READY = "4"
    GAME_QUIT = "5"
    GAME_UPDATE = "6"
    ROOM_CREATE = "20"
    ROOM_JOIN = "21"
    ROOM_WATCH = "22"
    ROOM_SETUP = "23"
    ROOM_READY = "24"
    ROOM_TURN = "25"
    ROOM_POLL = "26"
    ROOM_EVENT = "27"
    ROOM_LEAVE = "28"
    ROOM_LIST = "29"
    CHAT_SAY = "40"
    CHAT_POLL = "41"
    CHAT_WHO = "42"
    CHAT_MUTE = "43"
    INBOX_POLL = "50"
    INBOX_SEND = "51"
    BROADCAST = "52"
    TOPIC_PUBLISH = "53"
    TOPIC_POLL = "54"
    QUEUE_SEND = "55"
    QUEUE_POLL = "56"
    INBOX_CLOSE = "57"
    ACCOUNT_CREATE = "60"
    LOGIN = "61"
    GUEST = "62"
    LOGOUT = "63"
    PASSWORD_CHANGE = "64"  # noqa: S105  # a symbol, not a password
    ACCOUNT_DELETE = "65"
    RESET_ASK = "66"
    RESET_USE = "67"
    SESSION_LIST = "68"
    SESSION_END = "69"
    WORLD_STATS = "70"
    ACCOUNT_EMAIL = "71"


class Row(NamedTuple):
    """What each field of a request means for one symbol; `*` where it is not used."""

    symbol: Symbol
    data: str
    key: str
    player: str
    counter: str


TABLE: tuple[Row, ...] = (
    Row(
        Symbol.REGISTER,
        "user name",
        "`*`, or `bibbybabbis` for the long time-out",
        "name of the one wanted partner, or `*` for anyone",
        "`*`, or a token: the user whose inbox is told",
    ),
    Row(Symbol.UNREGISTER, "`*`", "pairing key", "`*`", "`*`"),
    Row(Symbol.REQUEST_PAIR, "`*`", "pairing key", "`*`", "`*`"),
    Row(Symbol.MAP_INIT, "`*`", "pairing key", "`*`", "`*`"),
    Row(Symbol.MAP_READY, "`*`", "pairing key", "`*`", "`*`"),
    Row(Symbol.GAME_QUIT, "`*`", "game key", "0 or 1", "my counter"),
    Row(Symbol.GAME_UPDATE, "the update", "game key", "0 or 1", "my counter"),
    Row(Symbol.ROOM_CREATE, "JSON object: the room", "token", "wished name or `*`", "any text of mine, or `*`"),
    Row(Symbol.ROOM_JOIN, "room id", "token", "wished name or `*`", "any text of mine, or `*`"),
    Row(Symbol.ROOM_WATCH, "room id", "token", "`*`", "any text of mine, or `*`"),
    Row(Symbol.ROOM_SETUP, "JSON merge patch", "room key", "seat index", "cursor or `*`"),
    Row(Symbol.ROOM_READY, "`1` or `0`", "room key", "seat index", "cursor or `*`"),
    Row(
        Symbol.ROOM_TURN,
        "generation;latency_ms;framerate;checked;hash;commands",
        "room key",
        "seat index",
        "cursor or `*`",
    ),
    Row(Symbol.ROOM_POLL, "`*`", "room key", "seat index, or `*` for a viewer", "cursor or `*`"),
    Row(Symbol.ROOM_EVENT, "the event's name", "room key", "seat index", "cursor or `*`"),
    Row(Symbol.ROOM_LEAVE, "`*`", "room key", "seat index, or `*` for a viewer", "`*`"),
    Row(Symbol.ROOM_LIST, "JSON object: the filter, or `*`", "token", "`*`", "`*`"),
    Row(Symbol.CHAT_SAY, "the text", "token, room key or game key", "channel", "cursor or `*`"),
    Row(Symbol.CHAT_POLL, "`*`", "token, room key or game key", "channel", "cursor or `*`"),
    Row(Symbol.CHAT_WHO, "`*`", "token, room key or game key", "channel", "`*`"),
    Row(Symbol.CHAT_MUTE, "seconds, 0 to speak again", "server key", "the user's name", "`*`"),
    Row(Symbol.INBOX_POLL, "`*`", "token", "`*`", "cursor or `*`"),
    Row(Symbol.INBOX_SEND, "action;JSON", "token or server key", "the addressee's name", "my running number, or `*`"),
    Row(Symbol.BROADCAST, "action;JSON", "server key", "`*`", "my running number, or `*`"),
    Row(Symbol.TOPIC_PUBLISH, "action;JSON", "server key", "topic", "my running number, or `*`"),
    Row(Symbol.TOPIC_POLL, "`*`", "token or server key", "topic", "cursor or `*`"),
    Row(Symbol.QUEUE_SEND, "action;JSON", "token or server key", "queue", "my running number, or `*`"),
    Row(Symbol.QUEUE_POLL, "`*`", "server key", "queue", "cursor or `*`"),
    Row(Symbol.INBOX_CLOSE, "`*`", "token", "`*`", "cursor or `*`"),
    Row(Symbol.ACCOUNT_CREATE, "name;password", "a guest's token, or `*`", "`*`", "`*`"),
    Row(Symbol.LOGIN, "name;password", "a token that I had for this account, or `*`", "`*`", "`*`"),
    Row(Symbol.GUEST, "`*`", "`*`", "`*`", "`*`"),
    Row(Symbol.LOGOUT, "`*`", "token", "`*`", "`*`"),
    Row(Symbol.PASSWORD_CHANGE, "old password;new password", "token", "`*`", "`*`"),
    Row(Symbol.ACCOUNT_DELETE, "password", "token", "`*`", "`*`"),
    Row(Symbol.RESET_ASK, "name", "`*`", "`*`", "`*`"),
    Row(Symbol.RESET_USE, "reset token;new password", "`*`", "`*`", "`*`"),
    Row(Symbol.SESSION_LIST, "`*`", "token", "`*`", "`*`"),
    Row(Symbol.SESSION_END, "session id, or `*` for all but this one", "token", "`*`", "`*`"),
    Row(Symbol.WORLD_STATS, "`*`", "`*`", "`*`", "`*`"),
    Row(Symbol.ACCOUNT_EMAIL, "password;address", "token", "`*`", "`*`"),
)

UNUSED = "*"
"""A field that is not used, and in REGISTER "anyone"."""

TOKEN_LETTERS = 43
"""The length of every session token."""

LONG_TIMEOUT_KEY = "bibbybabbis"
"""The key that asks REGISTER for the long time-out."""
