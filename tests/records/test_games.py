from sqlalchemy import select

from tests.records.bench import AT_MS, using
from turnserver.domain.games import MATCH, ROOM, Begun, Ended
from turnserver.records.opened import Records
from turnserver.records.tables import Game

ONE = Begun(MATCH, "one", "chess", ("ann", "bob"), AT_MS)
TWO = Begun(ROOM, "two", "", ("é|",), AT_MS + 1)


async def rows(records: Records) -> list[tuple[object, ...]]:
    columns = (Game.kind, Game.game_id, Game.title, Game.players, Game.began_ms, Game.ended_ms, Game.how)
    async with records.database.transaction() as connection:
        return [tuple(row) for row in await connection.execute(select(*columns).order_by(Game.id))]


def test_a_game_is_written_down_once_when_it_begins(url: str) -> None:
    async def work(records: Records) -> None:
        await records.games.add([ONE, TWO])
        await records.games.add([ONE._replace(title="other"), ONE])
        await records.games.add([])

        assert await rows(records) == [
            ("match", "one", "chess", '["ann", "bob"]', AT_MS, None, None),
            ("room", "two", "", '["é|"]', AT_MS + 1, None, None),
        ]

    using(url, work)


def test_and_completed_when_it_has_ended(url: str) -> None:
    async def work(records: Records) -> None:
        await records.games.add([ONE, TWO])
        one, two = await records.games.open(after=0, most=9)

        await records.games.end({one.id: Ended("left"), two.id: Ended("closed", ("eve", None))}, at_ms=AT_MS + 5)
        await records.games.end({}, at_ms=AT_MS + 6)

        assert [row[3:] for row in await rows(records)] == [
            ('["ann", "bob"]', AT_MS, AT_MS + 5, "left"),
            ('["eve", null]', AT_MS + 1, AT_MS + 5, "closed"),
        ]
        assert await records.games.open(after=0, most=9) == []

    using(url, work)


def test_open_games_come_in_pages(url: str) -> None:
    async def work(records: Records) -> None:
        await records.games.add([ONE._replace(game_id=f"{number}") for number in range(5)])

        first = await records.games.open(after=0, most=3)
        second = await records.games.open(after=first[-1].id, most=3)

        assert [game.game_id for game in (*first, *second)] == ["0", "1", "2", "3", "4"]

    using(url, work)


def test_what_ended_long_ago_is_forgotten(url: str) -> None:
    async def work(records: Records) -> None:
        await records.games.add([ONE, TWO, ONE._replace(game_id="open")])
        one, two, _ = await records.games.open(after=0, most=9)
        await records.games.end({one.id: Ended("left")}, at_ms=AT_MS)
        await records.games.end({two.id: Ended("left")}, at_ms=AT_MS + 1)

        await records.games.forget(before_ms=AT_MS + 1)

        assert [row[1] for row in await rows(records)] == ["two", "open"]

    using(url, work)
