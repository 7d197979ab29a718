"""A request line, `symbol,data,key,player,counter`: text to value for the server, value to text for the client.

`symbol` is everything up to the first comma; key, player and counter are the last three fields; data is all that
stands between, commas included. Checks run in the protocol's order: 20, 2, 4/5, 4/4, 4/0, then 4/1, 4/2, 4/3, 6, 16.

Source: docs/protocol.md, "Requests".
"""

from collections.abc import Callable

from turnserver.messages.accounts import (
    AccountCreate,
    AccountDelete,
    AccountEmail,
    Login,
    Logout,
    PasswordChange,
    ResetAsk,
    ResetUse,
    SessionEnd,
    SessionList,
)
from turnserver.messages.chat import ChatMute, ChatPoll, ChatSay, ChatWho
from turnserver.messages.inbox import (
    Broadcast,
    InboxClose,
    InboxPoll,
    InboxSend,
    QueuePoll,
    QueueSend,
    TopicPoll,
    TopicPublish,
)
from turnserver.messages.relay import (
    GameQuit,
    GameUpdate,
    MapInit,
    MapReady,
    Register,
    RequestPair,
    Unregister,
)
from turnserver.messages.reply import Malformed
from turnserver.messages.requests import Request
from turnserver.messages.sessions import Guest
from turnserver.messages.world import WorldStats
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import LONG_TIMEOUT_KEY, TOKEN_LETTERS, UNUSED, Symbol
from turnserver.wire import accounts, chat, inbox, rooms
from turnserver.wire.numbers import number

_Parser = Callable[[str, str, str, str, Limits], Request]


def parse(body: bytes, limits: Limits) -> Request:
    """The request that `body` spells.

    Args:
        body: A request's whole body, or one line of a batch; one trailing LF is ignored.
        limits: `body_bytes_max` and `name_bytes_max` count.

    Raises:
        Malformed: The body breaks the form; any bytes at all give a request or this.
    """
    if len(body) > limits.body_bytes_max:
        raise Malformed(answers.BODY_TOO_LONG)
    if not body:
        raise Malformed(answers.NO_BODY)
    try:
        line = body.decode()
    except UnicodeDecodeError:
        raise Malformed(answers.NO_BODY) from None
    line = line.removesuffix("\n")
    if "\n" in line or "\r" in line:
        raise Malformed(answers.LINE_BREAK)
    fields = line.rsplit(",", 3)
    symbol, comma, data = fields[0].partition(",")
    if len(fields) < 4 or not comma:
        raise Malformed(answers.TOO_FEW_FIELDS)
    parser = _PARSERS.get(symbol)
    if parser is None:
        raise Malformed(answers.BAD_SYMBOL)
    return parser(data, fields[1], fields[2], fields[3], limits)


def parse_fields(symbol: Symbol, data: str, key: str, player: str, counter: str, limits: Limits) -> Request:
    """The request of a line whose fields come one by one, for faces that have no lines.

    Args:
        symbol: What is wanted.
        data: As on the line, and so are key, player and counter.
        key: Gives the right.
        player: Who, or where.
        counter: What the client has so far.
        limits: As for `parse`.

    Raises:
        Malformed: As `parse` does; together the fields may not be longer than a line.
    """
    fields = (data, key, player, counter)
    try:
        size = len(",".join((symbol.value, *fields)).encode())
    except UnicodeEncodeError:
        raise Malformed(answers.NO_BODY) from None
    if size > limits.body_bytes_max:
        raise Malformed(answers.BODY_TOO_LONG)
    if any("\n" in field or "\r" in field for field in fields):
        raise Malformed(answers.LINE_BREAK)
    return _PARSERS[symbol.value](*fields, limits)


def _register(data: str, key: str, player: str, counter: str, limits: Limits) -> Register:
    if key not in (UNUSED, LONG_TIMEOUT_KEY):
        raise Malformed(answers.BAD_REGISTER_KEY)
    if data in ("", UNUSED) or len(data.encode()) > limits.name_bytes_max:
        raise Malformed(answers.BAD_NAME)
    if not player or len(player.encode()) > limits.name_bytes_max:
        raise Malformed(answers.BAD_PARTNER_NAME)
    token = counter if len(counter) == TOKEN_LETTERS else None
    return Register(data, None if player == UNUSED else player, key == LONG_TIMEOUT_KEY, token)


def _unregister(_data: str, key: str, _player: str, _counter: str, _limits: Limits) -> Unregister:
    return Unregister(key)


