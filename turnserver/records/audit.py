"""The audit: one row for each act, in the transaction of the act itself.

Source: docs/accounts.md, "What is stored".
"""

import json
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from turnserver.domain.audit import Actor
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
