from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.account_server import AccountServer
from turnserver.domain.audit import COMMAND_LINE, Actor
from turnserver.messages.reply import Refused
from turnserver.protocol import answers
from turnserver.service.rights import Rights
from turnserver.service.secrets import digest


@pytest.fixture
def server(tmp_path: Path) -> AccountServer:
    return AccountServer(tmp_path)


def using(server: AccountServer, work: Callable[[Rights], Awaitable[None]]) -> None:
    async def use() -> None:
        try:
            await work(Rights(server.context))
        finally:
            await server.context.records.close()

    server.runs(use())


def test_what_was_left_half_done_is_finished(server: AccountServer) -> None:
    tokens = [server.create(), server.log_in(), server.log_in()]

    async def half_done_then_finished(rights: Rights) -> None:
        account = await server.context.records.accounts.named("ann")
        assert account is not None
        await server.context.records.sessions.end(account.id, "revoked", at_ms=7, but=digest(tokens[0]))
        # Killed here: the rows say that two are ending, and their tokens still give rights.
        await rights.finish()
        assert await server.context.records.sessions.ending(most=9) == []

    using(server, half_done_then_finished)

    assert [server.has_right(token) for token in tokens] == [True, False, False]


def test_what_a_command_has_deleted_is_taken_and_nothing_else_is_disturbed(server: AccountServer) -> None:
    ann, bob = server.create("ann"), server.create("bob")

    async def deleted_then_taken(rights: Rights) -> None:
        records = server.context.records
        account, other = await records.accounts.named("ann"), await records.accounts.named("bob")
        assert account is not None
        assert other is not None
        await records.accounts.delete(account, Actor(COMMAND_LINE, "-", 7))
        await records.sessions.end(other.id, "kicked", at_ms=7)  # whoever kicks is about to say so in its place
        await rights.finish_deleted()
        assert await records.sessions.ending(most=9) == [digest(bob)]

    using(server, deleted_then_taken)

    assert [server.has_right(token) for token in (ann, bob)] == [False, True]


def test_records_that_nobody_has_used_are_not_opened_to_look_for_what_was_deleted(server: AccountServer) -> None:
    using(server, lambda rights: rights.finish_deleted())

    assert not server.context.records.is_there


def test_a_session_that_was_ended_before_its_right_was_given_gives_none(server: AccountServer) -> None:
    server.create()

    async def ended_meanwhile(rights: Rights) -> None:
        records = server.context.records
        account = await records.accounts.named("ann")
        assert account is not None
        opening = await rights.opening(user=account.user, name=account.name, since=0)
        await records.accounts.log_in(account, opening.row, rehashed=None, at_ms=7, most=9)
        await rights.take(await records.sessions.end(account.id, "password", at_ms=8))
        with pytest.raises(Refused) as caught:
            await rights.give(opening)
        assert caught.value.answer is answers.NO_RIGHT
        assert not (await server.store.read(f"session:{opening.row.digest}")).exists

    using(server, ended_meanwhile)


def test_no_two_openings_share_anything(server: AccountServer) -> None:
    async def two(rights: Rights) -> None:
        one, other = [await rights.opening(user="account:x", name="x", since=0) for _ in range(2)]
        assert one.token != other.token
        assert one.row.id != other.row.id
        assert len(one.row.id) == 12

    using(server, two)
