"""What clients were told, and every promise that was broken: the judge of the kill test.

Nothing here speaks to a server. Players report what they heard; `complaints` says what cannot be, given all of that.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

LAST = "last"


def message(sender: str, number: int, *, is_last: bool = False, padding: int = 0) -> str:
    """The text of a sender's message of that number, counted from 0."""
    return f"{sender} {number} {LAST if is_last else '-'} {'.' * padding}"


@dataclass
class Conversation:
    """One direction of a game: what was acknowledged to the sender, and what the receiver got."""

    sender: str
    acknowledged: int = 0
    received: int = 0
    has_last: bool = False
    is_cut: bool = False
    """True once the receiver has quit: it need not get the rest."""
    faults: Counter[str] = field(default_factory=Counter)

    def get(self, text: str) -> None:
        """The receiver got a message."""
        sender, number, mark, _ = text.split(" ")
        if sender != self.sender:
            self.faults["astray"] += 1
        elif int(number) < self.received:
            self.faults["doubled or reordered"] += 1
        else:
            self.faults["lost or reordered"] += int(number) - self.received
            self.received = int(number) + 1
            self.has_last = mark == LAST

    def complaints(self) -> list[str]:
        """What is wrong now that both have ended."""
        missing = 0 if self.is_cut else self.acknowledged - self.received
        faults = self.faults + Counter({"lost at the end": max(0, missing)})
        return [f"{self.sender}: {count} {fault}" for fault, count in faults.items()]


class Place(NamedTuple):
    """What a player was told about its game."""

    partner: str
    role: str
    """`server` or `client`."""
    key: str
    seat: int


@dataclass
class Ledger:
    """All that was acknowledged."""

    registrations: int = 0
    places: dict[str, Place] = field(default_factory=dict)
    """By the player's name."""
    conversations: dict[str, Conversation] = field(default_factory=dict)
    """By the sender's name."""
    ends: dict[str, str] = field(default_factory=dict)
    """Requests that must go on getting the answer they got: the request line, and the reply."""
    broken: list[str] = field(default_factory=list)
    """Promises that were broken, in words."""

    def meet(self, name: str, place: Place) -> None:
        """A player was told its game."""
        self.places[name] = place

    def conversation(self, sender: str) -> Conversation:
        """What that sender says in its game; every name plays once."""
        return self.conversations.setdefault(sender, Conversation(sender))

    def expect(self, what: str, heard: object, *, told: object) -> None:
        """Two answers that must be the same."""
        if heard != told:
            self.broken.append(f"{what}: {heard!r}, but earlier {told!r}")

    def complaints(self) -> list[str]:
        """Every broken promise."""
        talk = [complaint for one in self.conversations.values() for complaint in one.complaints()]
        return self.broken + talk + [name for name in self.places if not self._fits(name)]

    def _fits(self, name: str) -> bool:
        """True if the two of a pair were told the same: each other's name, two roles, two seats, two keys."""
        mine = self.places[name]
        theirs = self.places.get(mine.partner)
        if theirs is None:
            return False
        same = {mine.role, theirs.role} == {"server", "client"} and {mine.seat, theirs.seat} == {0, 1}
        return same and theirs.partner == name and mine.key != theirs.key

    def acknowledged(self) -> int:
        """How many registrations, pairings, messages and ends were acknowledged."""
        messages = sum(one.acknowledged for one in self.conversations.values())
        return self.registrations + len(self.places) + messages + len(self.ends)

    def summary(self) -> str:
        """The numbers, in one line."""
        messages = sum(one.acknowledged for one in self.conversations.values())
        faults = sum(sum(one.faults.values()) for one in self.conversations.values())
        return (
            f"acknowledged: {self.registrations} registrations, {len(self.places) // 2} pairings, {messages} messages, "
            f"{len(self.ends)} ends; lost, doubled or reordered: {faults}; broken promises: {len(self.complaints())}"
        )
