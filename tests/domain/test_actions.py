import pytest

from turnserver.domain.actions import SERVER_ACTIONS, Kick, check, kick_of, kick_text
from turnserver.messages.reply import Refused
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer

DATA = {"debug": '{"message":"here"}', "kick": "null"}
NODE = '{"id":"n1","type":"ContactPerp","path":"a.b","result":{"gold":3}}'


@pytest.mark.parametrize("action", sorted(SERVER_ACTIONS))
def test_the_servers_actions_are_the_servers(action: str) -> None:
    check(action, DATA.get(action, "{}"), is_server=True)

    with pytest.raises(Refused) as caught:
        check(action, DATA.get(action, "{}"), is_server=False)
    assert caught.value.answer is answers.NOT_ALLOWED


@pytest.mark.parametrize(
    ("action", "data"), [("note", "[1]"), ("node_ready", NODE), ("node_ready", NODE.replace('{"gold":3}', "null"))]
)
def test_anybody_may_send_what_a_game_invents(action: str, data: str) -> None:
    check(action, data, is_server=False)


def test_users_may_kick_their_own_other_sessions_and_nothing_else_of_the_servers() -> None:
    check("kick", "null", is_server=False, is_to_oneself=True)

    with pytest.raises(Refused) as caught:
        check("debug", DATA["debug"], is_server=False, is_to_oneself=True)
    assert caught.value.answer is answers.NOT_ALLOWED


@pytest.mark.parametrize(
    ("action", "data", "answer"),
    [
        pytest.param("debug", "null", answers.BAD_DATA, id="no object"),
        pytest.param("debug", '{"message":3}', answers.BAD_DATA, id="a message that is no text"),
        pytest.param("kick", '"now"', answers.BAD_DATA, id="neither null nor an object"),
        pytest.param("kick", '{"why":null}', answers.BAD_DATA, id="a reason that is no text"),
        pytest.param("node_ready", '{"id":"n1","type":"t","path":"p"}', answers.BAD_DATA, id="no result"),
    ],
)
def test_what_a_known_action_needs_must_be_there(action: str, data: str, answer: Answer) -> None:
    with pytest.raises(Refused) as caught:
        check(action, data, is_server=True)

    assert caught.value.answer is answer
    assert not set(caught.value.details) & set("|;\r\n")


def test_a_kick_is_told_without_the_secret() -> None:
    kick = kick_of('{"why":"two windows","keep":"TOKEN"}')

    assert kick == Kick("two windows", "TOKEN")
    assert kick_text(kick) == '{"why":"two windows"}'
    assert kick_text(kick_of("null")) == "null"
