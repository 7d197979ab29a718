import json
from typing import Any

from tests.text_server import TextServer


def world(server: TextServer) -> Any:
    return json.loads(server.say("70,*,*,*,*").removeprefix("0/70/"))


def test_the_world_tells_who_lives_and_what_was_asked() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.update("hi", 0)
    bob.poll(0)
    server.say("62,*,*,*,*")
    server.registered("eve")

    found = world(server)

    assert found["population"] == {"sessions": 1, "players": 3}
    assert found["players"] == {"total": 3, "states": {"paired": 2, "registered": 1}}
    assert found["matches"] == {"total": 1, "states": {"playing": 1}}
    assert found["rooms"] == {"total": 0, "states": {}}
    assert found["commands"]["GAME_UPDATE"] == 2
    assert found["messages_relayed"] == 1
    assert found["uptime_s"] == 0


def test_it_counts_its_own_uses() -> None:
    server = TextServer()
    world(server)

    assert world(server)["commands"] == {"WORLD_STATS": 1}
