"""Whatever players do, the waiting line stays fair."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from tests.text_server import TextServer
from turnserver.protocol.limits import Limits


class Line(RuleBasedStateMachine):
    """Registrations that ask, leave and die; each has a name of its own, so that pairs can be told apart."""

    keys: Bundle[str] = Bundle("keys")

    @initialize()
    def begin(self) -> None:
        """An empty server; registrations look at two others at a time."""
        self.server = TextServer(Limits(pool_candidates_max=2))
        self.names: dict[str, str] = {}
        self.partners: dict[str, str] = {}
        self.asked: dict[str, int] = {}

    @rule(target=keys)
    def register(self) -> str:
        """Somebody comes who wants anyone."""
        name = f"player {len(self.names)}"
        key = self.server.registered(name)
        self.names[key] = name
        return key

    @rule(key=keys)
    def ask(self, key: str) -> None:
        """One asks; whoever is found, is found for both and for ever."""
        reply = self.server.asks(key)
        if reply == "0/2/*":
            assert key not in self.partners
            self.asked[key] = self.server.now_ms
        elif reply.startswith(("0/3/", "0/4/")):
            self.paired(key, reply.split("/", 2)[2])
        else:
            self.forget(key)

    def paired(self, key: str, partner: str) -> None:
        """Pairs are symmetric, and nobody has two partners."""
        assert partner != self.names[key]
        assert self.partners.setdefault(key, partner) == partner
        other = next(other for other, name in self.names.items() if name == partner)
        assert self.partners.setdefault(other, self.names[key]) == self.names[key]
        self.asked.pop(key, None)
        self.asked.pop(other, None)

    @rule(key=consumes(keys))
    def unregister(self, key: str) -> None:
        """One leaves."""
        self.server.say(f"1,*,{key},*,*")
        self.forget(key)

    def forget(self, key: str) -> None:
        """A pair that one has left, or a registration that died: nothing is known of both any more."""
        partner = self.partners.pop(key, None)
        self.asked.pop(key, None)
        for other, name in self.names.items():
            if name == partner:
                self.partners.pop(other, None)

    @rule(seconds=st.floats(1, 20))
    def wait(self, seconds: float) -> None:
        """Time passes; some die of it."""
        self.server.later(seconds)
        now_ms = self.server.now_ms
        self.asked = {key: at_ms for key, at_ms in self.asked.items() if now_ms - at_ms < 25_000}

    @invariant()
    def at_most_one_who_fits_anyone_waits(self) -> None:
        """Two who want anyone never wait side by side: all here are strangers to each other."""
        assert len(getattr(self, "asked", {})) <= 1


TestLine = Line.TestCase
TestLine.settings = settings(max_examples=60, stateful_step_count=30)
