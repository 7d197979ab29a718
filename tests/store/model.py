"""A store that is too simple to be wrong: everything in dictionaries, nothing shared, nothing clever."""

from dataclasses import dataclass, field
from typing import NamedTuple

from turnserver.partition import Batch, View


class Shown(NamedTuple):
    """All that a client of a store can see of one partition."""

    documents: dict[str, tuple[int, object]]
    streams: dict[str, tuple[int, list[bytes]]]
    """The offset of the first kept item, and the kept items."""


def shown(view: View) -> Shown:
    """What a view shows."""
    return Shown(
        {name: (document.version, document.value) for name, document in view.documents.items()},
        {name: (stream.first, stream.after(stream.first)) for name, stream in view.streams.items()},
    )


@dataclass
class _Kept:
    name: str
    names: set[str]
    documents: dict[str, tuple[int, object]] = field(default_factory=dict)
    items: dict[str, list[bytes]] = field(default_factory=dict)
    """All items that each stream ever got."""
    released: dict[str, int] = field(default_factory=dict)
    ttl_ms: int | None = None
    ends_ms: float = float("inf")

    def counter(self, name: str) -> int:
        return self.documents[name][0] if name in self.documents else len(self.items.get(name, []))

    def change(self, batch: Batch, now_ms: int) -> None:
        for name, value in batch.put.items():
            version, _ = self.documents.get(name, (0, None))
            self.documents[name] = (version + 1, value)
        for name, upto in batch.release.items():
            if name in self.items:
                self.released[name] = max(self.released[name], min(upto, len(self.items[name])))
        for name, items in batch.append.items():
            self.items[name] = self.items.get(name, []) + list(items)
            self.released.setdefault(name, 0)
        self.names = (self.names | set(batch.aliases)) - (set(batch.drops) - {self.name})
        self.ttl_ms = self.ttl_ms if batch.ttl_ms is None else batch.ttl_ms
        self.live_on(now_ms)

    def live_on(self, now_ms: int) -> None:
        self.ends_ms = float("inf") if self.ttl_ms is None else now_ms + self.ttl_ms


@dataclass
class Model:
    """What a store must show."""

    kept: dict[str, _Kept] = field(default_factory=dict)
    """By the name under which each began."""

    def find(self, name: str, now_ms: int) -> _Kept | None:
        """The partition of that name or alias, if its time is not over."""
        self.kept = {name: kept for name, kept in self.kept.items() if kept.ends_ms > now_ms}
        return next((kept for kept in self.kept.values() if name in kept.names), None)

    def commit(self, name: str, batch: Batch, now_ms: int) -> bool:
        """See `Store.commit`."""
        found = self.find(name, now_ms)
        counter = found.counter if found else lambda _name: 0
        if any(counter(watched) != expected for watched, expected in batch.expect.items()):
            return False
        if batch.ends:
            self.kept = {name: kept for name, kept in self.kept.items() if kept is not found}
        elif found or batch.put or batch.append:
            found = found or self.kept.setdefault(name, _Kept(name, {name}))
            found.change(batch, now_ms)
        return True

    def read(self, name: str, now_ms: int) -> Shown:
        """See `Store.read`."""
        found = self.find(name, now_ms)
        if found is None:
            return Shown({}, {})
        streams = {name: (found.released[name], items[found.released[name] :]) for name, items in found.items.items()}
        return Shown(dict(found.documents), streams)

    def restart(self, now_ms: int) -> None:
        """Time in which the store was down is nobody's silence: every partition has its whole span again."""
        for kept in self.kept.values():
            kept.live_on(now_ms)
