from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.account_server import PASSWORD, AccountServer
from turnserver.domain.audit import COMMAND_LINE, Actor
from turnserver.messages.reply import Refused
from turnserver.protocol import answers
from turnserver.service.operators import SEEN_EVERY_MS, Operators
from turnserver.service.peer import PEER

Result = TypeVar("Result")

SESSION_S, IDLE_S = 1000, 300


@pytest.fixture
def server(tmp_path: Path) -> AccountServer:
    found = AccountServer(tmp_path)
    run(found, lambda _: add(found))
    return found


async def add(server: AccountServer) -> bool:
    hashed = server.context.passwords.hash_now(PASSWORD)
    return await server.context.records.operators.add("olga", hashed, Actor(COMMAND_LINE, "-", 1))


def run(server: AccountServer, work: Callable[[Operators], Awaitable[Result]]) -> Result:
    """What somebody at the server's address gets of the operators' use cases."""

    async def use() -> Result:
        operators = Operators(server.context, session_s=SESSION_S, idle_s=IDLE_S)
        try:
            return await work(operators)
        finally:
            await server.context.records.close()

    before = PEER.set(lambda: server.address)
    try:
        return server.runs(use())
    finally:
        PEER.reset(before)


def test_without_records_nobody_is_an_operator(tmp_path: Path) -> None:
    assert not run(AccountServer(tmp_path), lambda operators: operators.are_there())
    assert list(tmp_path.iterdir()) == []


def test_who_knows_the_password_gets_a_session_until_it_logs_out(server: AccountServer) -> None:
    assert run(server, lambda operators: operators.are_there())
    token = run(server, lambda operators: operators.log_in("olga", PASSWORD))

    assert run(server, lambda operators: operators.of_token(token)) == "olga"
    run(server, lambda operators: operators.log_out(token))
    assert run(server, lambda operators: operators.of_token(token)) is None


@pytest.mark.parametrize("token", ["", "t" * 43, "é" * 43])
def test_other_tokens_are_nobodys(server: AccountServer, token: str) -> None:
    assert run(server, lambda operators: operators.of_token(token)) is None


@pytest.mark.parametrize("name", ["olga", "nobody"])
def test_wrong_passwords_and_wrong_names_are_refused_and_slowed_alike(server: AccountServer, name: str) -> None:
    said = []
    for _ in range(server.limits.guesses_max + 1):
        with pytest.raises(Refused) as refused:
            run(server, lambda operators: operators.log_in(name, "wrong"))
        said.append(refused.value.answer)

    assert said == [answers.NO_RIGHT] * server.limits.guesses_max + [answers.TOO_MANY_REQUESTS]


def test_guessing_elsewhere_does_not_lock_the_operator_out(server: AccountServer) -> None:
    for number in range(server.limits.name_guesses_max):
        with pytest.raises(Refused):
            run(server.at(f"198.51.100.{number}"), lambda operators: operators.log_in("olga", "wrong"))

    assert run(server.at("192.0.2.1"), lambda operators: operators.log_in("olga", PASSWORD))


def test_an_attempt_that_finds_no_place_does_not_count(server: AccountServer) -> None:
    server.context.passwords._waiting_max = 0
    for _ in range(server.limits.guesses_max + 1):
        with pytest.raises(Refused):
            run(server, lambda operators: operators.log_in("olga", PASSWORD))
    server.context.passwords._waiting_max = 1

    assert run(server, lambda operators: operators.log_in("olga", PASSWORD))


def test_use_prolongs_a_session_but_not_for_ever(server: AccountServer) -> None:
    token = run(server, lambda operators: operators.log_in("olga", PASSWORD))
    seen = []
    for _ in range(6):
        server.now_ms += 1000 * IDLE_S - SEEN_EVERY_MS
        seen.append(run(server, lambda operators: operators.of_token(token)))

    assert seen == ["olga"] * 4 + [None] * 2


def test_an_unused_session_ends(server: AccountServer) -> None:
    token = run(server, lambda operators: operators.log_in("olga", PASSWORD))
    server.now_ms += 1000 * IDLE_S

    assert run(server, lambda operators: operators.of_token(token)) is None
    server.now_ms -= 1000 * IDLE_S
    assert run(server, lambda operators: operators.of_token(token)) is None
