"""Every answer that the server can give: the one table of codes.

Source: docs/protocol.md, "Replies" and "Errors". Numbers are fixed for ever and never reused; 3, 7 and 8 are
reserved and never sent.
"""

from typing import NamedTuple


class Answer(NamedTuple):
    """One row of the table: `status/code` of the reply line, and what it means."""

    prefix: bytes
    """What the line begins with, for example `b"0/9/"` or `b"13/*/"`."""
    http: int
    """The HTTP status that the reply travels with."""
    retry: bool
    """Whether the same request, sent again later, may get another answer."""
    words: str
    """The meaning, as docs/protocol.md prints it."""

    @property
    def code(self) -> str:
        """`status/code` as text, for example `0/9` or `13/*`."""
        return self.prefix.decode()[:-1]

    @property
    def is_error(self) -> bool:
        """True where the line does not begin with `0/`."""
        return not self.prefix.startswith(b"0/")


def _success(code: int, words: str, *, retry: bool = True) -> Answer:
    return Answer(b"0/%d/" % code, 200, retry, words)


def _error(number: int, words: str, *, code: str = "*", http: int = 400, retry: bool = False) -> Answer:
    return Answer(f"{number}/{code}/".encode(), http, retry, words)


REGISTERED = _success(0, "registered; the body is the pairing key")
UNREGISTERED = _success(1, "unregistered")
NO_PARTNER_YET = _success(2, "no partner yet, ask again")
PAIRED_AS_SERVER = _success(3, "paired with NAME; this client plays the server role: its request made the pair")
PAIRED_AS_CLIENT = _success(4, "paired with NAME; this client plays the client role")
LOADING_AS_SERVER = _success(5, "answer to MAP_INIT for the server role; the body is empty")
LOADING_AS_CLIENT = _success(6, "answer to MAP_INIT for the client role; the body is empty")
PARTNER_LOADS = _success(7, "ready noted; the partner still loads, ask again")
PLAY = _success(8, "play begins; the body is KEY|PLAYER: the game key, and 0 or 1")
UPDATES = _success(9, "the partner's updates, oldest first, joined by |")
NOTHING_NEW = _success(10, "the partner has sent nothing new")
UNACKNOWLEDGED = _success(11, "the counter has not moved: all of the partner's updates not acknowledged yet")
QUIT = _success(12, "quit noted")
LOST = _success(13, "something between your cursor and the first item is gone; then CURSOR|ITEM|...")
ROOM_CREATED = _success(20, "the room is there; the body is ROOM|KEY|INDEX|CURSOR|HEADER")
ROOM_JOINED = _success(21, "you have a seat; the body is ROOM|KEY|INDEX|CURSOR|HEADER")
ROOM_WATCHED = _success(22, "you may watch; the body is ROOM|KEY|*|CURSOR|HEADER")
ROOM_ITEMS = _success(26, "the room's items after your cursor, oldest first: CURSOR|ITEM|...")
ROOM_LEFT = _success(28, "you have left the room")
ROOMS = _success(29, "open rooms, newest first: ROOM;STATE;PLAYERS;MOST;NAME|..., or * if there is none")
CHAT_LINES = _success(41, "the channel's lines after your cursor, oldest first: CURSOR|NAME;UNIX_MS;TEXT|...")
CHAT_WHO = _success(42, "who is there: NAME|..., or * if nobody is")
CHAT_MUTED = _success(43, "noted: the user is muted, or no longer")
INBOX_MESSAGES = _success(50, "messages after your cursor, oldest first: CURSOR|ID;ACTION;FROM;JSON|...")
INBOX_SENT = _success(51, "the message is in the addressee's inbox")
BROADCAST_SENT = _success(52, "the message is on its way to all")
PUBLISHED = _success(53, "the message is in the topic")
TOPIC_MESSAGES = _success(54, "messages after your cursor, oldest first: CURSOR|ID;ACTION;FROM;JSON|...")
QUEUED = _success(55, "the message is in the queue")
QUEUE_MESSAGES = _success(56, "messages after your cursor, oldest first: CURSOR|ID;ACTION;FROM;JSON|...")
INBOX_CLOSED = _success(57, "the message session is closed; what has not arrived waits for the next")
ACCOUNT_CREATED = _success(60, "the account is there, with a session; the body is TOKEN|SECONDS")
LOGGED_IN = _success(61, "a session of the account; the body is TOKEN|SECONDS")
GUEST = _success(62, "a session for a guest; the body is TOKEN|SECONDS|NAME")
LOGGED_OUT = _success(63, "the session has ended")
PASSWORD_CHANGED = _success(64, "the new password counts; all other sessions have ended")
ACCOUNT_DELETED = _success(65, "the account is gone, and all its sessions have ended")
RESET_ASKED = _success(66, "if there is such an account, its owner is sent a reset token")
RESET_USED = _success(67, "the new password counts; all sessions have ended")
SESSIONS = _success(68, "open sessions of the account, oldest first: ID;OPENED_MS;ADDRESS;MINE|...")
SESSION_ENDED = _success(69, "the session has ended, or all but this one")
WORLD = _success(70, "how many live here, and what was asked; the body is a JSON object")
EMAIL_CHANGED = _success(71, "reset tokens are mailed to this address, or to none")

