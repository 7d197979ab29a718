"""Reading the record, as docs/rooms.md has it."""

import json
from typing import Any

import pytest

from tests.mail_reader import SERVER_KEY, mail_server
from tests.room_server import Guest, Member, complete, members, playing
from tests.text_server import TextServer
from turnserver.messages.reply import Refused
from turnserver.messages.rooms import Archive
from turnserver.protocol.limits import Limits


def record(member: Member, secret: str | None = None) -> list[dict[str, Any]]:
    """A room's record, read with a member's token if no other secret is named."""
    asked = Archive(member.guest.token if secret is None else secret, member.room)
    return [json.loads(line) for line in member.server.done(member.server.answering.archive.read(asked))]


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["kind"] for event in events]


def test_the_record_tells_everything_from_creation_to_the_end_in_order() -> None:
    server = TextServer()
    ann, bob = members(server, 2, seed="42")
    ann.setup(a=1)
    ann.ready()
    bob.ready()
    server.later(1)
    complete([ann, bob], 1)
    server.later(1)
    assert ann.turn(9) == "35/*/*"
    ann.turn(2, "up", checked=1, told="a", pace="40;60")
    server.later(0.5)
    bob.turn(2, checked=1, told="b")

    told = record(ann)

    assert kinds(told) == [
        *("created", "configured", "joined", "joined", "configured", "readied", "readied", "moved", "packet"),
        *("reported", "refused", "reported", "diverged", "moved"),
    ]
    assert [event["at_ms"] for event in told] == sorted(event["at_ms"] for event in told)
    assert told[0]["seed"] == "42"
    assert told[4]["config"] == {"a": 1}
    assert told[-2]["hashes"] == {"0": "a", "1": "b"}


def test_the_record_is_kept_for_a_while_after_the_end() -> None:
    server = TextServer(Limits(room_archive_s=100))
    (ann,) = members(server, 1, players=[1, 1])
    ann.leave()
    watcher = Guest(server).create(players=[1, 1], archive="all")
    watcher.leave()
    server.later(99)

    assert record(watcher, "")[-1] == {"at_ms": 0, "kind": "moved", "state": "ended/left"}
    server.later(2)
    with pytest.raises(Refused) as caught:
        record(watcher, "")
    assert caught.value.answer.code == "32/*"


def test_tokens_and_room_keys_of_members_open_the_record_and_nothing_else_does() -> None:
    server = TextServer()
    ann, bob = playing(server, 2)

    assert record(ann) == record(ann, ann.key) == record(ann, bob.key) == record(ann, bob.guest.token)
    for secret, code in (("", "30/*"), ("x" * 43, "30/*"), ("x" * 16, "30/*"), (Guest(server).token, "31/*")):
        with pytest.raises(Refused) as caught:
            record(ann, secret)
        assert caught.value.answer.code == code


def test_a_server_key_opens_every_record_and_one_that_is_not_in_use_none() -> None:
    server = mail_server()
    ann, bob = playing(server, 2, viewers=2)
    complete([ann, bob], 1)

    assert record(ann, SERVER_KEY) == record(ann)
    with pytest.raises(Refused) as caught:
        record(ann, SERVER_KEY[:-1] + "_")
    assert caught.value.answer.code == "30/*"


def test_viewers_who_are_late_read_no_more_than_they_may_see() -> None:
    server = TextServer()
    ann, bob = playing(server, 2, viewers=2)
    viewer = Guest(server).watch(ann.room)
    for generation in (1, 2, 3):
        server.later(1)
        ann.turn(generation, checked=0, told="a")
        bob.turn(generation)

    assert kinds(record(viewer)).count("packet") == kinds(record(viewer, viewer.key)).count("packet") == 1
    assert kinds(record(viewer)).count("reported") == 1
    assert kinds(record(ann)).count("packet") == 3
    ann.leave()
    bob.leave()
    assert kinds(record(viewer)).count("packet") == 3


@pytest.mark.parametrize("room", ["", "nowhere", "A" * 12, "A" * 1000])
def test_a_room_that_is_not_there_has_no_record(room: str) -> None:
    ann = Guest(TextServer()).create()

    with pytest.raises(Refused) as caught:
        ann.server.done(ann.server.answering.archive.read(Archive(ann.guest.token, room)))
    assert caught.value.answer.code == "32/*"
