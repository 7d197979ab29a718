"""Users of chat against the real rules, and against a server that loses, doubles and mixes up lines."""

import pytest

from stresstest.checker import Verdict
from stresstest.scenarios import chat
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
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import Symbol


def talked(world: Served, users: int = 4, *, rate: float = 0.5, game_s: float = 20) -> Ledger:
    for _ in range(users):
        world.add(chat.game, rate=rate, game_s=game_s)
    return world.run()


def test_every_line_comes_to_everyone_once_and_in_order() -> None:
    ledger = talked(Served())

    assert (ledger.whole, ledger.abandoned) == (4, [])
    assert ledger.verdict == Verdict(sent=ledger.verdict.sent, received=ledger.verdict.sent)
    assert 100 <= ledger.verdict.sent <= 4 * 4 * 12
    assert len(ledger.latencies) == ledger.verdict.received


def test_as_many_share_a_channel_as_a_room_has_seats() -> None:
    one, two = (talked(Served(), users).verdict.sent for users in (4, 8))

    assert 1.5 * one < two < 2.5 * one


def test_who_comes_again_goes_on_counting() -> None:
    world = Served()
    player = world.add(chat.game, rate=0.5, game_s=5)
    world.run()
    said = player.sessions["player"].next_number
    world.perform(chat.game(player))
    ledger = world.run()

    assert player.sessions["player"].next_number > said > 0
    assert (ledger.whole, ledger.verdict.is_clean) == (2, True)


def test_who_talks_faster_than_it_may_waits_as_long_as_the_server_says() -> None:
    ledger = talked(Served(), 1, rate=0, game_s=25)

    assert (ledger.whole, ledger.abandoned, ledger.verdict.is_clean) == (1, [], True)
    assert 20 <= ledger.verdict.sent <= 45


def test_replies_that_are_lost_change_nothing() -> None:
    lines: set[bytes] = set()

    def the_first_of_each_fifth(line: bytes) -> bool:
        is_new = line not in lines
        lines.add(line)
        return is_new and len(lines) % 5 == 0

    ledger = talked(Served(loses_reply=the_first_of_each_fifth))

    assert (ledger.whole, ledger.abandoned, ledger.verdict.is_clean) == (4, [], True)


def test_a_line_of_which_the_server_no_longer_knows_is_said_again_only_if_it_was_not_said() -> None:
    lost: list[bytes] = []

    def is_an_early_line(line: bytes) -> bool:
        is_lost = line.startswith(b"40,") and (line in lost or len(lost) < 2) and lost.count(line) < 40
        lost.extend([line] if is_lost else [])
        return is_lost

    limits = Limits(chat_history_lines_max=4, chat_lines_max=4, chat_window_s=1)
    ledger = talked(Served(limits=limits, loses_reply=is_an_early_line), rate=2)

    assert ledger.symbols.count(Symbol.CHAT_SAY) > 80
    assert ledger.verdict.doubled == ledger.verdict.altered == 0


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (without_the_last, "lost"),
        (with_the_last_twice, "doubled"),
        (changed, "altered"),
    ],
)
def test_what_one_reader_gets_wrongly_is_found(spoil: Spoil, found: str) -> None:
    ledger = talked(Served("0/41/", Once(spoil)))

    assert getattr(ledger.verdict, found) > 0
    assert not ledger.verdict.is_clean


def test_lines_that_one_reader_gets_in_another_order_are_found() -> None:
    ledger = talked(Served("0/41/", Once(backwards, at=3, least=2)), users=4, rate=0)

    assert ledger.verdict.reordered > 0
