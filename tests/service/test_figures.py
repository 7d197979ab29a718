"""Samples of what happened, span by span."""

from tests.text_server import TextServer, finished
from turnserver.partition import Batch
from turnserver.protocol import answers
from turnserver.service.figures import Figures, Sample, joined
from turnserver.service.usage import Usage
from turnserver.store.memory import MemoryStore
from turnserver.store.seam import StoreDown


class Observed:
    """A server whose figures are taken by hand, on a clock that is set by hand."""

    def __init__(self, kept: int = 8) -> None:
        self.server = TextServer()
        self.usage = self.server.answering.usage
        self.now_s = 1000.0
        self.figures = Figures(self.server.store, self.usage, unix_s=lambda: self.now_s, kept=kept)

    def taken(self, span_s: float = 10) -> Sample:
        """The sample of a span that ends now."""
        self.now_s += span_s
        return self.server.done(self.figures.take())


def test_a_sample_tells_who_lives_and_what_its_span_added() -> None:
    observed = Observed()
    ann, _ = observed.server.game()
    observed.server.say("62,*,*,*,*")
    first = observed.taken()
    ann.update("a", 0)
    ann.update("again", 7)
    observed.usage.refused(answers.BAD_SYMBOL)
    observed.usage.received_bytes += 300
    observed.usage.sent_bytes += 200
    second = observed.taken(12)

    assert (first.at_s, first.span_s, first.players, first.matches, first.sessions) == (1010, 10, 2, 1, 1)
    assert (first.requests, first.errors, first.messages) == (11, 0, 0)
    assert first.commands == {"REGISTER": 2, "REQUEST_PAIR": 3, "MAP_INIT": 2, "MAP_READY": 3, "GUEST": 1}
    assert (second.at_s, second.span_s, second.rooms, second.held) == (1022, 12, 0, 0)
    assert (second.requests, second.errors, second.messages) == (3, 2, 1)
    assert (second.received_bytes, second.sent_bytes) == (300, 200)
    assert second.commands == {"GAME_UPDATE": 2}


def test_seconds_are_those_of_the_span() -> None:
    observed = Observed()
    observed.usage.timed("relay", started_s=0, took_s=2.0)
    observed.figures.late(0.3)
    observed.taken()
    observed.usage.timed("relay", started_s=0, took_s=0.0004)
    observed.usage.timed("chat", started_s=0, took_s=0.0004)
    observed.figures.late(0.02)
    observed.figures.late(0.01)
    second = observed.taken()

    assert 0.00025 < second.median_s < second.p99_s <= 0.0005
    assert second.lag_s == 0.02


def test_a_quiet_span_is_a_sample_of_zeros() -> None:
    quiet = Observed().taken()

    assert (quiet.requests, quiet.median_s, quiet.p99_s, quiet.commands) == (0, 0, 0, {})


def test_the_latest_samples_are_kept_and_found_by_time() -> None:
    observed = Observed(kept=3)
    for _ in range(5):
        observed.taken()

    assert [sample.at_s for sample in observed.figures.since(0, most=100)] == [1030, 1040, 1050]
    assert [sample.at_s for sample in observed.figures.since(1040, most=100)] == [1050]
    assert observed.figures.since(1050, most=100) == []


def test_neighbours_are_joined_where_there_are_more_than_wanted() -> None:
    observed = Observed()
    for span in range(5):
        observed.server.registered()
        observed.figures.late(span / 10)
        observed.taken()
    first, second, third = observed.figures.since(0, most=3)

    assert [sample.at_s for sample in (first, second, third)] == [1020, 1040, 1050]
    assert [sample.span_s for sample in (first, second, third)] == [20, 20, 10]
    assert [sample.requests for sample in (first, second, third)] == [2, 2, 1]
    assert [sample.commands for sample in (first, third)] == [{"REGISTER": 2}, {"REGISTER": 1}]
    assert [sample.players for sample in (first, second, third)] == [2, 4, 5]
    assert [sample.lag_s for sample in (first, second)] == [0.1, 0.3]


def test_joining_one_sample_changes_nothing() -> None:
    sample = Observed().taken()

    assert joined([sample]) == sample


def test_a_store_that_is_down_costs_no_sample() -> None:
    class DownStore(MemoryStore):
        async def count(self, kind: str) -> int:
            raise StoreDown(kind)

    usage, store = Usage(), DownStore(lambda: 0)
    assert finished(store.commit("player:A", Batch(put={"player": 1})))
    sample = finished(Figures(store, usage, unix_s=lambda: 1.0).take())

    assert sample.players == 0
