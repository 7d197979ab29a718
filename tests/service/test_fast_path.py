"""The fast path is held equal to the rules: the same requests get the same replies and leave the same values."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text_server import Seated, TextServer, finished
from turnserver.build import Document
from turnserver.domain.documents import SEATS, STREAMS, game_partition, player_partition
from turnserver.partition import View
from turnserver.protocol.limits import Limits
from turnserver.service.secrets import key_digest
from turnserver.store.journal import JournalStore
from turnserver.store.log import Log
from turnserver.store.memory import MemoryStore

ENGINES = ["memory"]
"""Only a store in this process has a fast path."""

LIMITS = Limits(buffer_bytes_max=40)

DATA = st.sampled_from(["", "a", "hello, | %", "0123456789" * 2, "é", "grüße 🎲", "*", "line\nbreak", "\udcff"])
COUNTERS = st.sampled_from(
    ["next", "next", "next", "next.all", "next.all", "again", "behind", "ahead", "next.0", "0", "+1"]
)


class Player:
    """A player in a game who knows where both counters stand, and sends what may be wrong."""

    def __init__(self, seat: Seated) -> None:
        self.seat = seat
        self.sent = -1
        self.received = 0

    def says(self, data: str, counter: str, *, as_partner: bool) -> str:
        """The reply to an update; `counter` names a way to be right or wrong."""
        number = {"again": self.sent, "behind": self.sent - 1, "ahead": self.sent + 2}.get(counter, self.sent + 1)
        spelled = {"next.all": f"{number}.{self.received}", "next.0": f"{number}.0", "0": "0", "+1": "+1"}
        player = str(int(self.seat.seat) ^ as_partner)
        line = f"6,{data},{self.seat.key},{player},{spelled.get(counter, number)}"
        reply = self.seat.at_server.say(line.encode(errors="surrogateescape"))
        if reply.startswith("0/"):
            self.sent = max(self.sent, number)
        if reply.startswith("0/9/"):
            self.received += reply.count("|") + 1
        return reply


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


STEPS = st.one_of(
    st.tuples(st.just("update"), st.integers(0, 1), DATA, COUNTERS, st.sampled_from([False] * 9 + [True])),
    st.tuples(st.just("later"), st.sampled_from([0.001, 1, 9, 31])),
    st.tuples(st.just("look")),
    st.tuples(st.sampled_from(["update"] * 30 + ["quit"]), st.integers(0, 1), DATA, st.just("next"), st.just(False)),
)


@given(st.lists(STEPS, max_size=40))
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
        case "update", index, data, counter, as_partner:
            return players[index].says(data, counter, as_partner=as_partner)
        case "quit", index, *_:
            return players[index].seat.quit(players[index].sent + 1)
        case "later", seconds:
            server.later(seconds)
            return None
        case _:
            return seen(server, players[0].seat.key)


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

    for counter in range(1, 100):
        server.later(1)
        ann.poll(counter)
        bob.poll(counter)

    assert store.partition(left) is None


def test_what_took_the_fast_path_is_there_after_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'turnserver.db'}"

    expected = asyncio.run(played(url))
    found = asyncio.run(found_again(url, expected.pop("key")))

    assert found["streams"] == expected["streams"]
    assert [found[name].value for name in SEATS] == [expected[name].value for name in SEATS]
    assert sum(newest for _, newest, *_ in expected["streams"]) == 5


async def played(url: str) -> dict[str, Any]:
    """What there is of a game in which two have played a while."""
    server = TextServer(store=JournalStore(Log(url, syncs=False), Document))
    ann, bob = server.game()
    for counter in range(5):
        ann.update(f"é{counter}", counter)
        await server.store.settle()
        bob.poll(f"{counter}.{counter}")
    await server.store.settle()
    await server.store.close()
    return {"key": ann.key, **seen(server, ann.key)}


async def found_again(url: str, key: str) -> dict[str, Any]:
    """What a server finds of a game that starts again."""
    server = TextServer(store=JournalStore(Log(url, syncs=False), Document))
    await server.store.close()
    return seen(server, key)
