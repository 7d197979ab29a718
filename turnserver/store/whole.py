"""All of a store at once: taken out of one that nobody uses, and put into one that is empty.

Source: docs/decisions/0030-export.md
"""

from collections.abc import AsyncGenerator, Iterable
from typing import Any, Protocol

import msgspec

from turnserver.store.images import Image
from turnserver.store.journal import JournalStore
from turnserver.store.log import ImageRow, InUse, Log, Row, file_of
from turnserver.store.seam import StoreDown

_pack = msgspec.msgpack.Encoder().encode


class Whole(Protocol):
    """The live state of servers that are stopped."""

    async def check_unused(self) -> None:
        """Return if no server uses it now.

        Raises:
            StoreDown: One does, or it cannot be reached; the message says what to do.
        """
        ...

    async def check_empty(self) -> None:
        """Return if there is nothing in it, not even what is over.

        Raises:
            StoreDown: There is, or it cannot be reached.
        """
        ...

    async def now_ms(self) -> int:
        """The store's clock.

        Raises:
            StoreDown: It cannot be reached.
        """
        ...

    def images(self) -> AsyncGenerator[Image[Any], None]:
        """Every partition that lives, once, in no order. However long that takes, nothing ends meanwhile.

        Raises:
            StoreDown: There is none, it cannot be reached or read.
        """
        ...

    async def fill(self, images: Iterable[Image[Any]], *, now_ms: int) -> None:
        """Put partitions into it; each has its whole span again.

        Args:
            images: The partitions, each once.
            now_ms: The clock of the store that they come from. Time that the target's is ahead was downtime.

        Raises:
            StoreDown: It cannot be reached or written, or its clock is too far behind.
        """
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...


class JournalWhole:
    """All of a journal; it is open, and locked, from the first use on.

    Args:
        url: A SQLAlchemy URL of the journal's file.
        document_type: The union of all documents, for decoding.
    """

    def __init__(self, url: str, document_type: Any) -> None:
        self._url = url
        self._document_type = document_type
        self._log: Log | None = None
        self._store: JournalStore | None = None

    def _opened(self) -> Log:
        """The log; filling and reading sync nothing until they are done, and then all of it."""
        if self._log is None:
            try:
                self._log = Log(self._url, syncs=True)
            except InUse as error:
                raise StoreDown(
                    f"{file_of(self._url)} is in use by a running turnserver; stop that with turnserver drain, "
                    "then try again"
                ) from error
        return self._log

    def _replayed(self) -> JournalStore:
        if self._store is None:
            file = file_of(self._url)
            if not file.exists():
                raise StoreDown(
                    f"there is no {file}; name the journal of a server with --database, or Redis with --live"
                )
            self._store = JournalStore(self._opened(), self._document_type)
        return self._store

    async def check_unused(self) -> None:
        """See `Whole.check_unused`: the lock of the file says it."""
        if file_of(self._url).exists():
            self._opened()

    async def check_empty(self) -> None:
        """See `Whole.check_empty`."""
        if self._opened().rows(after=0, most=1):
            raise StoreDown(f"{file_of(self._url)} is not empty; move it away, or name another file with --database")

    async def now_ms(self) -> int:
        """See `Whole.now_ms`: it stands still."""
        return self._replayed().opened_ms

    async def images(self) -> AsyncGenerator[Image[Any], None]:
        """See `Whole.images`."""
        for image in self._replayed().images():
            yield image

    async def fill(self, images: Iterable[Image[Any]], *, now_ms: int) -> None:
        """See `Whole.fill`: one transaction, and a clock that goes on from `now_ms`."""
        encoded = (ImageRow(number, 0, _pack(image)) for number, image in enumerate(images, 1))
        self._opened().fill(Row(1, now_ms, _pack([])), encoded)

    async def close(self) -> None:
        """See `Whole.close`."""
        if self._store is not None:
            await self._store.close()
        elif self._log is not None:
            self._log.close()
