"""Chat and inboxes: messages/s that are read, against the relay's updates/s.

* `chat`: 100 readers of one channel, each with a waiting poll, and one who says the next line as soon as the latest is
  said. A line that 100 read counts 100 times.
* `inbox`: 32 who write to 32 others, each the next message as soon as the latest is stored, and those 32 read with
  waiting polls. What is read is what counts.

Both run on the server's core and take turns with 64 players of the relay on a server of their own; the ratio is taken
within the round.
"""

import http.client
import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from benchmarks import load, players, servers

TALKATIVE = Path(__file__).with_name("talkative.toml")
READERS = 100
WRITERS = 32
WAIT = b"/?wait=2"
"""A run ends this long after it was told to at the latest."""


class Reader:
    """Who follows a list by its cursor, and counts what comes.

    Args:
        poll: The line of the poll, or of what is said each time, up to its counter.
    """

    def __init__(self, poll: str) -> None:
        self._poll = poll.encode()
        self._cursor = b"*"
        self.items = 0

    def next_body(self, reply: bytes) -> bytes:
        """The next poll."""
        head, _, body = reply.partition(b"/")[2].partition(b"/")
        if head in (b"41", b"50", b"13"):
            self._cursor = body.partition(b"|")[0]
            self.items += body.count(b"|")
        return self._poll + self._cursor


def chat(*, rounds: int, seconds: float) -> dict[str, object]:
    """Lines/s that 100 readers of one channel read relative to updates/s of the relay."""
    with ExitStack() as stack:
        relay = stack.enter_context(servers.turnserver())
        server = stack.enter_context(servers.turnserver("--config", str(TALKATIVE)))
        guests = _guests(server.port, READERS + 1)
        readers = [Reader(f"41,*,{token},lobby,") for token, _name in guests[1:]]
        writing = [Reader(f"40,{players.TEXT.decode()},{guests[0][0]},lobby,").next_body]
        figures = _against_relay(relay.port, server.port, readers, writing, rounds=rounds, seconds=seconds)
    return {
        "unit": f"lines/s read by {READERS} readers of one channel relative to updates/s of {2 * WRITERS} players",
        **figures,
    }


def inbox(*, rounds: int, seconds: float) -> dict[str, object]:
    """Messages/s that 32 users read in their inboxes relative to updates/s of the relay."""
    with ExitStack() as stack:
        relay, server = (stack.enter_context(servers.turnserver()) for _ in range(2))
        guests = _guests(server.port, 2 * WRITERS)
        readers = [Reader(f"50,*,{token},*,") for token, _name in guests[:WRITERS]]
        pairs = zip(guests[WRITERS:], guests[:WRITERS], strict=True)
        writing = [_sent(token, name) for (token, _mine), (_theirs, name) in pairs]
        figures = _against_relay(relay.port, server.port, readers, writing, rounds=rounds, seconds=seconds)
    return {
        "unit": f"messages/s read in {WRITERS} inboxes relative to updates/s of {2 * WRITERS} players",
        **figures,
    }


def _against_relay(  # a benchmark's ends
    relay_port: int,
    port: int,
    readers: Sequence[Reader],
    writing: Sequence[Callable[[bytes], bytes]],
    *,
    rounds: int,
    seconds: float,
) -> dict[str, object]:
    ratios, reads, writes, updates = [], [], [], []
    bodies = [players.updates(seat) for pair in players.matches(relay_port, WRITERS) for seat in pair]
    with load.runner() as runner:
        relaying = [runner.run(load.connect(relay_port, body)) for body in bodies]
        polls = [runner.run(load.connect(port, reader.next_body, WAIT)) for reader in readers]
        writers = [runner.run(load.connect(port, body)) for body in writing]
        for round_index in range(rounds + 1):
            span_s = seconds if round_index else 0.5
            first = runner.run(load.run(relaying, span_s))
            before, written = sum(reader.items for reader in readers), sum(writer.replies for writer in writers)
            second = runner.run(load.run([*polls, *writers], span_s))
            assert not first.bad + second.bad
            if round_index:  # the first round warms up
                read = sum(reader.items for reader in readers) - before
                reads.append(read / second.seconds)
                writes.append((sum(writer.replies for writer in writers) - written) / second.seconds)
                updates.append(first.per_s)
                ratios.append(reads[-1] / first.per_s)
    return {
        "relay": {"ratio": 1.0, "per_s": round(statistics.median(updates))},
        "read": {"ratio": round(statistics.median(ratios), 3), "per_s": round(statistics.median(reads))},
        "written/s": round(statistics.median(writes)),
    }


def _sent(token: str, name: str) -> Callable[[bytes], bytes]:
    number = 0

    def next_body(_reply: bytes) -> bytes:
        nonlocal number
        number += 1
        return f'51,note;"{players.TEXT.decode()}",{token},{name},{number}'.encode()

    return next_body


def _guests(port: int, count: int) -> list[tuple[str, str]]:
    """The tokens and names of new guests."""
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        found: list[tuple[str, str]] = []
        while len(found) < count:
            lines = ["62,*,*,*,*"] * min(100, count - len(found))
            connection.request("POST", "/batch", "\n".join(lines))
            replies = connection.getresponse().read().decode().split("\n")
            opened = [reply.removeprefix("0/62/").split("|") for reply in replies]
            found += [(token, name) for token, _seconds, name in opened]
    return found
