"""The JSON faces without HTTP: fields in, objects out, on a server whose keys are known beforehand."""

from collections.abc import Mapping
from itertools import count
from typing import Any

import msgspec

from tests.text_server import TextServer
from turnserver.edge.performing import Performing
from turnserver.edge.rpc import Rpc
from turnserver.messages.reply import Malformed, Refused
from turnserver.protocol.limits import Limits
from turnserver.service.answering import Answering
from turnserver.service.context import KEY_LETTERS, TOKEN_LETTERS, Context
from turnserver.service.secrets import digest
from turnserver.store.memory import MemoryStore
from turnserver.wire.actions.action import Action
from turnserver.wire.json_requests import error_object

SERVER_KEY = "sk_" + "k" * 43
"""A key that every such server knows."""

KEYS = [f"{number:0{KEY_LETTERS}}" for number in range(40)]
"""The keys, room ids and guests' names that such a server gives, in order."""

TOKENS = [f"{number:0{TOKEN_LETTERS}}" for number in range(40)]
"""The tokens that it gives, in order."""


class JsonServer(TextServer):
    """Two of them that are asked for the same answer the same."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(limits)
        keys, tokens, holders = count(), count(), {digest(SERVER_KEY): "world"}
        self.context = Context(
            self.store,
            self.limits,
            new_key=lambda: f"{next(keys):0{KEY_LETTERS}}",
            new_token=lambda: f"{next(tokens):0{TOKEN_LETTERS}}",
            coin=lambda: 0,
            unix_ms=lambda: self.now_ms,
            monotonic_s=lambda: self.now_ms / 1000,
            holder_of_key=holders.get,
        )
        self.answering = Answering(self.context)
        self.performing = Performing(self.answering, self.limits)
        self.rpc = Rpc(self.performing, self.limits)

    def perform(self, action: Action, given: Mapping[str, Any]) -> Any:
        """The object that an action answers with, an error included, as plain values."""
        try:
            return plain(self.done(self.performing.perform(action, given)))
        except (Malformed, Refused) as failure:
            return plain(error_object(failure.reply))

    def call(self, body: bytes, bearer: str | None = None) -> Any:
        """The answer to a body of JSON-RPC, as plain values; None if there is none."""
        return plain(self.done(self.rpc.answer(body, bearer, 0)))

    def kept(self) -> Mapping[str, Any]:
        """All that the server keeps but signs of life: the same before and after what changed nothing."""
        assert isinstance(self.store, MemoryStore)
        return {name: (found.documents, found.streams) for name, found in self.store._partitions.items()}


def plain(value: Any) -> Any:
    """Plain values of whatever has JSON."""
    return msgspec.json.decode(msgspec.json.encode(value))
