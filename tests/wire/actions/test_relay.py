import pytest
from msgspec import UNSET

from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.wire.actions.action import Answer, Fields, Line
from turnserver.wire.actions.relay import (
    Loading,
    Pairing,
    PlayQuit,
    PlayRegister,
    PlayUpdate,
    Readiness,
    Registered,
    Registration,
    Updates,
)


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (PlayRegister(name="ann"), Line("ann")),
        (PlayRegister(name="ann", partner="bob", long=True), Line("ann", "bibbybabbis", "bob")),
        (Registration(key="K"), Line(key="K")),
        (PlayUpdate(key="K", player=0, counter=7), Line("", "K", "0", "7")),
        (PlayUpdate(key="K", player=1, counter=7, received=2, data="a"), Line("a", "K", "1", "7.2")),
        (PlayQuit(key="K", player=1, counter=7), Line("*", "K", "1", "7")),
    ],
)
def test_fields_spell_lines(fields: Fields, line: Line) -> None:
    assert fields.line() == line


@pytest.mark.parametrize(
    ("kind", "reply", "answer"),
    [
        (Registered, Reply(answers.REGISTERED, b"K"), Registered("K")),
        (Pairing, Reply(answers.NO_PARTNER_YET), Pairing("waiting", UNSET, UNSET)),
        (Pairing, Reply(answers.PAIRED_AS_SERVER, b"bob/|"), Pairing("paired", "bob/|", "server")),
        (Pairing, Reply(answers.PAIRED_AS_CLIENT, b"bob"), Pairing("paired", "bob", "client")),
        (Pairing, Reply(answers.UNREGISTERED), Pairing("unregistered")),
        (Loading, Reply(answers.LOADING_AS_SERVER, b""), Loading("loading", "server")),
        (Loading, Reply(answers.LOADING_AS_CLIENT, b""), Loading("loading", "client")),
        (Loading, Reply(answers.UNREGISTERED), Loading("unregistered")),
        (Readiness, Reply(answers.PARTNER_LOADS), Readiness("loading")),
        (Readiness, Reply(answers.PLAY, b"K|1"), Readiness("playing", "K", 1)),
        (Readiness, Reply(answers.UNREGISTERED), Readiness("unregistered")),
        (Updates, Reply(answers.NOTHING_NEW), Updates((), repeated=False)),
        (Updates, Reply(answers.UPDATES, b"a|b"), Updates(("a", "b"), repeated=False)),
        (Updates, Reply(answers.UNACKNOWLEDGED, b"a"), Updates(("a",), repeated=True)),
    ],
)
def test_replies_become_answers(kind: type[Answer], reply: Reply, answer: Answer) -> None:
    assert kind.read(reply, Fields()) == answer
