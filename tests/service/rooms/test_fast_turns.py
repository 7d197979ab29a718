"""The fast path of turns is held equal to the general way: the same requests get the same replies at the same times,
and leave the same values."""

import asyncio
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.room_server import Member, playing, taught
from tests.text_server import TextServer, TimelessLoop, finished, in_no_time
from turnserver.build import Document
from turnserver.domain.rooms.documents import Room, room_partition
from turnserver.partition import View
from turnserver.protocol.limits import Limits
from turnserver.service.holding import Hold
from turnserver.store.journal import JournalStore
from turnserver.store.log import Log
from turnserver.store.memory import MemoryStore
from turnserver.wire import cursor as cursors

OPENS_ITS_STORES = True
"""Only a store in this process has a fast path."""

SEATS = 3

LIMITS = Limits(room_commands_bytes_max=24, room_hash_bytes_max=12, body_bytes_max=200, room_record_bytes_max=600)

COMMANDS = st.sampled_from(
    ["", "a", "a", "m;1;2", "-", "a,b", "grüße 🎲", "x" * 25, "a|b%", "line\nbreak", "\r", "\udcff", "x" * 200]
)
GENERATIONS = st.sampled_from(["next"] * 8 + ["again", "ahead", "far", "old", "0", "01", ""])
PACES = st.sampled_from(["40;60"] * 4 + [";", "40;", ";60", "90;30", "01;60", "x;", "1000000000000000;", "-1;"])
HASHES = st.sampled_from(["", "right", "right", "right", "part=1&q=2", "lie", "early", "old", "half", "long"])
CURSORS = st.sampled_from(["own"] * 8 + ["*", "old", "ahead", "other", ""])


class Turn(NamedTuple):
    """A turn as a client might post it, rightly or wrongly; each field names a way."""

    seat: int
    generation: str
    pace: str
    hash: str
    commands: str
    cursor: str
    wait_s: float
    as_other: bool


TURNS = st.builds(
    Turn,
    seat=st.integers(0, SEATS - 1),
    generation=GENERATIONS,
    pace=PACES,
    hash=HASHES,
    commands=COMMANDS,
    cursor=CURSORS,
    wait_s=st.sampled_from([0, 0, 20, 20, 20, 0.5]),
    as_other=st.sampled_from([False] * 15 + [True]),
)
GOOD_TURNS = st.builds(
    Turn,
    seat=st.integers(0, SEATS - 1),
    generation=st.just("next"),
    pace=st.sampled_from(["40;60", ";"]),
    hash=st.sampled_from(["", "right"]),
    commands=st.sampled_from(["", "a"]),
    cursor=st.just("own"),
    wait_s=st.sampled_from([0, 20]),
    as_other=st.just(value=False),
)
OTHERS = st.one_of(
    st.tuples(st.just("poll"), st.integers(0, SEATS - 1), st.sampled_from([0, 20])),
    st.tuples(st.just("later"), st.sampled_from([0.001, 0.3, 1.5, 6])),
    st.tuples(st.sampled_from(["pause", "resume", "resume"]), st.integers(0, SEATS - 1)),
    st.tuples(st.just("leave"), st.integers(0, SEATS - 1)),
    st.tuples(st.just("rejoin"), st.integers(0, SEATS - 1)),
    st.tuples(st.just("round")),
)
STEPS = st.lists(st.one_of(GOOD_TURNS, GOOD_TURNS, GOOD_TURNS, TURNS, OTHERS), max_size=30)
WISHES = st.fixed_dictionaries(
    {"on_silence": st.sampled_from(["wait", "skip", "drop"]), "lookahead": st.integers(1, 3), "silence_s": st.just(5)}
)


