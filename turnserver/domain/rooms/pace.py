"""How fast the turns come: as slow as the worst latency and the slowest framerate ask for.

Players forgive a delay that is steady far more easily than a lower one that varies. So worse is followed at once, and
better only after a calm, and then by a part of the way.

Source: "1500 Archers on a 28.8", "Speed control"; docs/rooms.md, "Pace".
"""

from collections.abc import Sequence

from msgspec import structs

from turnserver.domain.rooms.documents import Pace, Posted, Rules

CALM_PACKETS = 20
"""How many packets in a row all must have been better before the pace follows."""

STEP_PARTS = 4
"""It then goes this part of the way."""


def followed(pace: Pace, seats: Sequence[Posted], rules: Rules, *, turn_ms_max: int) -> Pace:
    """The pace for the next packet.

    Args:
        pace: As of the packet before.
        seats: The live seats, with what they reported last.
        rules: Turn length and lookahead count.
        turn_ms_max: The longest turn that a latency may lead to.
    """
    latencies = [seat.latency_ms for seat in seats if seat.latency_ms is not None]
    framerates = [seat.framerate for seat in seats if seat.framerate is not None]
    worst, slowest = max(latencies, default=None), min(framerates, default=None)
    latency_ms, framerate = pace.latency_ms, pace.framerate
    if worst is not None and (latency_ms is None or worst > latency_ms):
        latency_ms = worst
    if slowest is not None and (framerate is None or slowest < framerate):
        framerate = slowest
    is_better = _differs(worst, latency_ms) or _differs(slowest, framerate)
    calm = pace.calm + 1 if is_better else 0
    if calm >= CALM_PACKETS:
        latency_ms, framerate, calm = _nearer(latency_ms, worst), _nearer(framerate, slowest), 0
    turn_ms = max(rules.turn_ms, min(turn_ms_max, -(-(latency_ms or 0) // rules.lookahead)))
    iterations = max(1, (framerate or 0) * turn_ms // 1000)
    return structs.replace(
        pace, iterations=iterations, turn_ms=turn_ms, latency_ms=latency_ms, framerate=framerate, calm=calm
    )


def _differs(wanted: int | None, followed_now: int | None) -> bool:
    return wanted is not None and wanted != followed_now


def _nearer(value: int | None, goal: int | None) -> int | None:
    """A part of the way from one to the other, at least 1."""
    if value is None or goal is None:
        return value
    way = goal - value
    step = -(-abs(way) // STEP_PARTS)
    return value + step if way > 0 else value - step
