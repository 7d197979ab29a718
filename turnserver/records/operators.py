"""Operators as records: who may use the console."""

from typing import NamedTuple

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.exc import IntegrityError

from turnserver.domain.audit import Actor
from turnserver.records.audit import note
from turnserver.records.database import Database
from turnserver.records.tables import Operator


class OperatorRow(NamedTuple):
    """An operator; `password` is argon2id."""

    id: int
    name: str
    password: str


class OperatorRecords:
    """Operators."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, password: str, actor: Actor) -> bool:
        """Add an operator; False if the name is taken.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            values = {"name": name, "password": password, "created_ms": actor.at_ms}
            try:
                await connection.execute(insert(Operator).values(**values))
            except IntegrityError:
                return False
            await note(connection, actor, "operator_added", name)
        return True

    async def names(self) -> list[str]:
        """The names of all operators, in the order in which they were added.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            return list((await connection.execute(select(Operator.name).order_by(Operator.id))).scalars())

    async def named(self, name: str) -> OperatorRow | None:
        """The operator of that name.

        Raises:
            StoreDown: The database fails.
        """
        statement = select(Operator.id, Operator.name, Operator.password).where(Operator.name == name)
        async with self._database.transaction() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else OperatorRow(*row)

    async def any(self) -> bool:
        """True if there is an operator at all: without one there is no console.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            return (await connection.execute(select(exists().select_from(Operator)))).scalar_one()

    async def remove(self, name: str, actor: Actor) -> bool:
        """Take an operator away, and all sessions of that one; False if there is none of that name.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            gone = await connection.execute(delete(Operator).where(Operator.name == name))
            if gone.rowcount == 1:
                await note(connection, actor, "operator_removed", name)
        return gone.rowcount == 1
