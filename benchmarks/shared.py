"""Live state in Redis: what one process over it does, relative to the embedded store; and two relative to one.

Redis has the load's core, as if it were on another machine. Two processes need a core each: where there are not enough,
all share all cores, and the ratio says what that machine can do.
"""

import os
from contextlib import ExitStack

from benchmarks import relay, servers


def over_redis(*, rounds: int, seconds: float) -> dict[str, object]:
    """32 pairs exchanging messages: updates/s of one process over Redis, relative to the embedded store."""
    with ExitStack() as stack:
        redis = stack.enter_context(servers.redis())
        contenders = {
            "embedded store": stack.enter_context(servers.turnserver()),
            "over Redis": stack.enter_context(servers.turnserver("--live", redis)),
        }
        measured = relay.measure(contenders, rounds=rounds, seconds=seconds)
    return {"unit": "updates/s relative to the embedded store", **relay.relative(measured, "embedded store")}


def processes(*, rounds: int, seconds: float) -> dict[str, object]:
    """The same load on two processes over one Redis, relative to one; every process may use every core."""
    cores = os.cpu_count() or 1
    with ExitStack() as stack:
        redis = stack.enter_context(servers.redis())
        contenders = {
            f"{count} over Redis": stack.enter_context(
                servers.turnserver("--live", redis, "--workers", str(count), is_pinned=False)
            )
            for count in (1, 2)
        }
        measured = relay.measure(contenders, rounds=rounds, seconds=seconds)
    ratios = relay.relative(measured, "1 over Redis")
    for figures in ratios.values():
        del figures["server, us"]  # that of the process that only watches the others
    return {"unit": f"updates/s relative to one process, all on {cores} cores", **ratios}
