"""Guessing is slowed: wrong passwords are counted, and who has guessed too often is told to wait.

Attempts are counted in *lanes*, each a small partition that forgets after a while:

    guess:SHA256      "guesses": Guesses

A client that shows a token which it once had for the account is no stranger: it has a lane of its own, so nobody else's
guesses can lock it out. Strangers are counted by name and address, by name, and by address. All strangers together have
only so many guesses at one name; but the first few from each address are free of that, so that whoever attacks a name
from elsewhere cannot keep its owner out. An attempt counts as wrong until it has turned out right.

Nothing here knows whether the name exists.

Source: docs/accounts.md, "Guessing".
"""

from typing import NamedTuple

from msgspec import Struct

from turnserver.messages.reply import Refused
from turnserver.partition import Batch, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits


class Guesses(Struct, frozen=True, array_like=True, gc=False, tag="guesses"):
    """What was counted in one lane since `began_ms`."""

    began_ms: int
    count: int


class Lane(NamedTuple):
    """What is counted together: a kind, and what it is about. The partition is named by the SHA-256 of both."""

    kind: str
    subject: str


class Counted(NamedTuple):
    """A lane as it was read: how many within the window, and how long until it is over."""

    tries: int
    ends_s: int


DEVICE, THERE, NAME, ADDRESS, CREATING, RESETTING = "device", "there", "name", "address", "creating", "resetting"
"""The kinds of lanes."""


def lanes_of(name_key: str, address: str, device: str | None) -> tuple[Lane, ...]:
    """The lanes in which an attempt counts.

    Args:
        name_key: The name, as it is compared.
        address: Where the attempt comes from.
        device: The SHA-256 of a token that was once this account's, None from a stranger.
    """
    if device is not None:
        return (Lane(DEVICE, device),)
    return (Lane(THERE, f"{address} {name_key}"), Lane(NAME, name_key), Lane(ADDRESS, address))


def guess_partition(digest: str) -> str:
    """The partition of a lane, by the SHA-256 of its kind and subject."""
    return f"guess:{digest}"


def counted(view: View, *, limits: Limits) -> Counted:
    """What a lane's partition says now."""
    guesses: Guesses | None = view.value("guesses")
    window_ms = round(1000 * limits.guess_window_s)
    if guesses is None or view.now_ms - guesses.began_ms >= window_ms:
        return Counted(0, 0)
    left_ms = guesses.began_ms + window_ms - view.now_ms
    return Counted(guesses.count, max(1, -(-left_ms // 1000)))


def check(kinds: dict[str, Counted], *, limits: Limits) -> None:
    """Let an attempt pass, or tell it to wait.

    Args:
        kinds: What is counted in each of its lanes, by kind.
        limits: The numbers of guesses.

    Raises:
        Refused: TOO_MANY_REQUESTS, with the seconds to wait.
    """
    most = {
        DEVICE: limits.guesses_max,
        THERE: limits.guesses_max,
        ADDRESS: limits.address_guesses_max,
        CREATING: limits.address_accounts_max,
        RESETTING: limits.name_resets_max,
        NAME: limits.name_guesses_max,
    }
    there = kinds.get(THERE)
    if there is not None and there.tries < limits.first_guesses_max:
        del most[NAME]
    waits_s = [lane.ends_s for kind, lane in kinds.items() if kind in most and lane.tries >= most[kind]]
    if waits_s:
        raise Refused(answers.TOO_MANY_REQUESTS, f"{max(waits_s)}")


def charge(view: View, *, limits: Limits) -> Batch:
    """Count one more in a lane."""
    found = counted(view, limits=limits)
    began_ms = view.value("guesses").began_ms if found.tries else view.now_ms
    return _put(view, Guesses(began_ms, found.tries + 1), limits)


def refund(view: View, *, whole: bool, limits: Limits) -> Batch | None:
    """Take back what an attempt counted that turned out right; None where the window is over.

    Args:
        view: The lane's partition.
        whole: True for a lane that is the owner's own: it begins anew.
        limits: The window counts.
    """
    found = counted(view, limits=limits)
    if not found.tries:
        return None
    count = 0 if whole else found.tries - 1
    return _put(view, Guesses(view.value("guesses").began_ms, count), limits)


def _put(view: View, guesses: Guesses, limits: Limits) -> Batch:
    expect = {"guesses": view.counter("guesses")}
    return Batch(expect=expect, put={"guesses": guesses}, ttl_ms=round(1000 * limits.guess_window_s))
