"""Inboxes and their senders against the real rules, and against a server that loses, doubles and changes messages."""

import pytest

from stresstest.checker import Verdict
from stresstest.scenarios import inbox
from tests.stresstest.scenarios.servers import (
    Once,
    Served,
    Spoil,
    backwards,
    changed,
    with_the_last_twice,
    without_the_last,
)
from tests.stresstest.scenarios.world import Ledger
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import Symbol


def written(world: Served, *, rate: float = 4, game_s: float = 10) -> Ledger:
    for _ in range(2):
        world.add(inbox.game, rate=rate, game_s=game_s)
    return world.run()


def test_every_message_comes_once_and_in_order() -> None:
    ledger = written(Served())

    assert (ledger.whole, ledger.abandoned) == (2, [])
    assert ledger.verdict == Verdict(sent=ledger.verdict.sent, received=ledger.verdict.sent)
    assert 60 <= ledger.verdict.sent <= 90
    assert len(ledger.latencies) == ledger.verdict.sent


def test_an_inbox_is_used_again_and_its_senders_go_on_counting() -> None:
    world = Served()
    player = world.add(inbox.game)
    world.run()
    world.perform(inbox.game(player))
    ledger = world.run()

    assert (ledger.whole, ledger.verdict.is_clean) == (2, True)
    assert ledger.symbols.count(Symbol.GUEST) == 3


def test_a_full_inbox_makes_its_senders_wait() -> None:
    ledger = written(Served(limits=Limits(inbox_messages_max=1)), rate=100, game_s=3)

    assert (ledger.whole, ledger.abandoned, ledger.verdict.is_clean) == (2, [], True)
    assert ledger.symbols.count(Symbol.INBOX_SEND) > ledger.verdict.sent


def test_replies_that_are_lost_change_nothing() -> None:
    lines: set[bytes] = set()

    def the_first_of_each_fifth(line: bytes) -> bool:
        is_new = line not in lines
        lines.add(line)
        return is_new and len(lines) % 5 == 0

    ledger = written(Served(loses_reply=the_first_of_each_fifth))

    assert (ledger.whole, ledger.abandoned, ledger.verdict.is_clean) == (2, [], True)


def test_a_session_that_has_ended_ends_the_game_and_the_next_one_opens_others() -> None:
    world = Served(limits=Limits(session_s=1))
    player = world.add(inbox.game, rate=0.1, game_s=30)
    ledger = world.run()

    assert ledger.abandoned == [f"INBOX_SEND was answered with 30/*: {answers.NO_RIGHT.words}"]
    assert player.sessions == {}


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (without_the_last, "lost"),
        (with_the_last_twice, "doubled"),
        (changed, "altered"),
    ],
)
def test_what_a_reader_gets_wrongly_is_found(spoil: Spoil, found: str) -> None:
    ledger = written(Served("0/50/", Once(spoil)))

    assert getattr(ledger.verdict, found) > 0
    assert not ledger.verdict.is_clean


def test_messages_in_another_order_are_found() -> None:
    assert written(Served("0/50/", Once(backwards, at=1, least=4)), rate=100).verdict.reordered > 0


def test_a_message_that_nobody_sent_is_found() -> None:
    def strange(items: list[str]) -> list[str]:
        return [";".join((*items[0].split(";")[:2], "somebody", items[0].split(";", 3)[3])), *items[1:]]

    assert written(Served("0/50/", Once(strange))).verdict.altered == 1
