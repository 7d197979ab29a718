"""Whatever the network does, every message arrives exactly once and in order, both ways.

Two players talk over a network that loses requests, loses replies, repeats requests and delivers copies late; the real
service answers on a memory store. Each player is a client as docs/protocol.md describes it: it asks with a counter
until it has read the reply to it.
"""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from tests.text_server import Seated, TextServer
from turnserver.protocol.limits import Limits

LIMITS = Limits(buffer_bytes_max=24)
DATA = st.text(st.characters(codec="utf-8", exclude_characters="\r\n|"), min_size=1, max_size=10).filter(
    lambda data: len(data.encode()) <= 24
)
SEATS = st.integers(0, 1)


@dataclass
class Client:
    """One player: what it has in flight, and what it has read."""

    seat: Seated
    is_exact: bool
    counter: int = 0
    data: str = ""
    """What travels under the counter."""
    is_asking: bool = False
    wanted: list[str] = field(default_factory=list)
    """What it has said, or is about to."""
    read: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Requests that got 21. A copy of one that comes later would be taken: a client must know that there is none."""
    ended: bool = False

    def say(self, data: str) -> None:
        """Begin the next request, unless one is under way."""
        if not self.is_asking:
            self.is_asking, self.data = True, data
            self.wanted += [data] if data else []

    def line(self) -> str:
        """The request as it travels."""
        counter = f"{self.counter}.{len(self.read)}" if self.is_exact else self.counter
        return self.seat.line(self.data, counter)

    def hear(self, reply: str) -> None:
        """Read the reply to the request under way."""
        code, body = reply.split("/", 2)[1:]
        if reply == "21/*/*":
            self.refused.add(self.line())
            self.wanted.pop()
            self.data = ""  # the same counter without data makes progress
            return
        if reply == "15/*/*":
            self.ended = True
            return
        assert reply.startswith(("0/9/", "0/10/*", "0/11/")), reply
        self.read += body.split("|") if code in {"9", "11"} else []
        self.counter += 1
        self.is_asking = False


class Network(RuleBasedStateMachine):
    """What both forms of counters have in common."""

    late: Bundle[tuple[int, str]] = Bundle("late")
    is_exact = True

    @initialize(chance=SEATS)
    def begin(self, chance: int) -> None:
        """Play begins."""
        self.server = TextServer(LIMITS)
        self.server.chance = chance
        self.clients = [Client(seat, self.is_exact) for seat in self.server.game()]

    @rule(target=late, who=SEATS, data=st.just("") | DATA, lost=st.integers(0, 2), is_read=st.booleans())
    def ask(self, who: int, data: str, lost: int, is_read: bool) -> MultipleResults[tuple[int, str]]:  # noqa: FBT001  # drawn
        """Say something, or repeat what is under way; replies are lost, and perhaps one is read."""
        client = self.clients[who]
        client.say(data)
        line = client.line()
        for _ in range(lost):
            self.server.say(line)
        if is_read:
            client.hear(self.server.say(line))
        return multiple((who, line))

    @rule(seconds=st.floats(0, 3))
    def wait(self, seconds: float) -> None:
        """Time passes, and both are heard: nobody is silent for too long here."""
        self.server.later(seconds)
        for client in self.clients:
            client.seat.poll(10**14)

    def partner_of(self, client: Client) -> Client:
        """The other one."""
        return self.clients[self.clients[0] is client]

    @invariant()
    def what_was_read_is_what_was_said(self) -> None:
        """In order, nothing twice, nothing missing in between."""
        for client in getattr(self, "clients", []):
            said = self.partner_of(client).wanted
            assert client.read == said[: len(client.read)]

    def teardown(self) -> None:
        """The network gets well: everything that was accepted arrives, also after one of them quits."""
        if not hasattr(self, "clients"):
            return
        for client in self.clients * 2:
            self.finish(client)
        quitter, other = self.clients
        for client in self.clients:
            self.exchange(client)
        assert quitter.seat.quit(quitter.counter) == "0/12/*"
        while not other.ended:
            self.exchange(other)
        assert other.read == quitter.wanted
        assert quitter.read == other.wanted[: len(quitter.read)]

    def finish(self, client: Client) -> None:
        """Send what is under way until the reply is read."""
        while client.is_asking:
            client.hear(self.server.say(client.line()))

    def exchange(self, client: Client) -> None:
        """Poll once."""
        client.say("")
        reply = self.server.say(client.line())
        client.hear(reply)


class PlainCounters(Network):
    """The plain form, for a client that closes the old connection before it repeats.

    So no copy of a request is carried out after its reply was read; copies before that do no harm.
    """

    is_exact = False


class ExactCounters(Network):
    """The form `n.r`, whatever happens."""

    @rule(copy=Network.late)
    def deliver_late(self, copy: tuple[int, str]) -> None:
        """A copy of any request there ever was arrives, perhaps not for the first time; nobody reads the reply."""
        who, line = copy
        if line not in self.clients[who].refused:
            self.server.say(line)


TestPlainCounters = PlainCounters.TestCase
TestExactCounters = ExactCounters.TestCase
TestPlainCounters.settings = TestExactCounters.settings = settings(max_examples=60, stateful_step_count=40)
