"""All records of one server, by what they are about. What needs SQLAlchemy is imported by the first use."""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from turnserver.records.places import IN_MEMORY, sqlite_file

if TYPE_CHECKING:  # the import of each of these is what waits for the first use
    from turnserver.records.accounts import AccountRecords
    from turnserver.records.audit import AuditRecords
    from turnserver.records.bans import BanRecords
    from turnserver.records.console_sessions import ConsoleSessionRecords
    from turnserver.records.database import Database
    from turnserver.records.games import GameRecords
    from turnserver.records.operators import OperatorRecords
    from turnserver.records.sessions import SessionRecords


class Records:
    """The records of one server; nothing is opened before it is used.

    Args:
        url: As `places.records_url` gives it.
    """

    def __init__(self, url: str = IN_MEMORY) -> None:
        self.url = url
        self._is_loaded = False

    @property
    def is_there(self) -> bool:
        """True if somebody has used the records before: in this process, in their file, or in a server's database."""
        file = sqlite_file(self.url)
        return file is None or file.exists()

    @cached_property
    def database(self) -> "Database":
        """The database itself, for who brings statements of its own."""
        from turnserver.records.database import Database  # noqa: PLC0415  # see above

        return Database(self.url)

    @cached_property
    def accounts(self) -> "AccountRecords":
        """Accounts and rights to reset their passwords."""
        from turnserver.records.accounts import AccountRecords  # noqa: PLC0415  # see above

        return AccountRecords(self.database)

    @cached_property
    def sessions(self) -> "SessionRecords":
        """Where and when accounts' sessions were opened and ended."""
        from turnserver.records.sessions import SessionRecords  # noqa: PLC0415  # see above

        return SessionRecords(self.database)

    @cached_property
    def operators(self) -> "OperatorRecords":
        """Who may use the console."""
        from turnserver.records.operators import OperatorRecords  # noqa: PLC0415  # see above

        return OperatorRecords(self.database)

    @cached_property
    def games(self) -> "GameRecords":
        """Matches and rooms."""
        from turnserver.records.games import GameRecords  # noqa: PLC0415  # see above

        return GameRecords(self.database)

    @cached_property
    def bans(self) -> "BanRecords":
        """Who may not log in or register."""
        from turnserver.records.bans import BanRecords  # noqa: PLC0415  # see above

        return BanRecords(self.database)

    @cached_property
    def console_sessions(self) -> "ConsoleSessionRecords":
        """Operators' sessions."""
        from turnserver.records.console_sessions import ConsoleSessionRecords  # noqa: PLC0415  # see above

        return ConsoleSessionRecords(self.database)

    @cached_property
    def audit(self) -> "AuditRecords":
        """What was done."""
        from turnserver.records.audit import AuditRecords  # noqa: PLC0415  # see above

        return AuditRecords(self.database)

    async def load(self) -> None:
        """Import what the records need, in a thread: a tenth of a second that the event loop need not stand still."""
        if not self._is_loaded:
            await asyncio.to_thread(lambda: (self.accounts, self.sessions, self.operators, self.games))
            self._is_loaded = True

    async def close(self) -> None:
        """Let go of the database, if it was ever used."""
        if "database" in self.__dict__:
            await self.database.close()
