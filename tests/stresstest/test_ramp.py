import msgspec
import pytest

from stresstest.ramp import STAGES_MAX, Stage, Target, held_players, next_players

TARGET = Target(p99_ms=100, errors=0.01)


def stage(players: int, *, is_held: bool = True) -> Stage:
    return Stage(
        players=players,
        requests_per_s=1,
        messages_per_s=1,
        slowest="requests",
        median_ms=1,
        p95_ms=1,
        p99_ms=50 if is_held else 200,
        errors=0,
        is_clean=True,
        client_cpu=0.1,
    )


def climbed(limit: int, *, first: int = 10, most: int = 100_000) -> list[Stage]:
    """The whole ramp against a server that holds up to `limit` players."""
    stages: list[Stage] = []
    while (players := next_players(stages, TARGET, first=first, most=most)) is not None:
        stages.append(stage(players, is_held=players <= limit))
    return stages


def test_the_load_doubles_while_it_is_held_then_the_gap_is_halved() -> None:
    assert [one.players for one in climbed(47)] == [10, 20, 40, 80, 60, 50, 44, 46]


@pytest.mark.parametrize("limit", [2, 3, 9, 10, 11, 100, 1000, 5_555, 80_000])
def test_the_answer_is_within_a_tenth_or_one_game_and_comes_soon(limit: int) -> None:
    stages = climbed(limit)
    held = held_players(stages, TARGET)

    assert held <= limit <= held + max(2, 0.1 * held)
    assert len(stages) <= STAGES_MAX


def test_no_load_is_tried_twice() -> None:
    for limit in range(1, 300):
        tried = [one.players for one in climbed(limit)]
        assert len(set(tried)) == len(tried)


def test_a_ramp_ends_at_the_most_players_it_may_try() -> None:
    assert [one.players for one in climbed(10**6, most=50)] == [10, 20, 40, 50]


def test_a_server_that_holds_nothing_holds_zero_players() -> None:
    assert held_players(climbed(0), TARGET) == 0


def test_a_load_held_above_one_that_was_not_does_not_count() -> None:
    stages = [stage(10), stage(20, is_held=False), stage(30)]

    assert held_players(stages, TARGET) == 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, []),
        ({"p99_ms": 100.0}, []),
        ({"p99_ms": 100.1}, ["p99 100.1 ms"]),
        ({"errors": 0.01}, []),
        ({"errors": 0.02}, ["errors 2.00%"]),
        ({"is_clean": False}, ["deliveries"]),
    ],
)
def test_what_was_missed_is_named(change: dict[str, object], words: list[str]) -> None:
    assert msgspec.structs.replace(stage(10), **change).misses(TARGET) == words
