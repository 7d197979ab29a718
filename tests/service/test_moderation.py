import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import select

from tests.account_server import AccountServer
from tests.room_server import playing
from turnserver.messages.reply import Refused
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.records.tables import Audit
from turnserver.service.moderation import BAN_S_MAX, WORDS_MAX, Moderation
from turnserver.store.seam import StoreDown

Result = TypeVar("Result")
Deed = Callable[[Moderation], Awaitable[object]]


@pytest.fixture
def server(tmp_path: Path) -> AccountServer:
    return AccountServer(tmp_path)


def run(server: AccountServer, work: Callable[[Moderation], Awaitable[Result]]) -> Result:
    async def use() -> Result:
        try:
            return await work(Moderation(server.context, server.answering.sessions))
        finally:
            await server.context.records.close()

    return server.runs(use())


def audit(server: AccountServer) -> list[tuple[str, str, str]]:
    """Who did what to whom, by operators."""

    async def look() -> list[tuple[str, str, str]]:
        statement = select(Audit.actor, Audit.act, Audit.subject).where(Audit.actor.startswith("operator "))
        async with server.context.records.database.transaction() as connection:
            found = [(row[0], row[1], row[2]) for row in await connection.execute(statement.order_by(Audit.id))]
        await server.context.records.close()
        return found

    return server.runs(look())


def only(server: AccountServer, kind: str) -> str:
    (name,) = server.done(server.store.scan(kind))
    return name.partition(":")[2]


def test_a_match_ends_for_both(server: AccountServer) -> None:
    ann, bob = server.game()
    match_id = only(server, "match")

    run(server, lambda moderation: moderation.end_match("olga", match_id))

    assert [player.update("", 0) for player in (ann, bob)] == ["15/*/*", "15/*/*"]
    assert audit(server) == [("operator olga", "match_closed", match_id)]


def test_a_room_ends_as_closed(server: AccountServer) -> None:
    members = playing(server, 2)
    room_id = only(server, "room")

    run(server, lambda moderation: moderation.end_room("olga", room_id))

    assert "s:ended/closed" in members[0].poll()
    assert audit(server) == [("operator olga", "room_closed", room_id)]


def test_who_is_kicked_loses_all_sessions_and_is_told_why(server: AccountServer) -> None:
    tokens = [server.create("ann"), server.log_in("ann")]
    guest, name = server.guest()

    run(server, lambda moderation: moderation.kick("olga", "Ann", why="spam"))
    run(server, lambda moderation: moderation.kick("olga", name, why="a | b"))

    assert [server.say(f"50,*,{token},*,*") for token in tokens] == ["30/*/kicked: spam"] * 2
    assert server.say(f"50,*,{guest},*,*") == "30/*/kicked: a %7C b"
    assert '{"why":"spam"}' in server.say(f"50,*,{server.log_in('ann')},*,*")
    assert audit(server) == [("operator olga", "kicked", "ann"), ("operator olga", "kicked", name)]


def test_who_is_muted_says_nothing_until_the_time_is_over_or_it_is_lifted(server: AccountServer) -> None:
    token = server.create("ann")

    def say() -> str:
        return server.say(f"40,hi,{token},lobby,*")[:2]

    said = []
    for seconds in (60, 0):
        run(server, lambda moderation, seconds=seconds: moderation.mute("olga", "ann", seconds=seconds))  # type: ignore[misc]  # a default binds it
        said.append(say())

    assert said == ["31", "0/"]
    assert audit(server) == [("operator olga", "muted", "ann"), ("operator olga", "unmuted", "ann")]


def test_a_broadcast_is_in_everybodys_inbox(server: AccountServer) -> None:
    token = server.create("ann")

    run(server, lambda moderation: moderation.broadcast("olga", 'Noon; "sharp"|'))

    assert "srv_msg;*;" in server.say(f"50,*,{token},*,*")
    assert audit(server) == [("operator olga", "broadcast", "*")]


def test_who_is_banned_by_name_is_out_and_cannot_come_back(server: AccountServer) -> None:
    token = server.create("ann")

    ended = run(server, lambda moderation: moderation.ban("olga", "name", "ANN", why="spam", seconds=60))

    assert ended == 1
    assert not server.has_right(token)
    assert server.try_to_log_in("ann") == "31/*/*"
    server.now_ms += 60_000
    assert server.try_to_log_in("ann").startswith("0/61/")
    assert audit(server) == [("operator olga", "banned", "ann")]


def test_an_account_that_is_deleted_is_gone_and_its_name_is_free(server: AccountServer) -> None:
    tokens = [server.create("Ann"), server.log_in("ann")]

    run(server, lambda moderation: moderation.delete_account("olga", "ANN"))

    assert [server.say(f"50,*,{token},*,*") for token in tokens] == ["30/*/*"] * 2
    assert server.try_to_log_in("ann") == "30/*/*"
    assert server.has_right(server.create("ann"))
    assert audit(server) == [("operator olga", "account_deleted", "Ann")]


