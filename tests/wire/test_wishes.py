from typing import Any

import pytest

from turnserver.messages.reply import Malformed
from turnserver.messages.rooms import OnSilence, Readers, Wishes
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.wire.wishes import parse_wishes, wishes_object

LIMITS = Limits()
LEAST: dict[str, Any] = {"engine": "e", "seed": "s", "players": [2, 4]}


def test_engine_seed_and_players_are_enough() -> None:
    assert parse_wishes(LEAST, LIMITS) == Wishes(
        engine="e",
        seed="s",
        least=2,
        most=4,
        name="",
        config={},
        states={},
        viewers=None,
        turn_ms=200,
        lookahead=2,
        silence_s=30,
        on_silence=OnSilence.WAIT,
        archive=Readers.MEMBERS,
    )


@pytest.mark.parametrize(("given", "late"), [(False, None), (True, 0), (0, 0), (7, 7)])
def test_viewers_are_none_in_time_or_some_turns_late(given: object, late: int | None) -> None:
    assert parse_wishes(LEAST | {"viewers": given}, LIMITS).viewers == late


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"name": "Fun; and | games", "config": {"map": {"size": 3}}, "states": {"setup": {}}, "viewers": True},
        {"viewers": 25, "turn_ms": 1, "lookahead": 8, "silence_s": 1, "on_silence": "drop", "archive": "all"},
    ],
)
def test_wishes_come_back_as_they_were_written(more: dict[str, Any]) -> None:
    wishes = parse_wishes(LEAST | more, LIMITS)

    assert parse_wishes(wishes_object(wishes), LIMITS) == wishes


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"engine": 1}, "engine"),
        ({"engine": "é" * 513}, "engine"),
        ({"seed": None}, "seed"),
        ({"seed": "s" * 1025}, "seed"),
        ({"players": [2]}, "players"),
        ({"players": [0, 2]}, "players"),
        ({"players": [3, 2]}, "players"),
        ({"players": [2, 17]}, "players"),
        ({"players": [2, 2.5]}, "players"),
        ({"name": "n" * 65}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"config": []}, "config"),
        ({"states": "x"}, "states"),
        ({"viewers": "yes"}, "viewers"),
        ({"viewers": -1}, "viewers"),
        ({"turn_ms": 0}, "turn_ms"),
        ({"turn_ms": 10_001}, "turn_ms"),
        ({"lookahead": 0}, "lookahead"),
        ({"lookahead": 9}, "lookahead"),
        ({"silence_s": 0}, "silence_s"),
        ({"silence_s": 3601}, "silence_s"),
        ({"on_silence": "ignore"}, "on_silence"),
        ({"archive": "nobody"}, "archive"),
        ({"speed": 9}, "speed"),
    ],
)
def test_a_wrong_wish_is_bad_data_that_names_the_place(wrong: dict[str, Any], place: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_wishes(LEAST | wrong, LIMITS)

    assert caught.value.answer is answers.BAD_DATA
    assert place in caught.value.details


@pytest.mark.parametrize("missing", sorted(LEAST))
def test_what_must_be_there_is_named_where_it_is_missing(missing: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_wishes({name: value for name, value in LEAST.items() if name != missing}, LIMITS)

    assert missing in caught.value.details
