import pytest

from stresstest import scenarios
from stresstest.plan import PlanError, plan_of, shares

SERVER = "http://127.0.0.1:8192"


@pytest.mark.parametrize(("players", "processes"), [(30, 1), (30, 4), (7, 3), (5, 5)])
def test_players_are_dealt_out_evenly_and_once(players: int, processes: int) -> None:
    dealt = shares(players, processes)
    counts = [share.players for share in dealt]

    assert [index for share in dealt for index in range(share.first, share.first + share.players)] == [*range(players)]
    assert max(counts) - min(counts) <= 1
    assert [share.is_sampling for share in dealt] == [True] + [False] * (processes - 1)


def test_the_players_of_a_run_have_names_of_their_own() -> None:
    first, second = shares(4, 2), shares(4, 2)

    assert len({share.run for share in first}) == 1
    assert first[0].run != second[0].run


@pytest.mark.parametrize("name", scenarios.TABLE)
def test_every_scenario_has_a_longest_message(name: str) -> None:
    most = scenarios.TABLE[name].size_max

    assert plan_of(server=SERVER, scenario=name, size=most).size == most
    if most < 16_000:
        with pytest.raises(PlanError, match=f"--size: a message has at most {most} bytes in the scenario '{name}'"):
            plan_of(server=SERVER, scenario=name, size=most + 1)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"scenario": "poker"}, "there is no scenario 'poker'; there are: relay, rooms, chat, inbox, mixed"),
        ({"players": 0}, "--players: expected `int` >= 1"),
        ({"game_seconds": 0.0}, "--game-seconds: expected `float` > 0.0"),
        ({"seats": 17}, "--seats: expected `int` <= 16"),
        ({"rate": -1.0}, "--rate: expected `float` >= 0.0"),
        ({"server_key": "two words"}, "--server-key: the file holds more than one key"),
        ({"server": "http://127.0.0.1:99999"}, "--server: Port out of range 0-65535"),
        ({"drop": 1.0}, "--drop: expected `float` <= 0.9"),
        ({"server": "localhost"}, "--server: not the URL of a server, for example"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_options_name(option: dict[str, object], words: str) -> None:
    with pytest.raises(PlanError) as refused:
        plan_of(**{"server": SERVER, **option})

    assert str(refused.value).startswith(words)
