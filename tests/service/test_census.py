"""Who lives, by state."""

import pytest

from tests.room_server import members, playing
from tests.text_server import TextServer, in_no_time
from turnserver.domain.documents import Phase
from turnserver.service import census as module
from turnserver.service.census import FRESH_S, STATES, Censuses, census


def states(server: TextServer, kind: str) -> dict[str, int]:
    """How many of a kind are in which state."""
    return dict(server.done(census(server.store)).states[kind])


def test_players_are_counted_by_how_far_they_are() -> None:
    server = TextServer()
    server.pair()
    server.registered()
    server.asks(server.registered())

    assert states(server, "player") == {"registered": 1, "waiting": 1, "paired": 2}


def test_matches_are_counted_by_how_far_they_are() -> None:
    server = TextServer()
    server.loading()
    server.game()
    ann, _ = server.game()
    ann.quit(0)

    assert states(server, "match") == {"loading": 1, "playing": 1, "ended": 1}


def test_nothing_lives_in_a_new_server() -> None:
    server = TextServer()
    new = server.done(census(server.store))

    assert set(new.living.values()) == {0}
    assert all(not found for found in new.states.values())


def test_every_phase_of_a_player_is_a_state() -> None:
    assert set(module._PHASES) == set(Phase)
    assert set(module._PHASES.values()) == set(STATES["player"])


def test_where_too_many_live_they_are_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ_MOST", 2)
    monkeypatch.setattr(module, "READ_MOST_AFAR", 2)
    server = TextServer()
    for _ in range(3):
        server.registered()
    found = server.done(census(server.store))

    assert found.living["player"] == 3
    assert found.states == {}


def test_others_get_their_turn_while_many_are_read() -> None:
    async def scenario(server: TextServer) -> int:
        for _ in range(250):
            await server.answer("0,ann,*,*,*")
        return (await census(server.store)).states["player"]["registered"]

    assert in_no_time(scenario) == 250


def test_a_census_is_taken_again_when_it_is_not_fresh_any_more() -> None:
    server, now_s = TextServer(), 0.0
    censuses = Censuses(server.store, lambda: now_s)
    assert server.done(censuses.latest()).living["player"] == 0
    server.registered()
    now_s += FRESH_S

    assert server.done(censuses.latest()).living["player"] == 0
    now_s += 1
    assert server.done(censuses.latest()).living["player"] == 1


def test_rooms_are_counted_by_how_far_they_are() -> None:
    server = TextServer()
    members(server, 2)
    playing(server, 2)
    paused, _ = playing(server, 2)
    assert paused.event("pause").startswith("0/26/")
    for member in members(server, 2):
        member.leave()

    assert states(server, "room") == {"setup": 1, "running": 1, "paused": 1, "ended": 1}
