"""Relay players against a tiny relay, without a network and with a clock that only pauses move."""

import pytest

from stresstest.checker import Verdict
from stresstest.scenarios import relay
from tests.stresstest.bad_relay import BadRelay, Fault, doubling, honest, losing
from tests.stresstest.scenarios.world import RUN_S, Ledger, World
from turnserver.protocol.symbols import Symbol


def played(fault: Fault = honest, *, players: int = 2, is_exact: bool = True, over_s: float = RUN_S) -> Ledger:
    world = World(BadRelay(fault).answer, over_s=over_s)
    for _ in range(players):
        world.add(relay.game, is_exact=is_exact)
    return world.run()


@pytest.mark.parametrize("is_exact", [True, False])
def test_two_players_exchange_everything_and_quit(is_exact: bool) -> None:  # noqa: FBT001  # a table's column
    ledger = played(is_exact=is_exact)

    assert ledger.abandoned == []
    assert ledger.whole == 2
    assert ledger.verdict == Verdict(sent=ledger.verdict.sent, received=ledger.verdict.sent)
    assert 30 <= ledger.verdict.sent <= 50
    assert ledger.symbols.count(Symbol.GAME_QUIT) == 2


def test_a_message_takes_from_when_it_was_due_to_when_its_reader_asks_next() -> None:
    latencies = [latency_s for latency_s in played().latencies if latency_s is not None]

    assert 0 <= min(latencies) < max(latencies) < 0.3


def test_who_finds_no_partner_unregisters_when_it_is_all_over() -> None:
    ledger = played(players=1, over_s=5)

    assert ledger.symbols[-1] is Symbol.UNREGISTER
    assert (ledger.whole, ledger.abandoned, ledger.verdict) == (0, [], Verdict())


def test_when_it_is_all_over_games_come_to_an_end_without_a_loss() -> None:
    ledger = played(over_s=1.5)

    assert (ledger.whole, ledger.verdict.lost, ledger.abandoned) == (2, 0, [])


def test_a_last_message_whose_reply_was_lost_has_arrived_if_the_partner_left_after_it() -> None:
    last_messages: list[bytes] = []

    def is_the_second_players_last(line: bytes) -> bool:
        if line.startswith(b"6,e"):
            last_messages.append(line)
        return line.startswith(b"6,e") and len(last_messages) == 2

    world = World(BadRelay(honest).answer, loses_reply=is_the_second_players_last)
    world.add(relay.game)
    world.add(relay.game)
    world.run()

    assert last_messages[1] == last_messages[2]
    assert (world.ledger.whole, world.ledger.abandoned) == (2, [])
    assert world.ledger.verdict.is_clean


def test_lost_messages_are_found() -> None:
    assert played(losing, is_exact=False).verdict.lost > 0


def test_doubled_messages_are_found() -> None:
    assert played(doubling, is_exact=False).verdict.doubled > 0


def test_a_lost_end_of_a_stream_is_a_loss_and_ends_the_game() -> None:
    ledger = played(lambda before, updates: updates if before < 10 else [])

    assert ledger.abandoned
    assert ledger.whole == 0
    assert ledger.verdict.lost > 0


def test_the_messages_of_another_run_s_players_are_checked_and_not_counted_as_this_run_s() -> None:
    here, elsewhere = World(BadRelay(honest).answer), Ledger()
    here.add(relay.game)
    stranger = here.add(relay.game, run="another")
    object.__setattr__(stranger, "ledger", elsewhere)
    found = here.run().verdict

    assert found.received > 10
    assert found.is_clean
    assert elsewhere.verdict.is_clean