def test_of_two_who_delete_an_account_at_once_one_does(server: AccountServer) -> None:
    server.create("ann")

    async def both(moderation: Moderation) -> list[object]:
        deeds = [moderation.delete_account(operator, "ann") for operator in ("olga", "oleg")]
        return sorted(
            [getattr(one, "answer", None) for one in await asyncio.gather(*deeds, return_exceptions=True)], key=bool
        )

    assert run(server, both) == [None, answers.NOT_THERE]
    assert [act for _, act, _ in audit(server)] == ["account_deleted"]


def test_a_banned_name_cannot_be_registered(server: AccountServer) -> None:
    run(server, lambda moderation: moderation.ban("olga", "name", "Bob", why="", seconds=None))

    assert server.say("60,bob;correct horse,*,*,*") == "31/*/*"
    run(server, lambda moderation: moderation.lift("olga", "name", "BOB"))
    assert server.say("60,bob;correct horse,*,*,*").startswith("0/60/")
    assert [act for _, act, _ in audit(server)] == ["banned", "ban_lifted"]


def test_nobody_logs_in_or_registers_from_a_banned_address(server: AccountServer) -> None:
    server.create("ann")
    run(server, lambda moderation: moderation.ban("olga", "address", server.address, why="", seconds=None))

    assert server.try_to_log_in("ann") == "31/*/*"
    assert server.say("60,bob;correct horse,*,*,*") == "31/*/*"
    assert server.say("62,*,*,*,*") == "31/*/*"
    assert server.at("192.0.2.77").try_to_log_in("ann").startswith("0/61/")
    assert server.say("62,*,*,*,*").startswith("0/62/")
    assert [ban.subject for ban in run(server, lambda moderation: moderation.bans())] == ["192.0.2.1"]


def test_guests_come_while_the_records_cannot_be_asked(server: AccountServer) -> None:
    server.create("ann")
    Path(server.context.records.url.partition(":///")[2]).write_text("no database " * 100)

    with pytest.raises(StoreDown):
        server.try_to_log_in("ann")
    assert server.say("62,*,*,*,*").startswith("0/62/")


@pytest.mark.parametrize(
    ("deed", "answer"),
    [
        (lambda moderation: moderation.end_match("olga", "nothing"), answers.NOT_THERE),
        (lambda moderation: moderation.end_room("olga", "nothing"), answers.NOT_THERE),
        (lambda moderation: moderation.kick("olga", "nobody", why=""), answers.NOT_THERE),
        (lambda moderation: moderation.kick("olga", "nobody", why="w" * 201), answers.BAD_DATA),
        (lambda moderation: moderation.mute("olga", "nobody", seconds=1), answers.NOT_THERE),
        (lambda moderation: moderation.delete_account("olga", "nobody"), answers.NOT_THERE),
        (lambda moderation: moderation.mute("olga", "nobody", seconds=10**9), answers.BAD_DATA),
        (lambda moderation: moderation.broadcast("olga", ""), answers.BAD_DATA),
        (lambda moderation: moderation.broadcast("olga", "w" * (WORDS_MAX + 1)), answers.BAD_DATA),
        (lambda moderation: moderation.ban("olga", "user", "x", why="", seconds=1), answers.BAD_DATA),
        (lambda moderation: moderation.ban("olga", "name", "", why="", seconds=1), answers.BAD_DATA),
        (lambda moderation: moderation.ban("olga", "name", "n" * 257, why="", seconds=1), answers.BAD_DATA),
        (lambda moderation: moderation.ban("olga", "name", "a\0b", why="", seconds=1), answers.BAD_DATA),
        (lambda moderation: moderation.ban("olga", "name", "x", why="", seconds=0), answers.BAD_DATA),
        (lambda moderation: moderation.ban("olga", "name", "x", why="", seconds=BAN_S_MAX + 1), answers.BAD_DATA),
        (lambda moderation: moderation.lift("olga", "name", "x"), answers.NOT_THERE),
    ],
)
def test_what_cannot_be_done_is_refused_and_not_in_the_audit(server: AccountServer, deed: Deed, answer: Answer) -> None:
    with pytest.raises(Refused) as refused:
        run(server, deed)

    assert refused.value.answer is answer
    assert audit(server) == []


def test_the_audit_holds_the_details(server: AccountServer) -> None:
    run(server, lambda moderation: moderation.ban("olga", "name", "x", why='"why"', seconds=None))

    async def look() -> str:
        async with server.context.records.database.transaction() as connection:
            found = (await connection.execute(select(Audit.details).where(Audit.act == "banned"))).scalar_one()
        await server.context.records.close()
        return found

    assert json.loads(server.runs(look())) == {"kind": "name", "why": '"why"', "ends_ms": None}
