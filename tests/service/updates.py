"""Players of relay games who know where their counters stand, and send what may be wrong."""

from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.text_server import Seated, TextServer, finished
from turnserver.domain.documents import SEATS, STREAMS, game_partition
from turnserver.edge.exchange import Exchange
from turnserver.partition import View
from turnserver.protocol.limits import Limits
from turnserver.service.secrets import key_digest
from turnserver.wire.paths import TextPath

LIMITS = Limits(buffer_bytes_max=40, body_bytes_max=200, batch_lines_max=5)

LONGEST = LIMITS.body_bytes_max * "x"
"""Makes a line that is too long."""

DATA = st.sampled_from(
    ["", "a", "hello, | %", "0123456789" * 2, "é", "grüße 🎲", "*", "line\nbreak", "return\r", "\udcff", LONGEST]
)
COUNTERS = st.sampled_from(
    ["next", "next", "next", "next.all", "next.all", "again", "behind", "ahead", "next.0", "0", "+1", ""]
)


class Player:
    """A player in a game who knows where both counters stand, and sends what may be wrong."""

    def __init__(self, seat: Seated, sent: int = -1) -> None:
        self.seat = seat
        self.sent = sent
        self.received = 0

    def line(self, data: str, counter: str, *, as_partner: bool, after: int = 0) -> bytes:
        """An update; `counter` names a way to be right or wrong, and so many updates go before it in its batch."""
        sent = self.sent + after
        number = {"again": sent, "behind": sent - 1, "ahead": sent + 2}.get(counter, sent + 1)
        spelled = {"next.all": f"{number}.{self.received}", "next.0": f"{number}.0", "0": "0", "+1": "+1", "": ""}
        player = str(int(self.seat.seat) ^ as_partner)
        line = f"6,{data},{self.seat.key},{player},{spelled.get(counter, number)}"
        return line.encode(errors="surrogateescape")

    def learns(self, line: bytes, reply: str) -> None:
        """Take note of a reply to a line."""
        if reply.startswith("0/"):
            self.sent = max(self.sent, int(line.rpartition(b",")[2].partition(b".")[0]))
        if reply.startswith("0/9/"):
            self.received += reply.count("|") + 1


def seen(server: TextServer, key: str) -> dict[str, Any]:
    """What the store holds of the seats and streams of a game."""
    view: View = finished(server.store.read(game_partition(key_digest(key))))
    if not view.exists:
        return {}
    streams = (view.stream(name) for name in STREAMS)
    return {
        "left": view.value("match").left,
        **{name: view.documents[name] for name in SEATS},
        "streams": [(stream.first, stream.next, stream.size, stream.after(stream.first)) for stream in streams],
    }


def values(found: dict[str, Any]) -> dict[str, Any]:
    """Without versions (a batch counts as one update after a restart) and without signs of life (not all are kept)."""
    return {name: replace(part.value, seen_ms=0) if name in SEATS else part for name, part in found.items()}


Update = tuple[int, str, str, bool]

UPDATE = st.tuples(st.integers(0, 1), DATA, COUNTERS, st.sampled_from([False] * 9 + [True]))
BROKEN = st.sampled_from([b"", b"6", b"6,a", b"6,,KEY,0,1", b"7,,,,", b"no comma"])
RUN = st.builds(
    lambda index, texts, counter: [(index, text, counter, False) for text in texts],
    st.integers(0, 1),
    st.lists(st.sampled_from(["", "a", "b,c", "0123456789"]), min_size=1, max_size=LIMITS.batch_lines_max),
    st.sampled_from(["next", "next.all"]),
)
LINES = st.one_of(
    st.lists(UPDATE, min_size=1, max_size=4),
    st.lists(st.one_of(UPDATE, BROKEN), min_size=1, max_size=LIMITS.batch_lines_max + 1),
    RUN,
    st.builds(lambda run, other, at: [*run[:at], other, *run[at:]], RUN, st.one_of(UPDATE, BROKEN), st.integers(0, 4)),
)
ENDS = st.sampled_from([b"", b"", b"", b"\n", b"\n\n"])
PLAY = st.one_of(
    st.tuples(st.just("batch"), LINES, ENDS),
    st.tuples(st.just("batch"), RUN, ENDS),
    st.tuples(st.just("update"), UPDATE),
)
STEP = st.one_of(
    *[PLAY] * 4,
    st.tuples(st.just("later"), st.sampled_from([0.001, 1, 1, 9, 31])),
    st.tuples(st.just("look")),
    st.tuples(st.just("quit"), st.integers(0, 1)),
)
OPENING = [("update", (0, "", "next", False)), ("update", (1, "", "next", False))]
"""After it the fast path knows both players."""

STEPS = st.builds(lambda opening, steps: opening + steps, st.sampled_from([[], OPENING]), st.lists(STEP, max_size=40))


def did(step: tuple[Any, ...], server: TextServer, players: list[Player]) -> object:
    """What comes of one step."""
    match step:
        case "update", (index, data, counter, as_partner):
            line = players[index].line(data, counter, as_partner=as_partner)
            reply = server.say(line)
            players[index].learns(line, reply)
            return reply
        case "batch", updates, end:
            return batched(server, players, updates, end)
        case "quit", index:
            return players[index].seat.quit(players[index].sent + 1)
        case "later", seconds:
            server.later(seconds)
            return None
        case _:
            return seen(server, players[0].seat.key)


def batch_lines(players: list[Player], updates: list[Update | bytes]) -> list[bytes]:
    """The lines of a batch of updates, and of lines that are none."""
    lines, ahead = [], [0, 0]
    for update in updates:
        if isinstance(update, bytes):
            lines.append(update)
            continue
        index, data, counter, as_partner = update
        text = data.replace("\n", "")
        lines.append(players[index].line(text, counter, as_partner=as_partner, after=ahead[index]))
        ahead[index] += counter.startswith("next")
    return lines


def learnt(players: list[Player], updates: list[Update | bytes], lines: list[bytes], replies: list[str]) -> None:
    """Let the players take note of the replies to a batch's lines."""
    for update, line, reply in zip(updates, lines, replies, strict=False):  # a batch that is too large has one reply
        if not isinstance(update, bytes):
            players[update[0]].learns(line, reply)


def batched(server: TextServer, players: list[Player], updates: list[Update | bytes], end: bytes = b"") -> list[str]:
    """The replies to a batch of updates, and of lines that are none."""
    lines = batch_lines(players, updates)
    replies = posted(server, b"\n".join(lines) + end)
    learnt(players, updates, lines, replies)
    return replies


def posted(server: TextServer, body: bytes) -> list[str]:
    """The replies to a batch."""
    exchange = Exchange(server.answering, server.store, server.limits, server.fast_path)
    return finished(exchange.answer(body, TextPath("", is_batch=True))).body.decode().split("\n")
