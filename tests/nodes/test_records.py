"""Accounts are in the database, and the same at each node; so are their sessions, which are in Redis."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.json_client import JsonClient
from tests.server_process import ServerProcess
from tests.store.engines import shared_redis
from turnserver.cli import main

NODES = 3
ANN = {"username": "ann", "password": "correct horse"}


@pytest.fixture
def nodes(tmp_path: Path, postgresql_url: str) -> Iterator[list[JsonClient]]:
    """Nodes over one Redis and one database, started at once."""
    shared_redis().empty()
    assert CliRunner().invoke(main, ["migrate", "--database", postgresql_url]).exit_code == 0
    options = ("--live", shared_redis().url, "--database", postgresql_url)
    with ExitStack() as running, ThreadPoolExecutor(NODES) as starting:
        begun = [starting.submit(ServerProcess, tmp_path / f"{at}", *options) for at in range(NODES)]
        ports = [running.enter_context(server.result()).port for server in begun]
        yield [running.enter_context(JsonClient(port)) for port in ports]


def test_an_account_and_its_sessions_are_good_at_each_node(nodes: list[JsonClient]) -> None:
    first, second, third = nodes
    made = first.done("/register", ANN)["token"]
    opened = second.done("/auth", ANN)["token"]

    for node in nodes:
        assert [one["is_mine"] for one in node.done("/account/sessions", bearer=opened)["sessions"]] == [False, True]
    third.done("/logout", bearer=made)
    for node in nodes:
        assert node.post("/account/sessions", bearer=made).status == 401
        assert len(node.done("/account/sessions", bearer=opened)["sessions"]) == 1


def test_a_password_and_a_name_count_everywhere_at_once(nodes: list[JsonClient]) -> None:
    first, second, third = nodes
    token = first.done("/register", ANN)["token"]

    assert second.post("/register", ANN).status == 409
    second.done("/account/password", bearer=token, old_password=ANN["password"], password="battery staple")
    assert third.post("/auth", ANN).status == 401
    third.done("/auth", {**ANN, "password": "battery staple"})
    third.done("/delete-character", bearer=token, password="battery staple")
    assert first.post("/account/sessions", bearer=token).status == 401


def test_an_account_that_a_command_deletes_is_gone_at_each_node(nodes: list[JsonClient], postgresql_url: str) -> None:
    token = nodes[0].done("/register", ANN)["token"]
    cursor = nodes[1].done("/initiate", bearer=token)["cursor"]

    deleted = CliRunner().invoke(main, ["account", "delete", "ann", "--yes", "--database", postgresql_url])

    assert deleted.exit_code == 0
    assert nodes[2].post("/inbox/poll", bearer=token, cursor=cursor, wait=20).status == 401
    assert [node.post("/account/sessions", bearer=token).status for node in nodes] == [401] * NODES
    assert nodes[0].post("/register", ANN).status == 200


def test_of_many_who_want_a_name_at_once_one_gets_it(nodes: list[JsonClient]) -> None:
    with ThreadPoolExecutor(NODES) as asking:
        answers = list(asking.map(lambda node: node.post("/register", ANN).status, nodes))

    assert sorted(answers) == [200, 409, 409]
