"""Divergence: the hashes that the seats report for the same generation are compared.

A generation is decided as soon as all live seats have reported it. Where more than half of them agree, the others have
diverged; where nobody has such a majority (of two players never) the verdict is disputed and nobody is blamed.

Source: docs/rooms.md, "Hashes".
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from turnserver.domain.rooms.documents import REPORTS, report_of
from turnserver.messages.items import Diverged
from turnserver.partition import View

REPORTS_KEPT = 64
"""How many of a seat's latest reports are compared; a report of a generation replaces an earlier one of the same."""

STRAY_REPORTS = 8
"""Reports may come in another order than they were made; so many old ones in a row, and no new one is behind them."""


class Agreed(NamedTuple):
    """A generation that all live seats have reported alike."""

    generation: int
    hash: str


def compare(view: View, seats: Sequence[int], *, after: int) -> Agreed | Diverged | None:
    """What the reports of these seats come to: the first divergence, else the newest agreement, else nothing.

    Args:
        view: The room.
        seats: The live seats that are not being skipped, in order.
        after: Only later generations are looked at.
    """
    if not seats:
        return None
    told = [_reports(view, seat, after) for seat in seats]
    decided = sorted(frozenset(told[0]).intersection(*told[1:]))
    for generation in decided:
        hashes = [one[generation] for one in told]
        if len(set(hashes)) > 1:
            return _divergence(seats, hashes, generation)
    return Agreed(decided[-1], told[0][decided[-1]]) if decided else None


def _reports(view: View, seat: int, after: int) -> Mapping[int, str]:
    """A seat's latest reports, by generation."""
    stream = view.stream(REPORTS[seat])
    found: dict[int, str] = {}
    strays = 0
    for entry in reversed(stream.after(max(stream.first, stream.next - REPORTS_KEPT))):
        report = report_of(entry)
        if report.checked is None or report.checked <= after:
            strays += 1
            if strays > STRAY_REPORTS:
                break
        else:
            strays = 0
            found.setdefault(report.checked, report.hash)
    return found


def _divergence(seats: Sequence[int], hashes: Sequence[str], generation: int) -> Diverged:
    (commonest, votes), *_ = Counter(hashes).most_common(1)
    has_majority = 2 * votes > len(hashes)
    minority = tuple(seat for seat, one in zip(seats, hashes, strict=True) if has_majority and one != commonest)
    return Diverged(generation, minority, tuple(zip(seats, hashes, strict=True)), _differing(hashes))


def _differing(hashes: Sequence[str]) -> tuple[str, ...]:
    """The names of the parts that differ, in the order of the first report; nothing unless all reports have parts."""
    parts = [_parts(one) for one in hashes]
    if not all(parts):
        return ()
    names = dict.fromkeys(name for one in parts for name in one)
    return tuple(name for name in names if len({one.get(name) for one in parts}) > 1)


def _parts(report: str) -> dict[str, str]:
    """`units=1f&map=07` by name; empty if it is not of that form."""
    pairs = [part.partition("=") for part in report.split("&")]
    return {name: value for name, _, value in pairs} if all(name and equals for name, equals, _ in pairs) else {}
