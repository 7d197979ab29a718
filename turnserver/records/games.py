"""Games as records: written in bulk, never on the way of a request."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_into_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_into_sqlite

from turnserver.domain.games import Begun, Ended, names_text
from turnserver.records.database import Database
from turnserver.records.tables import Game


class OpenGame(NamedTuple):
    """A game whose end is not written down yet."""

    id: int
    kind: str
    game_id: str


class GameRecords:
    """Matches and rooms."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, games: Sequence[Begun]) -> None:
        """Write down games that have begun; one that is there already stays as it is.

        Raises:
            StoreDown: The database fails.
        """
        if not games:
            return
        rows = [
            {
                "kind": game.kind,
                "game_id": game.game_id,
                "title": game.title,
                "players": names_text(game.players),
                "began_ms": game.began_ms,
            }
            for game in games
        ]
        async with self._database.transaction() as connection:
            if connection.dialect.name == "sqlite":
                await connection.execute(insert_into_sqlite(Game).on_conflict_do_nothing(), rows)
            else:
                await connection.execute(insert_into_postgresql(Game).on_conflict_do_nothing(), rows)

    async def open(self, *, after: int, most: int) -> list[OpenGame]:
        """The next games whose end is not written down, by their number in the table.

        Raises:
            StoreDown: The database fails.
        """
        statement = select(Game.id, Game.kind, Game.game_id).where(Game.ended_ms.is_(None), Game.id > after)
        async with self._database.transaction() as connection:
            return [OpenGame(*row) for row in await connection.execute(statement.order_by(Game.id).limit(most))]

    async def end(self, games: Mapping[int, Ended], *, at_ms: int) -> None:
        """Write down how games have ended.

        Args:
            games: By their number in the table.
            at_ms: Unix milliseconds.

        Raises:
            StoreDown: The database fails.
        """
        if not games:
            return
        plain = [{"row": row, "why": ended.how} for row, ended in games.items() if ended.players is None]
        named = [
            {"row": row, "why": ended.how, "names": names_text(ended.players)}
            for row, ended in games.items()
            if ended.players is not None
        ]
        statement = update(Game).where(Game.id == bindparam("row")).values(ended_ms=at_ms, how=bindparam("why"))
        async with self._database.transaction() as connection:
            if plain:
                await connection.execute(statement, plain)
            if named:
                await connection.execute(statement.values(players=bindparam("names")), named)

    async def forget(self, *, before_ms: int) -> None:
        """Let go of games that ended before a time, Unix milliseconds.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            await connection.execute(delete(Game).where(Game.ended_ms < before_ms))
