"""What is counted while requests are answered."""

import asyncio

import pytest

from tests.service.test_context import OvertakenStore
from tests.text_server import TextServer, in_no_time
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import Symbol
from turnserver.service.usage import FAMILIES, SAMPLE_EVERY_S, Usage, command_of
from turnserver.store.seam import StoreDown


def test_every_symbol_is_a_command_of_its_name() -> None:
    assert TextServer().answering.usage.answers.keys() >= {symbol.name for symbol in Symbol}


def test_every_symbol_has_a_family() -> None:
    named = {symbol.name: FAMILIES[symbol.value.encode()] for symbol in Symbol}

    assert named["MAP_READY"] == "pairing"
    assert named["GAME_UPDATE"] == named["GAME_QUIT"] == "relay"
    assert named["ROOM_TURN"] == "rooms"
    assert named["CHAT_SAY"] == "chat"
    assert named["BROADCAST"] == "inbox"
    assert named["GUEST"] == "accounts"


def test_a_command_is_named_after_its_type() -> None:
    assert command_of(type("GameUpdate", (), {})) == "GAME_UPDATE"
    assert command_of(type("Guest", (), {})) == "GUEST"


def test_requests_are_counted_by_command_and_answer() -> None:
    server = TextServer()
    usage = server.answering.usage
    key = server.registered()
    server.asks(key)
    server.asks(key)
    server.asks("AAAAAAAAAAAAAAAA")

    assert usage.commands == {"REGISTER": 1, "REQUEST_PAIR": 3}
    assert usage.replies == {answers.REGISTERED: 1, answers.NO_PARTNER_YET: 2, answers.NOT_REGISTERED: 1}


def test_a_message_is_counted_once_however_often_it_is_sent_and_polls_are_not() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.update("a", 0)
    ann.update("a", 0)
    ann.poll(1)
    bob.update("b", 0)
    bob.quit(0)

    assert server.answering.usage.messages == 2


def test_what_the_store_cannot_take_is_counted_as_its_failure() -> None:
    overtaken = OvertakenStore(lambda: 0)
    server = TextServer(Limits(conflicts_max=4), store=overtaken)
    ann, _ = server.game()
    overtaken.overtaken = 9
    with pytest.raises(StoreDown):
        ann.update("a", 0)

    assert server.answering.usage.answers["GAME_UPDATE"][answers.STORE_DOWN.prefix] == 1


def test_who_waits_is_counted_while_waiting() -> None:
    async def scenario(server: TextServer) -> list[int]:
        usage = server.answering.usage
        key = server.registered()
        polls = [asyncio.ensure_future(server.answer(f"2,*,{key},*,*", wait_s=wait_s)) for wait_s in (3, 9, 20)]
        seen = []
        await asyncio.sleep(1)
        seen.append(usage.held)
        await asyncio.sleep(4)
        seen.append(usage.held)
        polls[2].cancel()
        await asyncio.wait(polls)
        return [*seen, usage.held, usage.holds, usage.commands["REQUEST_PAIR"]]

    assert in_no_time(scenario) == [3, 2, 0, 3, 2]


def test_a_sample_of_the_times_is_kept_by_family() -> None:
    usage = Usage()
    usage.timed("relay", started_s=5.0, took_s=0.002)

    assert usage.sample_due_s == 5.0 + SAMPLE_EVERY_S
    assert dict(usage.took["relay"].cumulative)["+Inf"] == 1


def test_refused_forms_are_replies_of_no_command() -> None:
    usage = Usage()
    usage.refused(answers.BAD_SYMBOL)

    assert usage.commands == {}
    assert usage.replies == {answers.BAD_SYMBOL: 1}
