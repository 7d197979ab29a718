"""All kinds at the same time."""

from stresstest.scenarios import mixed
from tests.stresstest.scenarios.servers import Served
from turnserver.protocol.symbols import Symbol


def test_of_eight_players_two_do_each() -> None:
    world = Served()
    for _ in range(8):
        world.add(mixed.game, rate=None, game_s=10)
    ledger = world.run()

    assert (ledger.whole, ledger.abandoned, ledger.verdict.is_clean) == (8, [], True)
    assert ledger.kinds == {"relay", "rooms", "chat", "inbox"}
    assert ledger.symbols.count(Symbol.REGISTER) == 2
    assert ledger.symbols.count(Symbol.ROOM_LEAVE) == 2
    assert ledger.symbols.count(Symbol.GUEST) == 2 + 2 + 6
