"""Players of rooms against the real rules, and against a server that does not treat all alike."""

import pytest

from stresstest.checker import Verdict
from stresstest.scenarios import rooms
from tests.stresstest.scenarios.servers import (
    Fault,
    Once,
    Served,
    Spoil,
    changed,
    played,
    with_the_last_twice,
    without_the_last,
)
from tests.stresstest.scenarios.world import Ledger
from turnserver.protocol.symbols import Symbol


def spoiled(fault: Fault) -> Ledger:
    return played(rooms.game, 4, "0/26/", fault)


def test_all_play_to_the_end_and_every_command_comes_back_to_everyone_once() -> None:
    ledger = played(rooms.game, 8)

    assert (ledger.whole, ledger.abandoned) == (8, [])
    assert ledger.verdict == Verdict(sent=ledger.verdict.sent, received=ledger.verdict.sent)
    assert ledger.verdict.sent == 4 * len(ledger.turns)
    assert len(ledger.latencies) == 3 * len(ledger.turns)
    assert len(ledger.turns) > 8 * 15
    assert ledger.symbols.count(Symbol.ROOM_CREATE) < 8


def test_a_turn_takes_as_long_as_the_slowest_of_the_room() -> None:
    assert 0 <= max(played(rooms.game, 4).turns) < 0.5


def test_a_room_that_does_not_fill_up_begins_with_those_who_are_there() -> None:
    ledger = played(rooms.game, 3)

    assert (ledger.whole, ledger.abandoned, ledger.verdict.is_clean) == (3, [], True)


def test_who_finds_nobody_leaves_when_it_is_all_over() -> None:
    ledger = played(rooms.game, 1, over_s=8)

    assert ledger.symbols[-1] is Symbol.ROOM_LEAVE
    assert (ledger.whole, ledger.abandoned, ledger.verdict) == (0, [], Verdict())


def test_replies_that_are_lost_change_nothing() -> None:
    lines: set[bytes] = set()

    def the_first_of_each_tenth(line: bytes) -> bool:
        is_new = line not in lines
        lines.add(line)
        return is_new and len(lines) % 10 == 0

    world = Served(loses_reply=the_first_of_each_tenth)
    for _ in range(4):
        world.add(rooms.game)
    ledger = world.run()

    assert (ledger.whole, ledger.abandoned, ledger.verdict.is_clean) == (4, [], True)


def test_who_is_gone_in_the_middle_is_dropped_and_the_others_play_on() -> None:
    gone: list[bytes] = []

    def is_gone(line: bytes) -> bool:
        key = line.split(b",")[-3]
        if line.startswith(b"25,9;") and not gone:
            gone.append(key)
        return key in gone

    world = Served(loses_reply=is_gone)
    for _ in range(4):
        world.add(rooms.game, game_s=40)
    ledger = world.run()

    assert ledger.abandoned == ["no answer to ROOM_TURN for 30 s"]
    assert ledger.whole == 3


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (without_the_last, "lost"),
        (with_the_last_twice, "doubled"),
        (changed, "altered"),
    ],
)
def test_packets_that_are_lost_doubled_or_changed_are_found(spoil: Spoil, found: str) -> None:
    ledger = spoiled(Once(spoil, at=12))

    assert getattr(ledger.verdict, found) > 0
    assert not ledger.verdict.is_clean


def test_a_packet_that_one_player_gets_differently_makes_the_games_differ() -> None:
    ledger = spoiled(lambda body: body.replace("%3Bhere%3B", "%3Bthere%3B", 1))

    assert ledger.verdict.diverged > 0
    assert not ledger.verdict.is_clean
