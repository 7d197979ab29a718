"""What every use case works with."""

import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from turnserver.domain.audit import Actor
from turnserver.domain.games import Begun
from turnserver.partition import Batch, View
from turnserver.protocol import symbols
from turnserver.protocol.limits import Limits
from turnserver.records.opened import Records
from turnserver.service.beside import Beside
from turnserver.service.passwords import Passwords
from turnserver.service.peer import peer_address
from turnserver.service.usage import Usage
from turnserver.store.seam import Store, StoreDown

Result = TypeVar("Result")

BEGUN_MAX = 20_000
"""How many beginnings of games wait to be written, while the database is away; then the oldest are lost."""

KEY_BYTES = 12
"""96 random bits: 16 URL-safe letters."""

KEY_LETTERS = 16
"""The length of every key, so that nothing else ever reaches a store as a name."""


def new_key() -> str:
    """A fresh secret: 16 URL-safe letters, 96 random bits."""
    return secrets.token_urlsafe(KEY_BYTES)


TOKEN_BYTES = 32
"""256 random bits: 43 URL-safe letters."""

TOKEN_LETTERS = symbols.TOKEN_LETTERS
"""The length of every session token."""


def new_token() -> str:
    """A fresh session token: 43 URL-safe letters, 256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


SERVER_KEY_PREFIX = "sk_"
"""What tells a server key from everything else, for people and for scanners of what should be secret."""

SERVER_KEY_LETTERS = len(SERVER_KEY_PREFIX) + TOKEN_LETTERS
"""The length of every server key."""


def new_server_key() -> str:
    """A fresh server key: 256 random bits behind a prefix."""
    return SERVER_KEY_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


@dataclass(frozen=True, slots=True)
class Context:
    """The store, the limits, and where secrets come from."""

    store: Store
    limits: Limits = field(default_factory=Limits)
    new_key: Callable[[], str] = new_key
    new_token: Callable[[], str] = new_token
    coin: Callable[[], int] = lambda: secrets.randbits(1)
    """Chance, 0 or 1."""
    unix_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    """The time of day, for people to read; rules go by the store's clock, which stands still while it is down."""

    monotonic_s: Callable[[], float] = time.monotonic
    """Seconds, never going back."""

    holder_of_key: Callable[[str], str | None] = lambda _digest: None
    """The name of the server key with that SHA-256, or None."""

    records: Records = field(default_factory=Records)
    beside: Beside = field(default_factory=Beside)
    """Where work goes that waits for the records."""
    passwords: Passwords = field(default_factory=lambda: Passwords(Limits().passwords_waiting_max))

    usage: Usage = field(default_factory=Usage)
    """What is counted while it happens."""
    begun: "deque[Begun]" = field(default_factory=lambda: deque(maxlen=BEGUN_MAX))
    """Games that have begun and are not written down yet."""

    async def on_records(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """What `work` makes of the records; it goes to its end, also when nobody waits for it any more."""

        async def loaded() -> Result:
            await self.records.load()
            return await work()

        return await self.beside.run(loaded)

    def actor(self, name: str) -> Actor:
        """Who acts now, by the request that is served."""
        return Actor(name, peer_address(), self.unix_ms())

    async def change(self, name: str, rule: Callable[[View], Batch | None]) -> None:
        """Commit what `rule` makes of the partition, as often as others come in between.

        Raises:
            StoreDown: Also when others came in between `conflicts_max` times.
        """
        for _ in range(self.limits.conflicts_max):
            batch = rule(await self.store.read(name))
            if batch is None or await self.store.commit(name, batch):
                return
        raise StoreDown(f"a partition ({name.partition(':')[0]}) is overtaken by other commits all the time")
