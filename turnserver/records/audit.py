"""The audit: one row for each act, in the transaction of the act itself.

Source: docs/accounts.md, "What is stored".
"""

import json
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from turnserver.domain.audit import Actor
from turnserver.records.database import Database
from turnserver.records.tables import Audit


async def note(connection: AsyncConnection, actor: Actor, act: str, subject: str, **details: Any) -> None:
    """Write an act down.

    Args:
        connection: The transaction of the act.
        actor: Who, from where, when.
        act: What was done, as a word or two joined by `_`.
        subject: To what: an account's name, an address.
        details: What else is worth knowing; no secrets.
    """
    row = {"act": act, "subject": subject, "details": json.dumps(details, ensure_ascii=False)}
    await connection.execute(insert(Audit).values(at_ms=actor.at_ms, actor=actor.name, address=actor.address, **row))


class AuditRecords:
    """The audit, for acts that change nothing else in the records."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, actor: Actor, act: str, subject: str, **details: Any) -> None:
        """Write an act down; see `note`.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            await note(connection, actor, act, subject, **details)
