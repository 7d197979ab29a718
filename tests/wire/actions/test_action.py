import pytest

from turnserver.messages.relay import GameUpdate, Register, Unregister
from turnserver.messages.reply import Malformed, Reply
from turnserver.messages.requests import Request
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.wire.actions.action import BadFields, Done, Fields, Line
from turnserver.wire.actions.table import BY_METHOD

LIMITS = Limits()


def asked(method: str, **given: object) -> tuple[Request, str]:
    action = BY_METHOD[method]
    return action.request(action.fields_of(given), LIMITS)


def test_fields_make_the_request_that_a_line_would() -> None:
    assert asked("play.register", name="ann, really", long=True, title="chess") == (
        Register("ann, really", None, long_timeout=True),
        "chess",
    )
    assert asked("play.unregister", key="KEY") == (Unregister("KEY"), "")
    assert asked("play.update", key="KEY", player=1, counter=7, received=3, data="a,b") == (
        GameUpdate("KEY", 1, 7, 3, b"a,b"),
        "",
    )


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("play.register", {}),
        ("play.register", {"name": 7}),
        ("play.register", {"name": "ann", "nmae": "bob"}),
        ("play.update", {"key": "KEY", "player": "0", "counter": 0}),
    ],
)
def test_fields_that_are_not_those_of_the_action_are_told(method: str, given: dict[str, object]) -> None:
    with pytest.raises(BadFields) as caught:
        asked(method, **given)

    assert caught.value.answer is answers.BAD_DATA
    assert caught.value.details != "*"


@pytest.mark.parametrize(
    ("method", "given", "code"),
    [
        ("play.register", {"name": "*"}, "6/*"),
        ("play.register", {"name": "a\nb"}, "4/5"),
        ("play.register", {"name": "ann", "partner": "a\rb"}, "4/5"),
        ("play.register", {"name": "ann", "title": "no title"}, "36/*"),
        ("play.register", {"name": "ann", "title": "batch"}, "36/*"),
        ("play.register", {"name": "ann", "title": "chess/batch"}, "36/*"),
        ("play.update", {"player": 2, "counter": 0}, "4/1"),
        ("play.update", {"player": 0, "counter": -1}, "4/2"),
        ("play.update", {"player": 0, "counter": 0, "data": "x" * 16_384}, "20/*"),
        ("play.update", {"player": 0, "counter": 0, "data": "\ud800"}, "2/*"),
        ("rooms.poll", {"cursor": "?"}, "39/*"),
    ],
)
def test_the_form_is_that_of_lines(method: str, given: dict[str, object], code: str) -> None:
    with pytest.raises(Malformed) as caught:
        asked(method, **given)

    assert caught.value.answer.code == code


@pytest.mark.parametrize(
    ("method", "given", "details"),
    [
        ("create", {"engine": "e", "seed": "s", "players": [1, 2], "username": "a|b"}, "username: not a name"),
        ("rooms.poll", {"index": -1}, "index: not a seat index or *"),
        ("rooms.event", {"event": "a;b"}, "event: not the name of an event"),
        ("chat.say", {"channel": "a;b", "text": "hi"}, "channel: not a channel"),
        ("chat.say", {"text": ""}, "text: empty"),
        ("inbox.send", {"to": "room", "action": "hi"}, "to: not a name"),
    ],
)
def test_the_place_is_called_as_json_calls_it(method: str, given: dict[str, object], details: str) -> None:
    with pytest.raises(Malformed) as caught:
        asked(method, **given)

    assert caught.value.details == details


def test_a_method_is_the_path_with_dots() -> None:
    assert BY_METHOD["play.register"].path == "/play/register"


def test_an_action_without_fields_spells_a_line_of_nothing() -> None:
    assert Fields().line() == Line("*", "*", "*", "*")
    assert Done.read(Reply(answers.QUIT), Fields()) == Done(done=True)