class Player:
    """A member who knows what it has posted and what it has seen."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.posted = 0
        self.first_cursor = member.cursor

    def line(self, turn: Turn, other: Member) -> bytes:
        """The line of a turn."""
        seen = len(self.member.packets)
        following = max(seen, self.posted) + 1
        ways = {"next": following, "again": self.posted, "ahead": following + 1, "far": following + 5, "old": 1}
        generation = ways.get(turn.generation, turn.generation)
        fields = f"{generation};{turn.pace};{self.report(turn.hash, seen)};{turn.commands}"
        epoch = self.member.seated.cursor.epoch
        cursor = {"own": self.member.cursor, "old": self.first_cursor, "ahead": epoch + "_", "other": "zzB"}
        key = other.key if turn.as_other else self.member.key
        line = f"25,{fields},{key},{self.member.seat},{cursor.get(turn.cursor, turn.cursor)}"
        return line.encode(errors="surrogateescape")

    @staticmethod
    def report(way: str, seen: int) -> str:
        """The fields of a hash."""
        if way == "early":
            return f"{seen + 1};h"
        if way == "half":
            return f"{seen};"
        if way == "stale lie":
            return f"{max(0, seen - 1)};x"
        if way == "old":
            return f"{max(0, seen - 1)};h{max(0, seen - 1)}"
        told = {"right": f"h{seen}", "lie": "x", "long": "x" * 13}.get(way, way)
        return f"{seen};{told}" if told else ";"

    def hear(self, line: bytes, reply: str) -> None:
        """Take a reply to a line."""
        self.member.hear(reply)
        if line.startswith(b"25,") and reply.startswith("0/"):
            self.posted = max(self.posted, int(line[3:].split(b";")[0]))


class Story:
    """A room on a server, and all that was said and heard there."""

    def __init__(self, server: TextServer, wishes: dict[str, Any]) -> None:
        self.server = server
        self.players = [Player(member) for member in playing(server, SEATS, **wishes)]
        self.told: list[object] = []
        self.heard: list[tuple[float, int, str]] = []
        self.held: set[asyncio.Task[None]] = set()

    async def play(self, steps: list[Any]) -> None:
        """Take the steps, after a turn of everybody, and wait until nobody is held any more."""
        for step in (("round",), *steps):
            await self.take(step)
            self.told.append((sorted(self.heard), self.room))  # those who wait are answered in any order
            self.heard.clear()
        await asyncio.gather(*self.held)
        self.told.append((sorted(self.heard), self.room))

    async def take(self, step: Any) -> None:
        """Take one step."""
        match step:
            case Turn():
                line = self.players[step.seat].line(step, self.players[step.seat - 1].member)
                await self.ask(step.seat, line, step.wait_s)
            case ("poll", seat, wait_s):
                await self.ask(seat, self.players[seat].member.line(26).encode(), wait_s)
            case ("later", seconds):
                await asyncio.sleep(seconds)
            case ("leave", seat):
                self.told.append(self.players[seat].member.leave())
            case ("rejoin", seat):
                member = self.players[seat].member
                reply = member.guest.join_reply(member.room)
                self.told.append(reply[:5])
                if reply.startswith("0/21/"):
                    self.players[seat] = Player(Member(member.guest, reply))
            case ("round",):
                for seat in range(SEATS):
                    await self.take(Turn(seat, "next", "40;60", "right", "r", "own", 20, as_other=False))
                await asyncio.sleep(0.01)
            case (event, seat):
                await self.ask(seat, self.players[seat].member.line(27, event).encode(), 0)

    async def ask(self, seat: int, line: bytes, wait_s: float) -> None:
        """Say a line; what it is answered is told when it comes."""

        async def answered() -> None:
            reply = await self.server.answer(line, wait_s=wait_s)
            player.hear(line, reply)
            self.heard.append((round(asyncio.get_running_loop().time(), 3), seat, plain(reply)))

        player = self.players[seat]
        task = asyncio.create_task(answered())
        self.held.add(task)
        task.add_done_callback(self.held.discard)
        for _ in range(6):
            await asyncio.sleep(0)

    @property
    def room(self) -> object:
        """All that the store holds of the room but what is made of chance."""
        view = finished(self.server.store.read(room_partition(self.players[0].member.room)))
        return plain_room(view) if view.exists else None


def plain(reply: str) -> str:
    """A reply without what is made of chance: two letters of its cursor, and the names of guests."""
    if not reply.startswith("0/26/"):
        return reply
    cursor, _, items = reply.removeprefix("0/26/").partition("|")
    found = cursors.parse(cursor)
    assert found is not None
    return f"{found.offset}|{re.sub('(?<=j:.;)[^|]*', '', items)}"


def plain_room(view: View) -> object:
    """Documents with their counters, streams with theirs; of the members only what is not made of chance."""
    documents, streams = view.documents, view.streams
    room: Room = documents["room"].value
    assert room.began is not None
    members = [member and (member.is_live, member.is_ready) for member in room.members]
    kept = {name: document for name, document in documents.items() if name not in ("rules", "room")}
    items = {
        name: (stream.first, stream.next, stream.size, stream.after(room.began if name == "items" else stream.first))
        for name, stream in streams.items()
        if name != "owed"
    }
    return documents["room"].version, members, room.state, room.began, room.ended_ms, kept, items


def told(steps: list[Any], wishes: dict[str, Any], *, has_fast_path: bool) -> tuple[list[object], object, int]:
    """What comes of the steps, how often each answer was given, and how many holds there were."""

    async def played() -> tuple[list[object], object, int]:
        loop = asyncio.get_running_loop()
        store = MemoryStore(lambda: round(1000 * loop.time()))
        server = TextServer(LIMITS, store=store, has_fast_path=has_fast_path)
        server.calls_back = True  # type: ignore[misc]  # of this one
        story = Story(server, wishes)
        await story.play(steps)
        usage = server.context.usage
        return story.told, usage.answers, usage.holds

    with asyncio.Runner(loop_factory=TimelessLoop) as runner:
        return runner.run(played())


def good(seat: int, hash_: str = "", commands: str = "", wait_s: float = 0) -> Turn:
    """A turn as it should be; at most its hash is not."""
    return Turn(seat, "next", ";", hash_, commands, "own", wait_s, as_other=False)


POLLS = [("poll", seat, 0) for seat in range(SEATS)]
PLAIN = [good(seat, wait_s=20) for seat in range(SEATS)]

WAITING = {"on_silence": "wait", "lookahead": 2, "silence_s": 5}
SKIPPING = WAITING | {"on_silence": "skip"}


@given(STEPS, WISHES)
@example([("pause", 0), *POLLS, ("round",), ("round",), ("resume", 1), ("round",)], WAITING).via("a pause")
@example([*PLAIN * 2, good(1, "right"), good(1, "old")], WAITING).via("an old hash after a new one")
@example([good(0), good(1), ("later", 6), ("poll", 0, 0), ("round",), ("round",)], SKIPPING).via(
    "a skipped seat returns"
)
@example([good(0, "right"), good(1, "right"), good(2), ("poll", 0, 0), ("poll", 1, 0), good(2, "lie")], WAITING).via(
    "a hash decides before the turn is complete"
)
@example([("round",), good(0, "right"), ("poll", 1, 0), good(1, "old"), good(2, "old")], WAITING).via("an old hash")
@example([("round",), good(0, "stale lie"), good(1), good(2)], WAITING).via("a report replaces the one before")
@example([*[good(seat, "", "x" * 24, 20) for seat in (0, 1, 2)] * 9], WAITING).via("the record is full")
@example([*[good(seat)._replace(pace="40;60", wait_s=20) for seat in (0, 1, 2)] * 14], WAITING).via("also with reports")
def test_the_same_requests_get_the_same_replies_and_leave_the_same_values(
    steps: list[Any], wishes: dict[str, Any]
) -> None:
    assert told(steps, wishes, has_fast_path=True) == told(steps, wishes, has_fast_path=False)


def test_only_what_the_fast_path_is_for_takes_it() -> None:
    path, (ann, bob, cid) = taught(SEATS, LIMITS)
    path.turn(bob.line(25, "2;;;;;").encode(), 0)

    for line in (
        ann.line(25, "1;;;;;a"),
        ann.line(25, "3;;;;;a"),
        ann.line(25, "02;;;;;a"),
        ann.line(25, "2;x;;;;a"),
        ann.line(25, "2;;;1;;a"),
        ann.line(25, "2;;;;h;a"),
        ann.line(25, "2;;;2;h;a"),
        ann.line(25, "2;;;;;a\r"),
        ann.line(25, "2;;;;;" + "x" * 25),
        ann.line(25, f"2;;;1;{'x' * 13};a"),
        ann.line(25, "2;;;;;a", "*"),
        ann.line(25, "2;;;;;a").replace(ann.key, cid.key),
        ann.line(25, "2;;;;;a").replace(f"{ann.key},0", f"{ann.key},*"),
        ann.line(25, "2;;;;;a\nb"),
        ann.line(26),
        ann.line(25, "2;;;;"),
        "25,2",
        "",
    ):
        assert path.turn(line.encode(), 0) is None, line
    assert path.turn(ann.line(25, "2;40;60;1;h;grüße, du;").encode(), 0) == b"0/10/*"


def test_a_line_that_is_too_long_does_not_take_it() -> None:
    path, (ann, _) = taught(2, Limits(body_bytes_max=200))

    assert path.turn(ann.line(25, f"2;;;;;{'x' * 190}").encode(), 0) is None
    assert path.turn(ann.line(25, f"2;;;;;{'x' * 100}").encode(), 0) == b"0/10/*"


def test_nothing_takes_it_when_somebody_may_lag_the_store_fails_or_the_server_stops() -> None:
    path, (ann, *_) = taught(SEATS, LIMITS)
    line = ann.line(25, "2;;;;;a").encode()
    path._store.is_failing = True
    assert path.turn(line, 0) is None
    path._store.is_failing = False
    ann.server.later(1)
    assert path.turn(line, 0) is None

    path, (ann, *_) = taught(SEATS, LIMITS)
    ann.server.answering.holding.drain()
    assert path.turn(ann.line(25, "2;;;;;a").encode(), 20) is None


def test_who_was_held_with_a_key_that_has_died_is_told_so() -> None:
    async def scenario(server: TextServer) -> list[str]:
        server.calls_back = True  # type: ignore[misc]  # of this one
        everybody = playing(server, 2)
        for member in everybody:
            member.turn(1)
        for member in everybody:
            member.poll()
        ann, bob = everybody
        held = asyncio.create_task(server.answer(ann.line(25, "2;;;;;a"), wait_s=20))
        await asyncio.sleep(0)
        ann.guest.join(ann.room)
        return [await server.answer(bob.line(25, "2;;;;;b"), wait_s=20), await held]

    told, to_the_dead_key = in_no_time(scenario)

    assert told.endswith("|t:2;;;;;a;b")
    assert to_the_dead_key == "30/*/*"


def test_a_room_whose_record_is_full_closes() -> None:
    path, everybody = taught(2, LIMITS)
    for generation in range(2, 40):
        for member in everybody:
            reply = path.turn(member.line(25, f"{generation};;;;;{'x' * 24}").encode(), 0)
            if reply is None and member.turn(generation, "x" * 24).endswith("|s:ended/closed"):
                return
        for member in everybody:
            member.poll()
    pytest.fail("it never closed")


@pytest.mark.anyio
async def test_what_took_the_fast_path_is_there_after_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'turnserver.db'}"
    server = TextServer(store=JournalStore(Log(url, syncs=False), Document))
    everybody = playing(server, 2)
    room = room_partition(everybody[0].room)
    for generation in range(1, 5):
        for member in everybody:
            member.turn(generation, f"é{generation}", checked=generation - 1, told="h", pace="40;60")
        for member in everybody:
            member.poll()
    everybody[0].turn(5, "ahead")
    assert server.fast_turns is not None
    assert isinstance(server.fast_turns.turn(everybody[1].line(25, "5;;;;;").encode(), 20), bytes)
    everybody[1].poll()
    hold = server.fast_turns.turn(everybody[1].line(25, "6;;;;;quiet").encode(), 20)
    assert isinstance(hold, Hold)
    before = await server.store.read(room)
    await server.store.close()

    found = JournalStore(Log(url, syncs=False), Document)
    view = await found.read(room)
    await found.close()

    assert {name: one.value for name, one in view.documents.items()} == {
        name: one.value for name, one in before.documents.items()
    }
    assert plain_streams(view) == plain_streams(before)


def plain_streams(view: View) -> object:
    """All streams, but for how they are kept."""
    return {name: (one.next, one.size, one.after(one.first)) for name, one in view.streams.items()}