NO_LENGTH = _error(1, "no valid length")
NO_BODY = _error(2, "body missing or not UTF-8")
BAD_SYMBOL = _error(4, "bad symbol", code="0")
BAD_PLAYER = _error(4, "player is not 0 or 1", code="1")
BAD_COUNTER = _error(4, "bad counter", code="2")
BAD_REGISTER_KEY = _error(4, "bad key in REGISTER", code="3")
TOO_FEW_FIELDS = _error(4, "too few fields", code="4")
LINE_BREAK = _error(4, "line break inside", code="5")
NOT_REGISTERED = _error(5, "not registered")
BAD_NAME = _error(6, "name empty, `*`, or over 64 bytes")
PARTNER_DROPPED = _error(9, "the partner dropped before the start; ask again (2)", code="2", retry=True)
AHEAD_OF_STATE = _error(10, "this request is ahead of your state; register again")
REGISTRATIONS_FULL = _error(11, "no free pairing key (capacity)", retry=True)
MATCHES_FULL = _error(12, "no free game key (capacity)", retry=True)
NO_SUCH_GAME = _error(13, "no such game")
NOT_IN_GAME = _error(14, "you are not in this game")
PARTNER_LEFT = _error(15, "the partner has left the game")
BAD_PARTNER_NAME = _error(16, "partner name empty or too long")
WANTED_PARTNER_DROPPED = _error(17, "the wanted partner dropped")
COUNTER_BEHIND = _error(18, "counter is behind")
COUNTER_AHEAD = _error(19, "counter is ahead")
BODY_TOO_LONG = _error(20, "body longer than 16,384 bytes")
BUFFER_FULL = _error(21, "buffer full", retry=True)

NO_RIGHT = _error(30, "token or key missing or ended, or name and password do not fit; the body may say why", http=401)
NOT_ALLOWED = _error(31, "not allowed; the body may say why", http=403)
NOT_THERE = _error(32, "no such room, user, channel or queue", http=404)
FULL = _error(33, "full", http=409, retry=True)
TOO_OLD = _error(34, "too old", http=409)
TOO_FAR_AHEAD = _error(35, "too far ahead", http=409, retry=True)
BAD_DATA = _error(36, "bad data; the body names the place")
WRONG_STATE = _error(37, "wrong state", http=409)
NAME_TAKEN = _error(38, "name taken", http=409)
BAD_CURSOR = _error(39, "bad cursor")
UNKNOWN_PATH = _error(40, "unknown path", http=404)
WRONG_METHOD = _error(41, "wrong method", http=405)
TOO_LARGE = _error(42, "too large", http=413)
TOO_MANY_REQUESTS = _error(
    43, "too many requests; the body is the seconds to wait, as in `Retry-After`", http=429, retry=True
)
STORE_DOWN = _error(44, "the server cannot store now", http=503, retry=True)

TABLE: tuple[Answer, ...] = tuple(value for value in dict(globals()).values() if isinstance(value, Answer))
"""All answers in the order of their numbers."""

RESERVED_NUMBERS = (3, 7, 8)
"""Error numbers that are never sent."""

BY_PREFIX: dict[str, Answer] = {answer.code: answer for answer in TABLE}
"""Answers by their `status/code`."""

NAMES: dict[str, str] = {value.code: name for name, value in dict(globals()).items() if isinstance(value, Answer)}
"""What answers are called, by their `status/code`."""
