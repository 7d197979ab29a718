"""Records for tests: opened on the database under test, closed when the work is done."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from turnserver.domain.accounts import Account, Made, NewAccount, NewSession
from turnserver.domain.audit import Actor
from turnserver.records import schema
from turnserver.records.opened import Records

Result = TypeVar("Result")

AT_MS = 1_000_000
ACTOR = Actor("account ann", "192.0.2.1", AT_MS)


def using(url: str, work: Callable[[Records], Awaitable[Result]]) -> Result:
    """What `work` makes of records that have all their tables."""
    schema.migrate(url)

    async def use() -> Result:
        records = Records(url)
        try:
            return await work(records)
        finally:
            await records.close()

    return asyncio.run(use())


def session(name: str, address: str = "192.0.2.1") -> NewSession:
    """A session whose id and digest follow from a name."""
    return NewSession(name, name.ljust(64, "0"), address)


async def made(records: Records, name: str = "ann", *, guest: str | None = None) -> Account:
    """A new account with a session of its own name."""
    new = NewAccount(f"account:{name}", name, f"hash of {name}", 3, guest)
    assert await records.accounts.create(new, session(name), ACTOR) is Made.DONE
    account = await records.accounts.named(name)
    assert account is not None
    return account


def digests(*names: str) -> list[str]:
    """The digests of the sessions of those names."""
    return [session(name).digest for name in names]
