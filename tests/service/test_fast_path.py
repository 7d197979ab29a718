"""The fast path is held equal to the rules: the same requests get the same replies and leave the same values."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given

from tests.service.updates import LIMITS, STEPS, Player, did, posted, seen, values
from tests.text_server import TextServer, in_no_time
from turnserver.build import Document
from turnserver.domain.documents import SEATS, STREAMS, game_partition, player_partition
from turnserver.edge.exchange import Exchange
from turnserver.service.secrets import key_digest
from turnserver.store.journal import JournalStore
from turnserver.store.log import Log
from turnserver.store.memory import MemoryStore
from turnserver.wire.paths import TextPath

OPENS_ITS_STORES = True
"""Only a store in this process has a fast path."""


@given(STEPS)
def test_the_same_requests_get_the_same_replies_and_leave_the_same_values(steps: list[tuple[Any, ...]]) -> None:
    servers = [TextServer(LIMITS, has_fast_path=has_one) for has_one in (True, False)]
    games = [[Player(seat) for seat in server.game()] for server in servers]

    for step in steps:
        assert did(step, servers[0], games[0]) == did(step, servers[1], games[1])

    assert did(("look",), servers[0], games[0]) == did(("look",), servers[1], games[1])
    assert servers[0].context.usage.messages == servers[1].context.usage.messages
    assert servers[0].context.usage.replies == servers[1].context.usage.replies


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
