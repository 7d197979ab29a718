import msgspec
import pytest

from turnserver.messages.reply import Malformed
from turnserver.wire.actions.action import Fields, Line
from turnserver.wire.actions.rooms import Create, Event, Join, List, Place, Poll, Ready, Setup, Turn, Watch


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (Join(game_id="R", token="T", username="ann", counter="1"), Line("R", "T", "ann", "1")),
        (Join(game_id="R"), Line("R", "", "*", "*")),
        (Watch(game_id="R", token="T", counter="1"), Line("R", "T", "*", "1")),
        (List(token="T"), Line("{}", "T")),
        (List(token="T", engine="e", has_seat=False), Line('{"engine":"e","has_seat":false}', "T")),
        (Place(key="K", index=0), Line("*", "K", "0", "*")),
        (Place(key="K"), Line("*", "K", "*", "*")),
        (Poll(key="K", index=1, cursor="xYA"), Line("*", "K", "1", "xYA")),
        (Setup(key="K", index=1, patch={"a": None}), Line('{"a":null}', "K", "1", "*")),
        (Ready(key="K", index=1), Line("1", "K", "1", "*")),
        (Ready(key="K", index=1, ready=False), Line("0", "K", "1", "*")),
        (Event(key="K", index=1, event="pause"), Line("pause", "K", "1", "*")),
        (Turn(key="K", index=1, generation=1), Line("1;;;;;", "K", "1", "*")),
        (
            Turn(key="K", index=1, generation=9, commands="a;b", latency_ms=0, framerate=60, checked=8, hash="ff"),
            Line("9;0;60;8;ff;a;b", "K", "1", "*"),
        ),
    ],
)
def test_fields_spell_lines(fields: Fields, line: Line) -> None:
    assert fields.line() == line


def test_a_room_is_spelled_with_all_its_wishes() -> None:
    data, *rest = Create(engine="e", seed="7", players=(2, 4), token="T", username="ann").line()

    assert rest == ["T", "ann", "*"]
    assert msgspec.json.decode(data)["players"] == [2, 4]
    assert not {"token", "username", "counter", "title"} & set(msgspec.json.decode(data))


def test_a_hash_cannot_run_into_the_commands() -> None:
    with pytest.raises(Malformed) as caught:
        Turn(generation=1, checked=0, hash="a;b").line()

    assert caught.value.details == "hash: holds a %3B"
