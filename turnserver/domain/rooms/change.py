"""What a rule of a room answers with."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from turnserver.messages.items import Item
from turnserver.partition import Batch, View


class Change(Struct, frozen=True, gc=False):
    """What happens to a room: documents to write, items that all will see, entries of other streams.

    It relies on all documents that it writes and on those that `relies` names, as they were read. A change with items
    also relies on the stream of items: one at a time is appended.
    """

    put: Mapping[str, Any] = {}
    items: tuple[Item, ...] = ()
    append: Mapping[str, Sequence[bytes]] = {}
    relies: tuple[str, ...] = ()
    ttl_ms: int | None = None
    aliases: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    lasting: bool = True

    def batch(self, view: View, items: Sequence[bytes]) -> Batch:
        """The batch that carries the change out.

        Args:
            view: The room as the rule saw it.
            items: The change's items as they travel.
        """
        expect = {name: view.counter(name) for name in self.put}
        for name in self.relies:
            expect[name] = view.counter(name)
        append = self.append
        if items:
            expect["items"] = view.counter("items")
            append = {**append, "items": items, "times": [b"%d" % view.now_ms] * len(items)}
        return Batch(
            expect, self.put, append, {}, self.ttl_ms, self.aliases, self.drops, ends=False, lasting=self.lasting
        )
