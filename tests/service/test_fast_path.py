"""The fast path is held equal to the rules: the same requests get the same replies and leave the same values."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.text_server import Seated, TextServer, finished, in_no_time
from turnserver.build import Document
from turnserver.domain.documents import SEATS, STREAMS, game_partition, player_partition
from turnserver.edge.exchange import Exchange
from turnserver.partition import View
from turnserver.protocol.limits import Limits
from turnserver.service.secrets import key_digest
from turnserver.store.journal import JournalStore
from turnserver.store.log import Log
from turnserver.store.memory import MemoryStore
from turnserver.wire.paths import TextPath

OPENS_ITS_STORES = True
"""Only a store in this process has a fast path."""

LIMITS = Limits(buffer_bytes_max=40, body_bytes_max=200, batch_lines_max=5)

LONGEST = LIMITS.body_bytes_max * "x"
"""Makes a line that is too long."""

DATA = st.sampled_from(
    ["", "a", "hello, | %", "0123456789" * 2, "é", "grüße 🎲", "*", "line\nbreak", "return\r", "\udcff", LONGEST]
)
COUNTERS = st.sampled_from(
    ["next", "next", "next", "next.all", "next.all", "again", "behind", "ahead", "next.0", "0", "+1", ""]
)


class Player:
    """A player in a game who knows where both counters stand, and sends what may be wrong."""

    def __init__(self, seat: Seated, sent: int = -1) -> None:
        self.seat = seat
        self.sent = sent
        self.received = 0

    def line(self, data: str, counter: str, *, as_partner: bool, after: int = 0) -> bytes:
        """An update; `counter` names a way to be right or wrong, and so many updates go before it in its batch."""
        sent = self.sent + after
        number = {"again": sent, "behind": sent - 1, "ahead": sent + 2}.get(counter, sent + 1)
        spelled = {"next.all": f"{number}.{self.received}", "next.0": f"{number}.0", "0": "0", "+1": "+1", "": ""}
        player = str(int(self.seat.seat) ^ as_partner)
        line = f"6,{data},{self.seat.key},{player},{spelled.get(counter, number)}"
        return line.encode(errors="surrogateescape")

    def learns(self, line: bytes, reply: str) -> None:
        """Take note of a reply to a line."""
        if reply.startswith("0/"):
            self.sent = max(self.sent, int(line.rpartition(b",")[2].partition(b".")[0]))
        if reply.startswith("0/9/"):
            self.received += reply.count("|") + 1


def seen(server: TextServer, key: str) -> dict[str, Any]:
    """What the store holds of the seats and streams of a game."""
    view: View = finished(server.store.read(game_partition(key_digest(key))))
    if not view.exists:
        return {}
    streams = (view.stream(name) for name in STREAMS)
    return {
        "left": view.value("match").left,
        **{name: view.documents[name] for name in SEATS},
        "streams": [(stream.first, stream.next, stream.size, stream.after(stream.first)) for stream in streams],
    }


Update = tuple[int, str, str, bool]

UPDATE = st.tuples(st.integers(0, 1), DATA, COUNTERS, st.sampled_from([False] * 9 + [True]))
BROKEN = st.sampled_from([b"", b"6", b"6,a", b"6,,KEY,0,1", b"7,,,,", b"no comma"])
RUN = st.builds(
    lambda index, texts, counter: [(index, text, counter, False) for text in texts],
    st.integers(0, 1),
    st.lists(st.sampled_from(["", "a", "b,c", "0123456789"]), min_size=1, max_size=LIMITS.batch_lines_max),
    st.sampled_from(["next", "next.all"]),
)
LINES = st.one_of(
    st.lists(UPDATE, min_size=1, max_size=4),
    st.lists(st.one_of(UPDATE, BROKEN), min_size=1, max_size=LIMITS.batch_lines_max + 1),
    RUN,
    st.builds(lambda run, other, at: [*run[:at], other, *run[at:]], RUN, st.one_of(UPDATE, BROKEN), st.integers(0, 4)),
)
ENDS = st.sampled_from([b"", b"", b"", b"\n", b"\n\n"])
PLAY = st.one_of(
    st.tuples(st.just("batch"), LINES, ENDS),
    st.tuples(st.just("batch"), RUN, ENDS),
    st.tuples(st.just("update"), UPDATE),
)
STEP = st.one_of(
    *[PLAY] * 4,
    st.tuples(st.just("later"), st.sampled_from([0.001, 1, 1, 9, 31])),
    st.tuples(st.just("look")),
    st.tuples(st.just("quit"), st.integers(0, 1)),
)
OPENING = [("update", (0, "", "next", False)), ("update", (1, "", "next", False))]
"""After it the fast path knows both players."""

STEPS = st.builds(lambda opening, steps: opening + steps, st.sampled_from([[], OPENING]), st.lists(STEP, max_size=40))


@given(STEPS)
def test_the_same_requests_get_the_same_replies_and_leave_the_same_values(steps: list[tuple[Any, ...]]) -> None:
    servers = [TextServer(LIMITS, has_fast_path=has_one) for has_one in (True, False)]
    games = [[Player(seat) for seat in server.game()] for server in servers]

    for step in steps:
        assert did(step, servers[0], games[0]) == did(step, servers[1], games[1])

    assert did(("look",), servers[0], games[0]) == did(("look",), servers[1], games[1])
    assert servers[0].context.usage.messages == servers[1].context.usage.messages
    assert servers[0].context.usage.replies == servers[1].context.usage.replies


def did(step: tuple[Any, ...], server: TextServer, players: list[Player]) -> object:
    """What comes of one step."""
    match step:
        case "update", (index, data, counter, as_partner):
            line = players[index].line(data, counter, as_partner=as_partner)
            reply = server.say(line)
            players[index].learns(line, reply)
            return reply
        case "batch", updates, end:
            return batched(server, players, updates, end)
        case "quit", index:
            return players[index].seat.quit(players[index].sent + 1)
        case "later", seconds:
            server.later(seconds)
            return None
        case _:
            return seen(server, players[0].seat.key)


def batched(server: TextServer, players: list[Player], updates: list[Update | bytes], end: bytes = b"") -> list[str]:
    """The replies to a batch of updates, and of lines that are none."""
    lines, ahead = [], [0, 0]
    for update in updates:
        if isinstance(update, bytes):
            lines.append(update)
            continue
        index, data, counter, as_partner = update
        text = data.replace("\n", "")
        lines.append(players[index].line(text, counter, as_partner=as_partner, after=ahead[index]))
        ahead[index] += counter.startswith("next")
    replies = posted(server, b"\n".join(lines) + end)
    for update, line, reply in zip(updates, lines, replies, strict=False):  # a batch that is too large has one reply
        if not isinstance(update, bytes):
            players[update[0]].learns(line, reply)
    return replies


def posted(server: TextServer, body: bytes) -> list[str]:
    """The replies to a batch."""
    exchange = Exchange(server.answering, server.store, server.limits, server.fast_path)
    return finished(exchange.answer(body, TextPath("", is_batch=True))).body.decode().split("\n")


def test_what_took_the_fast_path_is_seen_by_everybody_else() -> None:
    server = TextServer()
    ann, bob = server.game()
    for counter in range(3):
        ann.update(f"a{counter}", counter)
    bob.poll(0)

    assert seen(server, ann.key)["streams"][int(ann.seat)] == (0, 3, 8, [b"a0", b"a1", b"a2"])
    assert seen(server, bob.key)[ann.seat].value.sent == 2
    assert bob.poll(0) == "0/11/a0|a1|a2"


def test_only_what_the_fast_path_is_for_takes_it() -> None:
    server = TextServer()
    ann, _ = server.game()
    assert server.fast_path is not None
    update = server.fast_path.update
    assert update(ann.line("a", 0).encode()) is None  # it does not know the game yet
    ann.update("a", 0)

    assert update(ann.line("b", 1).encode()) == b"0/10/*"
    for line in (ann.line("c", 1), ann.line("c", 3), ann.line("c", "2.1"), ann.line("c\n", 2), "6,c", "", ",,,,"):
        assert update(line.encode()) is None
    assert update(ann.line("c", 2).encode()) == b"0/10/*"


@pytest.mark.parametrize("data", ["é", "🎲"])
def test_any_text_takes_the_fast_path(data: str) -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.poll(0)
    bob.poll(0)
    assert server.fast_path is not None

    assert server.fast_path.update(ann.line(data, 1).encode()) == b"0/10/*"
    assert server.fast_path.update(bob.line("", 1).encode()) == f"0/9/{data}".encode()


def test_nothing_of_an_ended_game_is_kept() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.poll(0)
    bob.poll(0)
    ann.poll(1)
    assert server.fast_path is not None

    server.later(3600)

    assert ann.poll(2) == "13/*/*"
    assert server.fast_path.known == 0


def test_while_players_only_play_what_is_over_is_taken_away() -> None:
    server = TextServer()
    store = server.store
    assert isinstance(store, MemoryStore)
    ann, bob = server.game()
    left = player_partition(key_digest(server.registered("carl")))
    ann.poll(0)
    bob.poll(0)
    assert store.partition(left) is not None

    for counter in range(1, 400):
        server.later(1)
        assert (ann.poll(counter), bob.poll(counter)) == ("0/10/*", "0/10/*")

    assert store.partition(left) is None


def test_a_partner_who_falls_silent_ends_the_game_while_the_other_goes_on() -> None:
    server = TextServer()
    ann, bob = server.game()
    bob.poll(0)
    ann.poll(0)

    replies = [server.later(4) and ann.poll(counter) for counter in range(1, 9)]

    assert replies == ["0/10/*"] * 7 + ["15/*/*"]


def test_whoever_waits_for_a_game_is_woken_by_an_update() -> None:
    async def scenario(server: TextServer) -> float:
        ann, bob = server.game()
        ann.poll(0)
        bob.poll(0)
        name = game_partition(key_digest(ann.key))
        view = await server.store.read(name)
        stream = STREAMS[int(bob.seat)]
        waiting = asyncio.create_task(server.store.wait(name, {stream: view.counter(stream)}, 20))
        await asyncio.sleep(0)
        bob.update("hello", 1)
        await waiting
        return asyncio.get_running_loop().time()

    assert in_no_time(scenario) == 0


def test_a_batch_counts_the_bars_between_what_waits() -> None:
    server = TextServer(Limits(buffer_bytes_max=7))
    ann, bob = server.game()
    ann.poll(0)

    replies = batched(server, [Player(ann, 0), Player(bob)], [(0, "ab", "next", False)] * 4)

    assert replies == ["0/10/*", "0/10/*", "21/*/*", "19/*/*"]
    assert bob.poll(0) == "0/9/ab|ab"


def test_a_line_of_a_batch_that_ends_like_the_one_before_has_all_its_fields() -> None:
    server = TextServer()
    ann, _ = server.game()
    ann.poll(0)
    lines = [ann.line("a", 1), f"6,{ann.key},{ann.seat},2", ann.line("", 2)]

    assert posted(server, "\n".join(lines).encode()) == ["0/10/*", "4/4/*", "0/10/*"]


def test_a_batch_of_one_players_next_updates_takes_the_fast_path() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.poll(0)
    for counter in range(3):
        bob.update("xyz"[counter], counter)
    lines = [ann.line(text, counter) for counter, text in enumerate(("a", "", "b,c"), start=1)]
    assert server.fast_path is not None

    replies = server.fast_path.batch("\n".join(lines).encode())

    assert replies == b"0/9/x|y|z\n0/10/*\n0/10/*"
    assert bob.poll(3) == "0/9/a|b,c"
    assert seen(server, ann.key)["streams"][int(bob.seat)] == (3, 3, 0, [])  # the second line acknowledged all


def test_a_batch_that_says_what_was_received_takes_the_fast_path() -> None:
    server = TextServer()
    ann, bob = server.game()
    bob.update("x", 0)
    ann.poll("0.0")
    bob.update("y", 1)
    lines = [ann.line("a", "1.1"), ann.line("b", "2.2"), ann.line("c", "3.2")]
    assert server.fast_path is not None

    assert server.fast_path.batch("\n".join(lines).encode()) == b"0/9/y\n0/10/*\n0/10/*"
    assert bob.poll(2) == "0/9/a|b|c"


def test_no_other_batch_is_taken_for_one_players_next_updates() -> None:
    server = TextServer(Limits(batch_lines_max=3, buffer_bytes_max=20, body_bytes_max=150))
    ann, bob = server.game()
    ann.poll(0)
    bob.poll(0)
    assert server.fast_path is not None
    one, two, names = ann.line("a", 1), ann.line("b", 2), f",{ann.key},{ann.seat},"
    others = [
        *("", "\n", one + "\n\n", "\n" + one, two, f"{one}\n{one}", f"{two}\n{one}", f"{one}\n{ann.line('b', 3)}"),
        *(f"{one}\n{ann.line('b', '2.0')}", f"{one}\n{two} ", f"{one}\r\n{two}", f"{one}\n{ann.line('é', 2)}"),
        *(f"{one}\n{bob.line('b', 1)}", f"{one}\n7{two[1:]}", f"{one}\n6{names}2", f"6,a{names}1{names}2"),
        *("\n".join(ann.line("", counter) for counter in range(1, 5)), f"{one}\n{ann.line('b' * 150, 2)}"),
        *(f"{one}\n{ann.line('b' * 19, 2)}", f"6,a\n6,1{names}b{names}2", f"{one}\n6,b{names}", f"6,a{names}"),
        *(f"{one}\n6,b\r{names}2", f"{one}\n6,a\nb{names}2", f"6,a\nb{names}1\n{two}"),
    ]

    for body in others:
        assert server.fast_path.batch(body.encode()) is None, body

    assert server.fast_path.batch(f"{one}\n{two}\n".encode()) == b"0/10/*\n0/10/*"
    assert bob.poll(1) == "0/9/a|b"


def test_a_batch_with_a_line_that_is_too_long_does_not_take_the_fast_path() -> None:
    server = TextServer(Limits(body_bytes_max=100))
    ann, _ = server.game()
    ann.poll(0)
    assert server.fast_path is not None

    assert server.fast_path.batch(f"{ann.line('a', 1)}\n{ann.line('b' * 99, 2)}".encode()) is None
    assert server.fast_path.batch(f"{ann.line('a', 1)}\n{ann.line('b', 2)}".encode()) is not None


def test_who_was_silent_for_too_long_does_not_take_the_fast_path() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.poll(0)
    bob.poll(0)
    server.later(16)
    bob.poll(1)
    server.later(15)
    assert server.fast_path is not None

    assert server.fast_path.update(ann.line("", 1).encode()) is None


def test_an_update_without_a_counter_is_none_even_where_no_counter_is_expected() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.poll(0)
    bob.poll(0)
    bob.quit(1)

    assert ann.update("a", "") == "4/2/*"
    assert posted(server, "\n".join([ann.line("a", "")] * 2).encode()) == ["4/2/*", "4/2/*"]


def test_what_took_the_fast_path_is_there_after_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'turnserver.db'}"

    expected = asyncio.run(played(url))
    found = asyncio.run(found_again(url, expected.pop("key")))

    assert found["streams"] == expected["streams"]
    assert [found[name].value for name in SEATS] == [expected[name].value for name in SEATS]
    assert sum(newest for _, newest, *_ in expected["streams"]) == 8


@given(STEPS)
def test_whatever_was_played_is_there_after_a_restart(steps: list[tuple[Any, ...]]) -> None:
    async def play(url: str) -> tuple[dict[str, Any], dict[str, Any]]:
        server = TextServer(LIMITS, store=JournalStore(Log(url, syncs=False), Document))
        players = [Player(seat) for seat in server.game()]
        for step in steps:
            did(step, server, players)
        await server.store.settle()
        await server.store.close()
        key = players[0].seat.key
        return seen(server, key), await found_again(url, key)

    with TemporaryDirectory() as folder:
        before, after = asyncio.run(play(f"sqlite:///{folder}/turnserver.db"))

    assert values(before) == values(after)


def values(found: dict[str, Any]) -> dict[str, Any]:
    """Without versions (a batch counts as one update after a restart) and without signs of life (not all are kept)."""
    return {name: replace(part.value, seen_ms=0) if name in SEATS else part for name, part in found.items()}


async def played(url: str) -> dict[str, Any]:
    """What there is of a game in which two have played a while."""
    server = TextServer(store=JournalStore(Log(url, syncs=False), Document))
    ann, bob = server.game()
    for counter in range(5):
        ann.update(f"é{counter}", counter)
        await server.store.settle()
        bob.poll(f"{counter}.{counter}")
    bob.poll("5.5")
    ann.update("é5", 5)
    await server.store.settle()
    exchange = Exchange(server.answering, server.store, server.limits, server.fast_path)
    lines = [bob.line("x", "6.5"), bob.line("", "7.6"), bob.line("y", "8.6")]
    assert (await exchange.respond("\n".join(lines).encode(), TextPath("", is_batch=True))).status == 200
    ann.poll(6)
    ann.poll(7)  # acknowledges what the one before was told, and no more
    await server.store.settle()
    await server.store.close()
    return {"key": ann.key, **seen(server, ann.key)}


async def found_again(url: str, key: str) -> dict[str, Any]:
    """What a server finds of a game that starts again."""
    server = TextServer(store=JournalStore(Log(url, syncs=False), Document))
    await server.store.close()
    return seen(server, key)