def _request_pair(_data: str, key: str, _player: str, _counter: str, _limits: Limits) -> RequestPair:
    return RequestPair(key)


def _map_init(_data: str, key: str, _player: str, _counter: str, _limits: Limits) -> MapInit:
    return MapInit(key)


def _map_ready(_data: str, key: str, _player: str, _counter: str, _limits: Limits) -> MapReady:
    return MapReady(key)


def _quit(_data: str, key: str, player: str, counter: str, _limits: Limits) -> GameQuit:
    return GameQuit(key, _seat(player), *_counters(counter))


def _update(data: str, key: str, player: str, counter: str, _limits: Limits) -> GameUpdate:
    return GameUpdate(key, _seat(player), *_counters(counter), data.encode())


def _guest(_data: str, _key: str, _player: str, _counter: str, _limits: Limits) -> Guest:
    return Guest()


def _world_stats(_data: str, _key: str, _player: str, _counter: str, _limits: Limits) -> WorldStats:
    return WorldStats()


_PARSERS: dict[str, _Parser] = {
    Symbol.REGISTER.value: _register,
    Symbol.UNREGISTER.value: _unregister,
    Symbol.REQUEST_PAIR.value: _request_pair,
    Symbol.MAP_INIT.value: _map_init,
    Symbol.MAP_READY.value: _map_ready,
    Symbol.GAME_QUIT.value: _quit,
    Symbol.GAME_UPDATE.value: _update,
    **rooms.PARSERS,
    **chat.PARSERS,
    **inbox.PARSERS,
    **accounts.PARSERS,
    Symbol.GUEST.value: _guest,
    Symbol.WORLD_STATS.value: _world_stats,
}

_SEATS = {"0": 0, "1": 1}


def _seat(player: str) -> int:
    try:
        return _SEATS[player]
    except KeyError:
        raise Malformed(answers.BAD_PLAYER) from None


def _counters(counter: str) -> tuple[int, int | None]:
    """The counter `n`, or `n.r` in the exact form."""
    sent_text, dot, received_text = counter.partition(".")
    sent = number(sent_text)
    received = number(received_text) if dot else None
    if sent is None or (dot and received is None):
        raise Malformed(answers.BAD_COUNTER)
    return sent, received


def line(request: Request) -> bytes:
    """The line that spells `request`, without a line feed; `parse` gives the request back."""
    match request:
        case Register(name, partner, long_timeout, token):
            key = LONG_TIMEOUT_KEY if long_timeout else UNUSED
            return f"{Symbol.REGISTER.value},{name},{key},{partner or UNUSED},{token or UNUSED}".encode()
        case GameQuit(key, player, counter, received):
            return f"{Symbol.GAME_QUIT.value},*,{key},{player},{_counter(counter, received)}".encode()
        case GameUpdate(key, player, counter, received, data):
            head, tail = Symbol.GAME_UPDATE.value, f"{key},{player},{_counter(counter, received)}"
            return b"%s,%s,%s" % (head.encode(), data, tail.encode())
        case Guest():
            return f"{Symbol.GUEST.value},*,*,*,*".encode()
        case WorldStats():
            return f"{Symbol.WORLD_STATS.value},*,*,*,*".encode()
        case Unregister() | RequestPair() | MapInit() | MapReady():
            return f"{_KEY_ONLY[type(request)].value},*,{request.key},*,*".encode()
        case ChatSay() | ChatPoll() | ChatWho() | ChatMute():
            return chat.line(request).encode()
        case (
            InboxPoll()
            | InboxSend()
            | Broadcast()
            | TopicPublish()
            | TopicPoll()
            | QueueSend()
            | QueuePoll()
            | InboxClose()
        ):
            return inbox.line(request).encode()
        case (
            AccountCreate()
            | Login()
            | Logout()
            | PasswordChange()
            | AccountDelete()
            | ResetAsk()
            | ResetUse()
            | SessionList()
            | SessionEnd()
            | AccountEmail()
        ):
            return accounts.line(request).encode()
        case _:
            return rooms.line(request).encode()


_KEY_ONLY: dict[type[Request], Symbol] = {
    Unregister: Symbol.UNREGISTER,
    RequestPair: Symbol.REQUEST_PAIR,
    MapInit: Symbol.MAP_INIT,
    MapReady: Symbol.MAP_READY,
}


def _counter(sent: int, received: int | None) -> str:
    return f"{sent}" if received is None else f"{sent}.{received}"
