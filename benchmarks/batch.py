"""Commands/s in batches of ten against single requests: the same players, connections and updates."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack

from benchmarks import load, players, servers
from benchmarks.relay import CONNECTIONS, Measured, Run, relative

LINES = 10
"""Commands of a POST."""

WANTED = 5


def against_single(*, rounds: int, seconds: float) -> dict[str, object]:
    """64 connections, 32 pairs exchanging messages: ten updates a POST relative to one."""
    single, batched = "single requests", f"batches of {LINES}"
    measured: Measured = {single: [], batched: []}
    with ExitStack() as stack, load.runner() as runner:
        one, other = (stack.enter_context(servers.turnserver()) for _ in range(2))
        batches = [Batches(body) for body in _bodies(other.port)]
        singly = [runner.run(load.connect(one.port, body)) for body in _bodies(one.port)]
        together = [runner.run(load.connect(other.port, batch.next_body, b"/batch")) for batch in batches]
        for round_index in range(rounds + 1):
            span_s = seconds if round_index else 0.5
            contenders = [(single, one, singly, 1), (batched, other, together, LINES)]
            for name, server, connections, lines in contenders[
                :: 1 if round_index % 2 else -1
            ]:  # they take turns to be first
                before_s = server.cpu_s()
                result = runner.run(load.run(connections, span_s))
                spent_s = server.cpu_s() - before_s
                assert not result.bad + sum(batch.bad for batch in batches)
                if round_index:  # the first round warms up
                    commands = lines * result.replies
                    measured[name].append(Run(lines * result.per_s, 1e6 * spent_s / commands))
    ratios = relative(measured, single)
    return {"unit": "commands/s relative to single requests", **ratios, f"wanted of batches of {LINES}": f"{WANTED}"}


def _bodies(port: int) -> Iterable[Callable[[bytes], bytes]]:
    return [players.updates(seat) for pair in players.matches(port, CONNECTIONS // 2) for seat in pair]


class Batches:
    """The bodies of a player's batches, one after the other; each reply must be as many good lines.

    Args:
        update: The bodies of its updates.
    """

    def __init__(self, update: Callable[[bytes], bytes]) -> None:
        self._update = update
        self.bad = 0
        """Replies in which a command was refused."""

    def next_body(self, reply: bytes) -> bytes:
        """The body of the next batch."""
        self.bad += bool(reply) and (b"\n" + reply).count(b"\n0/") != LINES
        return b"\n".join(self._update(b"") for _ in range(LINES))
