import json
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.account_server import AccountServer
from tests.room_server import Guest
from turnserver.records.games import OpenGame
from turnserver.records.places import IN_MEMORY
from turnserver.records.tables import Game
from turnserver.service.games import Games
from turnserver.store.seam import StoreDown


@pytest.fixture
def server(tmp_path: Path) -> AccountServer:
    return AccountServer(tmp_path)


def remembered(server: AccountServer, *, steps: int = 1, kept_s: float = 1000) -> list[tuple[object, ...]]:
    """The games as they are written down after some steps."""

    async def look() -> list[tuple[object, ...]]:
        games = Games(server.context, kept_s=kept_s)
        for _ in range(steps):
            await games.step()
        columns = (Game.kind, Game.title, Game.players, Game.began_ms, Game.ended_ms, Game.how)
        async with server.context.records.database.transaction() as connection:
            found: list[tuple[object, ...]] = [
                tuple(row) for row in await connection.execute(select(*columns).order_by(Game.id))
            ]
        await server.context.records.close()
        return found

    return server.runs(look())


def test_a_match_is_remembered_from_the_moment_that_both_have_loaded(server: AccountServer) -> None:
    server.pair()
    assert not server.context.begun

    server.game()

    kind, title, players, *times = remembered(server)[0]

    assert (kind, title, times) == ("match", "", [1_000_000, None, None])
    assert sorted(json.loads(f"{players}")) == ["ann", "bob"]


def test_a_repeat_of_the_request_that_began_it_changes_nothing(server: AccountServer) -> None:
    pair = server.loading()
    for key in (pair.server, pair.client, pair.server, pair.client, pair.client):
        server.say(f"4,*,{key},*,*")

    assert len(server.context.begun) == 1


def test_how_a_match_ended_is_seen_while_it_is_kept(server: AccountServer) -> None:
    ann, _ = server.game()
    remembered(server)
    ann.quit(0)

    assert remembered(server.later(1))[0][4:] == (1_001_000, "left")


def test_a_match_that_both_have_left_without_a_word_is_forgotten(server: AccountServer) -> None:
    server.game()
    remembered(server)

    assert remembered(server.later(120))[0][4:] == (1_120_000, "forgotten")


def test_a_room_is_remembered_with_those_who_were_there_at_its_end(server: AccountServer) -> None:
    ann = Guest(server).create("ann", players=[2, 2])
    bob = Guest(server).join(ann.room, "bob")
    assert remembered(server) == [("room", "", '["ann"]', 1_000_000, None, None)]
    for member in (ann, bob):
        server.say(f"28,*,{member.key},{member.seat},*")

    kind, _, players, *_, how = remembered(server)[0]

    assert (kind, how) == ("room", "left")
    assert len(json.loads(f"{players}")) == 2


def test_games_that_ended_long_ago_are_let_go_of(server: AccountServer) -> None:
    server.game()
    remembered(server)
    remembered(server.later(120))

    assert len(remembered(server.later(900))) == 1
    assert remembered(server.later(200)) == []


def test_open_games_are_looked_at_a_few_at_a_time_and_then_for_a_while_not(
    server: AccountServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turnserver.service.games.LOOKED_AT_MAX", 2)
    for _ in range(3):
        server.game()
    asked: list[int] = []

    async def steps() -> None:
        games = Games(server.context, kept_s=1000)
        open_games = server.context.records.games.open

        async def counting(*, after: int, most: int) -> list[OpenGame]:
            found = await open_games(after=after, most=most)
            asked.append(len(found))
            return found

        monkeypatch.setattr(server.context.records.games, "open", counting)
        for seconds in (0, 0, 0, 4, 1, 0):
            server.later(seconds)
            await games.step()
        await server.context.records.close()

    server.runs(steps())

    assert asked == [2, 1, 2, 1]


def test_where_nothing_ever_began_nothing_is_opened(server: AccountServer, tmp_path: Path) -> None:
    server.runs(Games(server.context, kept_s=1).step())

    assert list(tmp_path.iterdir()) == []
    assert server.context.records.url != IN_MEMORY


def test_while_the_database_is_away_beginnings_wait(tmp_path: Path) -> None:
    folder = tmp_path / "missing"
    server = AccountServer(folder)
    server.game()
    with pytest.raises(StoreDown):
        remembered(server)
    assert len(server.context.begun) == 1
    folder.mkdir()

    assert len(remembered(server)) == 1
