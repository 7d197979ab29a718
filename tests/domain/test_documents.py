from typing import Any

import msgspec
import pytest

from turnserver.domain.documents import (
    Forming,
    Match,
    Player,
    Pool,
    RelayDocument,
    Seat,
    Step,
    Waiting,
    game_partition,
    match_partition,
    player_partition,
    pool_partition,
)

PAIR = Forming("m", ("A", "B"), ("ann", "bob"), by_name=True, server=1)


@pytest.mark.parametrize(
    "document",
    [
        Player("ann", "chess", "bob", True, met=("B",), farewell="0/1", user="guest:a"),
        Pool((Waiting("A", "ann", None),), (PAIR,)),
        Match("m", ("A", "B"), ("ann", "bob"), by_name=False, server=0, left=1, users=("", "guest:b")),
        Match("m", ("A", "B"), ("ann", "bob"), by_name=False, server=0, game_keys=("a", "")),
        Seat(Step.LOADING, 5, 3, 2),
    ],
    ids=lambda document: type(document).__name__,
)
def test_a_document_survives_the_journal_and_is_known_by_its_tag(document: Any) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(document), type=RelayDocument) == document


def test_a_document_of_an_older_version_lacks_its_latest_fields() -> None:
    assert msgspec.json.decode(b'["player","ann","",null,false]', type=RelayDocument) == Player("ann", "", None, False)
    assert msgspec.json.decode(b'["seat",2,7]', type=RelayDocument) == Seat(Step.READY, 7)


def test_partitions_are_named_by_kind_and_key() -> None:
    assert [player_partition("K"), match_partition("M"), game_partition("G")] == ["player:K", "match:M", "game:G"]


def test_who_wants_anyone_waits_in_the_line_of_the_title() -> None:
    assert pool_partition("", "ann", None) == pool_partition("", "bob", None)
    assert pool_partition("", "ann", None) != pool_partition("chess", "ann", None)


def test_two_who_name_each_other_wait_in_the_same_line() -> None:
    assert pool_partition("t", "ann", "bob") == pool_partition("t", "bob", "ann")


def test_other_names_wait_in_other_lines() -> None:
    lines = [
        pool_partition(title, name, partner)
        for title, name, partner in [
            ("", "ann", "bob"),
            ("", "ann", "ann"),
            ("", "a", "nnbob"),
            ("ann", "bob", "cleo"),
            ("", "ann", None),
            ("ann", "bob", None),
        ]
    ]

    assert len(set(lines)) == len(lines)
