"""A record, run again."""

import json
from typing import Any

import pytest

from tests.client.room_game import START, digest, step
from turnserver.client.replaying import BadRecord, read_record, replay


def lines(*events: dict[str, Any]) -> list[str]:
    """A record of two players and these events."""
    begun: list[dict[str, Any]] = [
        {"kind": "created", "engine": "toy 1", "seed": "7"},
        {"kind": "configured", "config": {"map": "hills"}},
        {"kind": "joined", "seat": 0, "name": "ann"},
        {"kind": "joined", "seat": 1, "name": "bob"},
        {"kind": "joined", "seat": 2, "name": "cleo"},
        {"kind": "left", "seat": 0, "why": "left"},
        {"kind": "readied", "seat": 1, "is_ready": True},
        {"kind": "moved", "state": "running"},
    ]
    return [json.dumps(event) for event in (*begun, *events)]


def packet(generation: int, iterations: int | None = None) -> dict[str, Any]:
    return {"kind": "packet", "generation": generation, "iterations": iterations, "commands": [None, "a", "b"]}


def report(seat: int, checked: int | None, told: str = "") -> dict[str, Any]:
    return {"kind": "reported", "seat": seat, "checked": checked, "hash": told}


STATES = [digest(((None, "a", "b"),) * count) for count in range(4)]


def test_a_record_tells_what_the_game_began_from() -> None:
    setup = read_record(["", *lines({"kind": "left", "seat": 1, "why": "silent"})]).setup

    assert (setup.engine, setup.seed, setup.config) == ("toy 1", "7", {"map": "hills"})
    assert setup.members == (None, "bob", "cleo")


def test_packets_have_the_iterations_of_those_before() -> None:
    turns = read_record(lines(packet(1, 2), packet(2), packet(3, 1))).turns

    assert [turn.commands.iterations for turn in turns] == [2, 2, 1]


def test_every_reported_hash_is_compared() -> None:
    told = [report(1, 0, STATES[0]), report(1, 2, STATES[2]), report(2, 2, STATES[2]), report(2, None)]
    record = read_record(lines(packet(1), packet(2), *told, packet(3)))

    assert replay(record, START, step, digest) == (3, 3, None)


@pytest.mark.parametrize("generation", [0, 1, 3])
def test_the_first_difference_is_found_with_all_reports_of_it(generation: int) -> None:
    told = [report(1, generation, STATES[generation]), report(2, generation, "other"), report(2, 3, "later")]
    record = read_record(lines(packet(1), packet(2), packet(3), *told[: 2 + (generation < 3)]))
    replayed = replay(record, START, step, digest)

    assert replayed.difference == (generation, STATES[generation], {1: STATES[generation], 2: "other"})
    assert replayed.generations == generation


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ([], "empty"),
        (["\n"], "empty"),
        (["{"], "line 1"),
        (["[]"], "line 1"),
        (["{}"], "line 1"),
        (['{"kind": "joined", "seat": 0, "name": "ann"}'], "line 1: a record begins"),
        (lines(packet(2)), "line 9: packet 1 is missing"),
        (lines({"kind": "packet", "generation": 1}), "line 9"),
    ],
)
def test_what_is_no_record_is_refused_with_its_line(record: list[str], words: str) -> None:
    with pytest.raises(BadRecord, match=words):
        read_record(record)
