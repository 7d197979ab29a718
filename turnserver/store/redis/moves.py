"""The usual commit, sent and answered without a task: one document, items at the end of one stream, fewer in another.

It is carried out if the document, the other stream and one further document are as they are known. Who sends it keeps a
cache of the partition (`Known.cache`) and changes that when the commit was carried out.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from typing import Any

import msgspec
from hiredis import ReplyError

from turnserver.store.redis import scripts
from turnserver.store.redis.link import Link, Reply
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
    value: Any
    """What is written like the document."""
    outbound: str
    outbound_next: int
    """How many items it has had, as far as is known."""
    items: Sequence[bytes]
    """What it has at its end then; may be none."""
    inbound: str
    inbound_next: int
    """How many items it has had."""
    upto: int
    """The offset before which `inbound` lets go of its items; 0 lets go of none."""
    further: str
    further_version: int
    """A document that is relied on, and the version that it has."""
    ttl_ms: int


class Outcome(Enum):
    """What has become of a move."""

    DONE = "carried out, and nothing else has happened since what was known"
    DONE_AMONG_OTHERS = "carried out, and what was known is not all that has happened; what is known now may be"
    REFUSED = "not carried out; what is known now may say why"


Told = Callable[[Outcome | StoreDown, int], None]
"""Called with what has become of a move, or with StoreDown where nobody knows; and its revision if it is DONE."""


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

    def send(self, link: Link, known: Known, move: Move, told: Told) -> bool:
        """Send a move; False if that cannot be done now.

        Args:
            link: The connection to the server that has the partition.
            known: The partition; nothing that was sent for it here is unanswered.
            move: What to do.
            told: Called once if this returns True, and not before.
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
            _pack(move.value),
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
            link.send(command, _Sent(self, link, known, told))
        except StoreDown:
            return False
        return True

    def answered(self, link: Link, known: Known, base_rev: int, reply: Reply) -> tuple[Outcome | StoreDown, int]:
        """What a reply tells; what it adds to what is known is known afterwards."""
        if isinstance(reply, StoreDown):
            return reply, 0
        if isinstance(reply, ReplyError):
            self._turned_away(link, str(reply))
            return Outcome.REFUSED, 0
        link.heed_clock(reply[1])
        if reply[0] != DONE:
            self.memory.heed(known, base_rev, reply[2])
            return Outcome.REFUSED, 0
        _, _, rev, has_waited, news = reply
        if has_waited:
            self._waits.ring(known.name)
        if news is None and known.rev == base_rev and self.memory.find(known.name) is known:
            return Outcome.DONE, rev
        self.memory.heed(known, base_rev, news)
        return Outcome.DONE_AMONG_OTHERS, rev

    def _turned_away(self, link: Link, why: str) -> None:
        """See to it that the next does not meet the same error, as far as that can be done here."""
        if why.startswith("READONLY"):
            link.close()  # it has become a replica
        elif why.startswith("NOSCRIPT"):
            with suppress(StoreDown):
                link.send((b"SCRIPT", b"LOAD", scripts.MOVE.text), lambda _reply: None)


class _Sent:
    """A move that is under way."""

    __slots__ = ("_base_rev", "_known", "_link", "_moves", "_told")

    def __init__(self, moves: Moves, link: Link, known: Known, told: Told) -> None:
        self._moves = moves
        self._link = link
        self._known = known
        self._told = told
        self._base_rev = known.rev

    def __call__(self, reply: Reply) -> None:
        self._told(*self._moves.answered(self._link, self._known, self._base_rev, reply))
