"""Chat: a channel's latest lines, and who is there.

    chat:TITLE, line feed, NAME    "channel": Channel, "people": People,     a lobby channel of a title
    chatroom:ROOM                  and the stream "lines" of packed Said     the channel of a room
    chatgame:ID OF THE MATCH                                                 the channel of a relay game
    mute:USER                      "mute": Mute                              a user who may not speak

A line is kept with who said it, under which cursor and when. So the history itself tells a repeat from a new line,
and how much somebody has said lately: nothing else has to be remembered, or kept in step.

Source: docs/messages.md, "Chat".
"""

import math

import msgspec
from msgspec import Struct

from turnserver.domain.documents import Match
from turnserver.domain.feed import is_older, making_room
from turnserver.domain.rooms.documents import Room, Rules
from turnserver.domain.sessions import Session
from turnserver.messages.chat import ChatSay
from turnserver.messages.reply import Refused
from turnserver.partition import Batch, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LINES = "lines"
"""The stream of what was said."""

NO_CURSOR = -1
"""The offset of a line that came without a cursor: it is nobody's original."""


class Channel(Struct, frozen=True, array_like=True, gc=False, tag="chat"):
    """A channel. `epoch` is that of its cursors."""

    epoch: str


class Person(Struct, frozen=True, array_like=True, gc=False):
    """Somebody who is there, and when they were last heard."""

    user: str
    name: str
    seen_ms: int


class People(Struct, frozen=True, array_like=True, gc=False, tag="chat_people"):
    """Who was there lately, in the order in which they came. A kill forgets them; they ask again."""

    people: tuple[Person, ...] = ()


class Said(Struct, frozen=True, array_like=True, gc=False):
    """A line: who said it with which secret (the first letters of its SHA-256), when, and under which cursor.

    `at_ms` is the store's clock, `unix_ms` the time of day; `offset` is the cursor's, or NO_CURSOR.
    """

    key: str
    user: str
    name: str
    at_ms: int
    unix_ms: int
    offset: int
    text: str


class Mute(Struct, frozen=True, array_like=True, gc=False, tag="chat_mute"):
    """A user says nothing before `until_ms` of the store's clock; then the partition ends by itself."""

    until_ms: int


class Voice(Struct, frozen=True, array_like=True, gc=False):
    """Somebody who may speak and read in a channel: `partition` is where, `key` as in `Said`."""

    partition: str
    key: str
    user: str
    name: str

    @property
    def is_in_lobby(self) -> bool:
        """True where anybody can bring a channel into being: there are so many of these and no more."""
        return self.partition.startswith("chat:")


ChatDocument = Channel | People | Mute

packed = msgspec.msgpack.Encoder().encode
"""A line as the stream keeps it."""

said_of = msgspec.msgpack.Decoder(Said).decode
"""The line that `packed` was given."""


def in_lobby(session: Session, *, title: str, channel: str, key: str) -> Voice:
    """Who holds a session, in a lobby channel of a title."""
    # Neither a title nor a name holds a line feed, so it keeps the two apart.
    return Voice(f"chat:{title}\n{channel}", key, session.user, session.name)


def in_room(view: View, digest: str, *, key: str) -> Voice:
    """Who holds a room key, in that room's channel.

    Args:
        view: The room that the key leads to.
        digest: The SHA-256 of the room key.
        key: The first letters of it.

    Raises:
        Refused: NO_RIGHT for a key that is not in use, NOT_ALLOWED for a viewer's: what members say may tell what
            viewers are not to see yet.
    """
    room: Room | None = view.value("room")
    if room is None:
        raise Refused(answers.NO_RIGHT)
    rules: Rules = view.value("rules")
    for member in room.members:
        if member is not None and member.key == digest:
            return Voice(f"chatroom:{rules.room}", key, member.user, member.name)
    is_viewer = any(viewer.key == digest for viewer in view.value("viewers").viewers)
    raise Refused(answers.NOT_ALLOWED if is_viewer else answers.NO_RIGHT)


def in_game(view: View, digest: str, *, key: str) -> Voice:
    """Who holds a game key, in the channel of that game; nobody vouches for the name, so it begins with `~`.

    Args:
        view: The match that the key leads to.
        digest: That of the key, as the match knows it.
        key: The first letters of its SHA-256.

    Raises:
        Refused: NO_RIGHT for a key that leads to no game.
    """
    match: Match | None = view.value("match")
    if match is None:
        raise Refused(answers.NO_RIGHT)
    seat = match.game_keys.index(digest)
    user = match.users[seat] if match.users else ""
    return Voice(f"chatgame:{match.id}", key, user or f"player:{seat}", f"~{match.names[seat]}")


def opening(epoch: str, *, limits: Limits) -> Batch:
    """The batch that brings a channel into being."""
    return Batch(expect={"channel": 0}, put={"channel": Channel(epoch)}, ttl_ms=_ttl_ms(limits))


