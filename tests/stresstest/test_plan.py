import pytest

from stresstest.plan import PlanError, plan_of, shares

SERVER = "http://127.0.0.1:8192"


@pytest.mark.parametrize(("players", "processes"), [(30, 1), (30, 4), (7, 3), (5, 5)])
def test_players_are_dealt_out_evenly_and_once(players: int, processes: int) -> None:
    dealt = shares(players, processes)
    counts = [share.players for share in dealt]

    assert [index for share in dealt for index in range(share.first, share.first + share.players)] == [*range(players)]
    assert max(counts) - min(counts) <= 1
    assert [share.is_sampling for share in dealt] == [True] + [False] * (processes - 1)


@pytest.mark.parametrize("name", ["rooms", "chat", "inbox", "mixed"])
def test_a_scenario_that_does_not_exist_yet_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(PlanError, match=f"'{name}' does not exist yet.*there is: relay"):
        plan_of(server=SERVER, scenario=name)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"scenario": "poker"}, "there is no scenario 'poker'; there is: relay"),
        ({"players": 0}, "--players: expected `int` >= 1"),
        ({"game_seconds": 0.0}, "--game-seconds: expected `float` > 0.0"),
        ({"drop": 1.0}, "--drop: expected `float` <= 0.9"),
        ({"server": "localhost"}, "--server: expected `str` matching regex"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_options_name(option: dict[str, object], words: str) -> None:
    with pytest.raises(PlanError) as refused:
        plan_of(**{"server": SERVER, **option})

    assert str(refused.value).startswith(words)
