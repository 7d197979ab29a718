"""The usual commit, sent and answered without a task: one document, items at the end of one stream, fewer in another.

It is carried out if the document and one further document are as they are known. The document ends with how many items
that other stream has had: so it takes note of all that is there by then, whoever has written it, and the answer tells
what. Who sends it keeps a cache of the partition (`Known.cache`) and changes that when the commit was carried out.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from typing import Any, NamedTuple

import msgspec
from hiredis import ReplyError

from turnserver.store.redis import scripts
from turnserver.store.redis.link import Link, Reply
from turnserver.store.redis.partitions import items_of
from turnserver.store.redis.runner import Runner
from turnserver.store.redis.scripts import DONE
from turnserver.store.redis.seen import Known, Memory
from turnserver.store.redis.waits import Waits
from turnserver.store.seam import StoreDown

_pack = msgspec.msgpack.Encoder().encode


class Move(msgspec.Struct, frozen=True, gc=False):
    """What a commit does; in a journal `store.entries.Move` is the same."""

    document: str
    version: int
    """The version that the document has."""
    value: tuple[Any, ...]
    """What is written like the document, but for its last field, which the store writes: the counter of `inbound`."""
    outbound: str
    outbound_next: int
    """How many items it has had, as far as is known."""
    items: Sequence[bytes]
    """What it has at its end then; may be none."""
    inbound: str
    inbound_next: int
    """How many items it has had, as far as is known."""
    upto: int
    """The offset before which `inbound` lets go of its items; 0 lets go of none."""
    further: str
    further_version: int
    """A document that is relied on, and the version that it has."""
    ttl_ms: int


class Outcome(Enum):
    """What has become of a move."""

    DONE = "carried out, and nothing else has happened since what was known"
    DONE_AMONG_OTHERS = "carried out, after what others have done; what is known now may be all of it"
    REFUSED = "not carried out; what is known now may say why"


class Told(NamedTuple):
    """What has become of a move."""

    outcome: Outcome | StoreDown
    """StoreDown where nobody knows."""
    rev: int = 0
    """The partition's revision after a move that was carried out."""
    more: Sequence[bytes] = ()
    """What `inbound` had by then beyond `inbound_next`."""


class Moves:
    """Sends moves.

    Args:
        process: The name of this process.
        runner: The way to Redis.
        memory: What is known of partitions.
        waits: Who waits in this process.
    """

    def __init__(self, process: str, runner: Runner, memory: Memory, waits: Waits) -> None:
        self._process = process
        self._waits = waits
        self.memory = memory
        self.link, self.times = runner.link_of, runner.times
        self._given_ms = runner.given_ms

    def send(self, link: Link, known: Known, move: Move, tell: Callable[[Told], None]) -> bool:
        """Send a move; False if that cannot be done now.

        Args:
            link: The connection to the server that has the partition.
            known: The partition; nothing that was sent for it here is unanswered.
            move: What to do.
            tell: Called once if this returns True, and not before.
        """
        command = (
            b"EVALSHA",
            scripts.MOVE.sha,
            b"1",
            known.key,
            self._given_ms(),
            link.opened_ms,
            self._process,
            known.epoch,
            known.rev,
            move.ttl_ms,
            move.document,
            move.version,
            _pack((*move.value, 0))[:-1],
            move.outbound,
            move.outbound_next,
            move.inbound,
            move.inbound_next,
            move.upto,
            move.further,
            move.further_version,
            *move.items,
        )
        try:
            link.send(command, _Sent(self, link, known, move.inbound, tell))
        except StoreDown:
            return False
        return True

    def answered(self, link: Link, known: Known, base_rev: int, inbound: str, reply: Reply) -> Told:
        """What a reply tells; what it adds to what is known is known afterwards."""
        if isinstance(reply, StoreDown):
            return Told(reply)
        if isinstance(reply, ReplyError):
            self._turned_away(link, str(reply))
            return Told(Outcome.REFUSED)
        link.heed_clock(reply[1])
        if reply[0] != DONE:
            self.memory.heed(known, base_rev, reply[2])
            return Told(Outcome.REFUSED)
        _, _, rev, has_waited, news = reply
        if has_waited:
            self._waits.ring(known.name)
        if news is None and known.rev == base_rev and self.memory.find(known.name) is known:
            return Told(Outcome.DONE, rev)
        self.memory.heed(known, base_rev, news)
        return Told(Outcome.DONE_AMONG_OTHERS, rev, () if news is None else items_of(news, inbound))

    def _turned_away(self, link: Link, why: str) -> None:
        """See to it that the next does not meet the same error, as far as that can be done here."""
        if why.startswith("READONLY"):
            link.close()  # it has become a replica
        elif why.startswith("NOSCRIPT"):
            with suppress(StoreDown):
                link.send((b"SCRIPT", b"LOAD", scripts.MOVE.text), lambda _reply: None)


class _Sent:
    """A move that is under way."""

    __slots__ = ("_base_rev", "_inbound", "_known", "_link", "_moves", "_tell")

    def __init__(self, moves: Moves, link: Link, known: Known, inbound: str, tell: Callable[[Told], None]) -> None:
        self._moves = moves
        self._link = link
        self._known = known
        self._inbound = inbound
        self._tell = tell
        self._base_rev = known.rev

    def __call__(self, reply: Reply) -> None:
        self._tell(self._moves.answered(self._link, self._known, self._base_rev, self._inbound, reply))