def say(view: View, voice: Voice, request: ChatSay, *, unix_ms: int, limits: Limits) -> Batch | None:
    """Say one line; the oldest ones make room for it.

    Args:
        view: The channel.
        voice: Who speaks.
        request: The text and the cursor.
        unix_ms: The time of day, to be shown.
        limits: The bounds of history and pace count.

    Returns:
        The batch, or None for a repeat: this key has said the same under the same cursor.

    Raises:
        Refused: BAD_CURSOR; TOO_OLD for a cursor before the history, or before that of this key's latest line;
            TOO_MANY_REQUESTS, with the seconds to wait.
    """
    stream = view.stream(LINES)
    lines = [said_of(item) for item in stream.after(stream.first)]
    offset = NO_CURSOR
    if request.cursor is not None:
        offset = request.cursor.offset
        if is_older(stream, view.value("channel").epoch, request.cursor):
            raise Refused(answers.TOO_OLD)
        if offset > stream.next:
            raise Refused(answers.BAD_CURSOR)
        if _is_repeat(lines, voice, offset, request.text):
            return None
    _check_pace(lines, voice, view.now_ms, limits)
    item = packed(Said(voice.key, voice.user, voice.name, view.now_ms, unix_ms, offset, request.text))
    upto = making_room(
        stream,
        adds_bytes=len(item),
        items_max=limits.chat_history_lines_max,
        bytes_max=limits.chat_history_bytes_max,
    )
    return Batch(
        expect={LINES: stream.next, "channel": view.counter("channel")},
        append={LINES: (item,)},
        release={LINES: upto},
        ttl_ms=_ttl_ms(limits),
    )


def _is_repeat(lines: list[Said], voice: Voice, offset: int, text: str) -> bool:
    mine = [line for line in lines if line.key == voice.key]
    if any(line.offset == offset and line.text == text for line in mine):
        return True
    if any(line.offset > offset for line in mine):  # its sender has read on since: a copy that comes late
        raise Refused(answers.TOO_OLD)
    return False


def _check_pace(lines: list[Said], voice: Voice, now_ms: int, limits: Limits) -> None:
    window_ms = round(1000 * limits.chat_window_s)
    recent = [line.at_ms for line in lines if line.user == voice.user and now_ms - line.at_ms < window_ms]
    if len(recent) >= limits.chat_lines_max:
        left_ms = recent[-limits.chat_lines_max] + window_ms - now_ms
        raise Refused(answers.TOO_MANY_REQUESTS, f"{math.ceil(left_ms / 1000)}")


def mute_partition(user: str) -> str:
    """Where it is noted that a user may not speak."""
    return f"mute:{user}"


def mute(view: View, seconds: int) -> Batch:
    """The batch that mutes a user from now on, in place of what was before; 0 seconds let it speak again."""
    put = {"mute": Mute(view.now_ms + 1000 * seconds)}
    expect = {"mute": view.counter("mute")}
    return Batch(expect, put, ttl_ms=1000 * seconds) if seconds else Batch(expect, ends=True)


def check_mute(view: View) -> None:
    """Let pass who is not muted.

    Raises:
        Refused: NOT_ALLOWED; the details say that it is for this reason.
    """
    if view.exists:
        raise Refused(answers.NOT_ALLOWED, "muted")


def visit(view: View, voice: Voice, *, limits: Limits) -> Batch:
    """The batch that notes that somebody is there; nothing that a kill would have to keep.

    The list is written anew only where it has not been for a quarter of the time that it counts.
    """
    span_ms = round(1000 * limits.chat_presence_s)
    there = [person for person in _people(view) if view.now_ms - person.seen_ms < span_ms]
    found = next((person for person in there if person.user == voice.user), None)
    if found is not None and view.now_ms - found.seen_ms < span_ms // 4:
        return Batch(ttl_ms=_ttl_ms(limits), lasting=False)
    here = Person(voice.user, voice.name, view.now_ms)
    there = [here if person is found else person for person in there]
    if found is None and len(there) < limits.chat_people_max:
        there.append(here)
    put = {"people": People(tuple(there))}
    return Batch({"people": view.counter("people")}, put, ttl_ms=_ttl_ms(limits), lasting=False)


def present(view: View, *, limits: Limits) -> list[str]:
    """The names of those who were heard lately, in the order in which they came."""
    span_ms = round(1000 * limits.chat_presence_s)
    return [person.name for person in _people(view) if view.now_ms - person.seen_ms < span_ms]


def _people(view: View) -> tuple[Person, ...]:
    found: People | None = view.value("people")
    return () if found is None else found.people


def _ttl_ms(limits: Limits) -> int:
    return round(1000 * limits.chat_s)
