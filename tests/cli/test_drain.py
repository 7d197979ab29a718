from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.raw_http import RawConnection
from tests.redis_server import free_port
from tests.server_process import ServerProcess
from tests.store.engines import shared_redis
from tests.test_server import held, post, registered
from turnserver.cli import main


@pytest.mark.parametrize("workers", [1, 2])
def test_a_drained_server_answers_what_it_holds_and_leaves(tmp_path: Path, workers: int) -> None:
    shared_redis().empty()
    options = ("--live", shared_redis().url, "--workers", str(workers))
    with ServerProcess(tmp_path, *options) as server, RawConnection(server.port) as connection:
        key = registered(connection)
        held(connection, server, key)

        drained = CliRunner().invoke(main, ["drain", "--port", str(server.port)])

        assert connection.answer().body == b"0/2/*"
        assert server.process.wait(20) == 0
        assert server.stop() == 0
    assert drained.exit_code == 0
    assert f"process {server.process.pid} has answered what it held, and left port {server.port}" in drained.output


def test_a_game_goes_on_at_another_node(tmp_path: Path) -> None:
    shared_redis().empty()
    options = ("--live", shared_redis().url)
    with ServerProcess(tmp_path, *options) as one, ServerProcess(tmp_path, *options) as other:
        with RawConnection(one.port) as connection:
            key = registered(connection)
        assert CliRunner().invoke(main, ["drain", "--port", str(one.port)]).exit_code == 0
        assert one.process.wait(20) == 0
        assert one.stop() == 0

        with RawConnection(other.port) as connection:
            assert connection.ask(post(f"2,*,{key},*,*")).body == b"0/2/*"


def test_where_nobody_serves_it_says_so() -> None:
    port = free_port()

    result = CliRunner().invoke(main, ["drain", "--port", str(port)])

    assert result.exit_code == 1
    assert f"no turnserver of yours serves port {port} on this machine" in result.output


def test_a_killed_server_is_not_mistaken_for_one_that_serves(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, "--durability", "none") as server:
        server.kill()

        result = CliRunner().invoke(main, ["drain", "--port", str(server.port)])

    assert result.exit_code == 1
    assert "serves port" in result.output
