from itertools import pairwise

import pytest

from stresstest.network import COPY_S_MAX, Fate, Network

POSTS = 20_000


def network(*, drop: float = 0, duplicate: float = 0, delay_ms: float = 0, seed: str = "s") -> Network:
    return Network(drop=drop, duplicate=duplicate, delay_ms=delay_ms, seed=seed)


def fates(bad: Network, count: int = POSTS) -> list[Fate]:
    return [bad.fate() for _ in range(count)]


def test_the_same_seed_gives_the_same_fates() -> None:
    assert fates(network(drop=0.1, duplicate=0.1, delay_ms=50)) == fates(network(drop=0.1, duplicate=0.1, delay_ms=50))
    assert fates(network(drop=0.1)) != fates(network(drop=0.1, seed="other"))


def test_nothing_happens_unless_it_is_asked_for() -> None:
    assert network().is_good
    assert set(fates(network(), 100)) == {Fate()}


def test_requests_and_replies_are_lost_as_often_as_asked() -> None:
    seen = fates(network(drop=0.1))
    arrived = [fate for fate in seen if not fate.loses_request]

    assert 1 - len(arrived) / POSTS == pytest.approx(0.1, abs=0.01)
    assert sum(fate.loses_reply for fate in arrived) / len(arrived) == pytest.approx(0.1, abs=0.01)


def test_a_request_that_is_lost_has_no_reply_to_lose() -> None:
    assert not any(fate.loses_request and fate.loses_reply for fate in fates(network(drop=0.5)))


def test_copies_are_as_frequent_as_asked_and_come_later() -> None:
    copies = [fate.copy_after_s for fate in fates(network(duplicate=0.2)) if fate.copy_after_s is not None]

    assert len(copies) / POSTS == pytest.approx(0.2, abs=0.01)
    assert 0 <= min(copies) < max(copies) < COPY_S_MAX


def test_delays_are_spread_up_to_the_longest() -> None:
    delays = sorted(fate.delay_s for fate in fates(network(delay_ms=200)))

    assert 0 <= delays[0] < delays[-1] < 0.2
    assert max(after - before for before, after in pairwise(delays)) < 0.01


def test_one_option_does_not_move_another_ones_chance() -> None:
    alone = [fate.loses_request for fate in fates(network(drop=0.1), 1000)]
    together = [fate.loses_request for fate in fates(network(drop=0.1, duplicate=0.5, delay_ms=9), 1000)]

    assert alone == together
