"""How players find rooms: nobody tells them who belongs together."""

from stresstest.scenarios import lobby
from stresstest.scenarios.asking import session
from stresstest.scenarios.lobby import Place
from stresstest.scenarios.player import Player
from stresstest.steps import Steps
from tests.stresstest.scenarios.servers import Served

places: list[Place | None] = []


def entering(player: Player) -> Steps[None]:
    places.append((yield from lobby.enter(player, (yield from session(player)).token)))


def entered(players: int, *, over_s: float = 60.0, server: Served | None = None) -> list[Place | None]:
    places.clear()
    world = server or Served(over_s=over_s)
    for _ in range(players):
        world.add(entering)
    assert world.run().abandoned == []
    return list(places)


def test_as_many_as_fit_share_a_room() -> None:
    found = entered(8)

    assert [place.members for place in found if place is not None] == [(0, 1, 2, 3)] * 8
    assert sorted(place.seat for place in found if place is not None) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_too_few_begin_after_a_while() -> None:
    found = entered(2)

    assert [place.members for place in found if place is not None] == [(0, 1)] * 2


def test_two_who_made_rooms_of_their_own_come_together() -> None:
    world = Served()
    hide = [True, True]

    def see_no_rooms(line: bytes) -> bytes:
        reply = world._reply(line)
        return b"0/29/*" if line.startswith(b"29,") and hide and hide.pop() else reply

    world._answer = see_no_rooms

    assert [place.members for place in entered(2, server=world) if place is not None] == [(0, 1)] * 2


def test_nobody_plays_alone() -> None:
    assert entered(1, over_s=10) == [None]
