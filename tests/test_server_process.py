from pathlib import Path

import pytest

from tests.server_process import ServerProcess


def test_a_server_that_ends_by_itself_fails_the_test(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    server.process.kill()
    server.process.wait()

    with pytest.raises(AssertionError, match="ended by itself, with status -9"), server:
        pass


def test_a_server_may_be_killed_or_stopped_and_is_gone_at_the_end(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as killed:
        killed.kill()
    with ServerProcess(tmp_path) as stopped:
        status = stopped.stop()
    with ServerProcess(tmp_path) as left:
        pass

    assert status == 0
    assert [server.process.returncode for server in (killed, stopped, left)] == [-9, 0, -9]


def test_a_server_that_does_not_start_says_why_and_is_gone(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="the server said ''"):
        ServerProcess(tmp_path, "--database", "nonsense")
