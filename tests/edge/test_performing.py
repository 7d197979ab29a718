import asyncio

import pytest

from tests.json_server import TOKENS, JsonServer
from tests.text_server import TextServer, finished, in_no_time
from turnserver.edge.performing import Performing
from turnserver.messages.reply import Malformed, Refused
from turnserver.protocol import answers
from turnserver.wire.actions.messages import ChatLines
from turnserver.wire.actions.table import BY_METHOD


def test_fields_in_an_object_out() -> None:
    assert JsonServer().perform(BY_METHOD["play.register"], {"name": "ann"}) == {"key": "0" * 16}


def test_an_error_is_raised_with_its_answer() -> None:
    server = JsonServer()

    with pytest.raises(Refused) as refused:
        finished(server.performing.perform(BY_METHOD["play.pair"], {"key": "KEY"}))
    assert refused.value.answer is answers.NOT_REGISTERED
    with pytest.raises(Malformed):
        finished(server.performing.perform(BY_METHOD["play.pair"], {"key": 7}))


def test_who_joins_without_a_token_gets_a_guests() -> None:
    server = JsonServer()
    token = server.perform(BY_METHOD["guest"], {})["token"]
    made = server.perform(BY_METHOD["create"], {"token": token, "engine": "e", "seed": "s", "players": [1, 3]})

    joined = server.perform(BY_METHOD["join"], {"game_id": made["room"]})
    again = server.perform(BY_METHOD["join"], {"game_id": made["room"], "token": joined["token"]})

    assert (joined["token"], joined["expires_in"]) == (TOKENS[1], 604_800)
    assert joined["header"]["members"][1] == joined["username"]
    assert (joined["index"], again["index"]) == (1, 1)
    assert "token" not in again


def test_a_token_that_is_there_and_wrong_is_no_guests() -> None:
    assert JsonServer().perform(BY_METHOD["join"], {"game_id": "R", "token": ""})["name"] == "NO_RIGHT"


@pytest.mark.parametrize(
    ("field_s", "argument_s", "waits", "held_s"),
    [(0, 0, True, 0), (7, 0, True, 7), (7, 9, True, 9), (90, 0, True, 25), (7, 9, False, 0)],
)
def test_a_wait_is_a_field_or_an_argument(field_s: int, argument_s: int, held_s: int, *, waits: bool) -> None:
    async def held(server: TextServer) -> float:
        performing = Performing(server.answering, server.limits)
        token = (await server.answer("62,*,*,*,*")).removeprefix("0/62/").partition("|")[0]
        fields = {"token": token, "wait": field_s}
        started_s = asyncio.get_running_loop().time()
        answer = await performing.perform(BY_METHOD["chat.poll"], fields, wait_s=argument_s, waits=waits)
        assert isinstance(answer, ChatLines)
        assert (answer.lines, answer.lost) == ((), False)
        return asyncio.get_running_loop().time() - started_s

    assert in_no_time(held) == pytest.approx(held_s, abs=0.1)
