"""Kick ends the other open sessions of a user, and their polls say so; those that are held say it at once."""

import asyncio
import logging

import pytest

from tests.mail_reader import SERVER_KEY, Reader, mail_server
from tests.text_server import is_quiet
from turnserver.protocol.limits import Limits

KICKED = "30/*/kicked"


def kick(reader: Reader, data: str = "null", number: int | str = "*") -> str:
    return reader.server.say(f"51,kick;{data},{SERVER_KEY},{reader.name},{number}")


def test_a_kicked_user_is_told_so_wherever_the_session_is_used() -> None:
    server = mail_server()
    ann = Reader(server)
    ann.poll()

    assert kick(ann, '{"why":"two windows"}', 1) == "0/51/*"

    assert ann.poll() == f"{KICKED}: two windows"
    for line in (f"41,*,{ann.token},lobby,*", f"29,*,{ann.token},*,*", f"54,*,{ann.token},rooms,*"):
        assert server.say(line) == f"{KICKED}: two windows"
    assert kick(ann, '{"why":"two windows"}', 1) == "0/51/*"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("null", ""),
        ('{"why":""}', ""),
        ('{"why":"50 % off; a|b, \\r\\n/x"}', ": 50 %25 off%3B a%7Cb, %0D%0A/x"),
    ],
    ids=["no data", "no reason", "encoded as items are"],
)
def test_the_reason_is_a_part_of_the_refusal(data: str, told: str) -> None:
    server = mail_server()
    ann = Reader(server)

    kick(ann, data)

    assert ann.poll() == KICKED + told


@pytest.mark.parametrize(("why", "told"), [("ééé😀😀", "ééé😀"), (";;;;;", "%3B%3B%3B%3B")])
def test_a_long_reason_is_cut_before_it_is_encoded(why: str, told: str) -> None:
    server = mail_server(Limits(kick_why_letters_max=4))
    ann = Reader(server)

    kick(ann, f'{{"why":"{why}"}}')

    assert ann.poll() == f"{KICKED}: {told}"


def test_a_second_kick_does_not_change_the_reason() -> None:
    server = mail_server()
    ann = Reader(server)
    kick(ann, '{"why":"first"}')
    kick(ann, '{"why":"second"}')

    assert ann.poll() == f"{KICKED}: first"


def test_a_session_that_was_kicked_is_forgotten_after_a_while() -> None:
    server = mail_server(Limits(kicked_s=60))
    ann = Reader(server)
    kick(ann)

    assert server.later(59).say(ann.line()) == KICKED
    assert server.later(2).say(ann.line()) == "30/*/*"
    assert kick(ann) == "32/*/*"


def test_who_was_kicked_gets_no_messages() -> None:
    server = mail_server()
    ann, bob = Reader(server), Reader(server)
    kick(ann)

    assert bob.send(ann.name, "hello") == "32/*/*"


def test_the_session_that_stays_reads_of_the_kick() -> None:
    server = mail_server()
    ann = Reader(server)

    assert kick(ann, f'{{"keep":"{ann.token}","why":"moved"}}') == "0/51/*"
    assert ann.send(ann.name, "x", action="kick") == "36/*/Expected `object or null`, got `str`"
    assert server.say(f"51,kick;null,{ann.token},{ann.name},*") == "0/51/*"

    ann.poll()
    assert [(mail.action, mail.data) for mail in ann.mails] == [("kick", '{"why":"moved"}'), ("kick", "null")]


def test_nobody_kicks_others_without_a_server_key() -> None:
    server = mail_server()
    ann, bob = Reader(server), Reader(server)

    assert server.say(f"51,kick;null,{bob.token},{ann.name},*") == "31/*/*"
    assert is_quiet(ann.poll())


@pytest.mark.parametrize("line", ["50,*,{},*,*", "41,*,{},lobby,*", "54,*,{},rooms,*"])
def test_a_held_poll_of_a_kicked_session_is_answered_at_once(line: str) -> None:
    server = mail_server()
    ann = Reader(server)

    async def scenario() -> str:
        held = asyncio.ensure_future(server.answer(line.format(ann.token), wait_s=25))
        for _ in range(5):
            await asyncio.sleep(0)
        await server.answer(f'51,kick;{{"why":"enough"}},{SERVER_KEY},{ann.name},*')
        try:
            return await asyncio.wait_for(held, 5)
        finally:
            await server.close()

    assert server.runs(scenario()) == f"{KICKED}: enough"


def test_a_kick_is_told_with_who_did_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server = mail_server()
    ann, bob = Reader(server), Reader(server)
    kick(ann)
    server.say(f"51,kick;null,{bob.token},{bob.name},*")

    told = [(record.getMessage(), vars(record)["fields"]) for record in caplog.records]
    assert told == [("kicked", {"name": ann.name, "by": "world"}), ("kicked", {"name": bob.name, "by": bob.name})]
