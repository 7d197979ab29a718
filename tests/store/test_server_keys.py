from pathlib import Path

import pytest

from turnserver.store.seam import StoreDown
from turnserver.store.server_keys import ServerKeys


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "turnserver.keys"


def test_without_a_file_there_are_no_keys(path: Path) -> None:
    keys = ServerKeys(path)

    assert keys.names() == {}
    assert keys.holder("00ff") is None
    assert not keys.remove("world")


def test_a_key_is_known_by_its_digest_until_it_is_removed(path: Path) -> None:
    keys = ServerKeys(path)
    assert keys.add("00ff", "world")
    assert keys.add("11ee", "my world")

    assert keys.holder("11ee") == "my world"
    assert keys.remove("world")
    assert keys.names() == {"11ee": "my world"}


def test_no_two_keys_have_one_name(path: Path) -> None:
    keys = ServerKeys(path)
    keys.add("00ff", "world")

    assert not keys.add("11ee", "world")
    assert keys.names() == {"00ff": "world"}


def test_a_server_that_runs_notices_what_a_command_changes(path: Path) -> None:
    server, command = ServerKeys(path), ServerKeys(path)
    assert server.holder("00ff") is None

    command.add("00ff", "world")
    assert server.holder("00ff") == "world"
    command.remove("world")
    assert server.holder("00ff") is None
    path.unlink()
    assert server.names() == {}


def test_nobody_else_may_read_the_file(path: Path) -> None:
    ServerKeys(path).add("00ff", "world")

    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_read_or_written_is_said_to_be_so(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreDown, match="cannot read"):
        ServerKeys(path).names()
    with pytest.raises(StoreDown, match="cannot write"):
        ServerKeys(path / "missing" / "keys").add("00ff", "world")
