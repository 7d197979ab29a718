"""The clock of a store that outlives its processes."""

from collections.abc import Callable


def going_on(at_ms: int, monotonic_ns: Callable[[], int]) -> Callable[[], int]:
    """A clock in milliseconds that goes on from `at_ms`, in step with the machine's, which is in nanoseconds."""
    offset_ns = at_ms * 1_000_000 - monotonic_ns()
    return lambda: (monotonic_ns() + offset_ns) // 1_000_000
