"""Server keys: who may act for the server. A file of their own holds their names and the SHA-256 of each, no key.

One line for each: SHA-256, a space, the name. A command writes the file anew in one step; a server that runs looks at
it again whenever it has changed.

Source: docs/messages.md, "Server keys".
"""

import os
from collections.abc import Mapping
from pathlib import Path

from turnserver.store.seam import StoreDown


class ServerKeys:
    """The server keys of one server.

    Args:
        path: The file; one that is missing holds no keys.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._names: Mapping[str, str] = {}

    def holder(self, digest: str) -> str | None:
        """The name of the key with that SHA-256, or None.

        Raises:
            StoreDown: The file cannot be read.
        """
        return self.names().get(digest)

    def names(self) -> Mapping[str, str]:
        """All names by the SHA-256 of their keys, in the order in which they were added.

        Raises:
            StoreDown: The file cannot be read.
        """
        try:
            found = self._path.stat()
            seen = (found.st_mtime_ns, found.st_ino, found.st_size)
            if seen != self._seen:
                self._names = _parsed(self._path.read_text(encoding="utf-8"))
                self._seen = seen
        except FileNotFoundError:
            self._names, self._seen = {}, None
        except (OSError, UnicodeDecodeError) as error:
            raise StoreDown(f"cannot read {self._path}: {error}") from error
        return self._names

    def add(self, digest: str, name: str) -> bool:
        """Add a key; False if the name is taken.

        Raises:
            StoreDown: The file cannot be read or written.
        """
        names = self.names()
        if name in names.values():
            return False
        self._write({**names, digest: name})
        return True

    def remove(self, name: str) -> bool:
        """Take a key away; False if there is none of that name.

        Raises:
            StoreDown: The file cannot be read or written.
        """
        names = self.names()
        if name not in names.values():
            return False
        self._write({digest: other for digest, other in names.items() if other != name})
        return True

    def _write(self, names: Mapping[str, str]) -> None:
        new = self._path.with_name(f"{self._path.name}.new")
        text = "".join(f"{digest} {name}\n" for digest, name in names.items())
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError as error:
            raise StoreDown(f"cannot write {self._path}: {error}") from error


def _parsed(text: str) -> Mapping[str, str]:
    rows = (line.partition(" ") for line in text.splitlines())
    return {digest: name for digest, _, name in rows}
