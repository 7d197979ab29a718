from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.raw_http import RawConnection, post
from tests.server_process import ServerProcess
from turnserver.cli import main


def test_nothing_has_to_be_configured_and_one_line_says_that_it_is_ready(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server, RawConnection(server.port) as connection:
        assert server.address == f"http://127.0.0.1:{server.port}"
        assert connection.ask(post(b"0,ann,*,*,*")).status == 200
        assert (tmp_path / "turnserver.db").exists()


def test_a_file_of_settings_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('durability = "none"\nname_bytes_max = 2\n')
    with (
        ServerProcess(tmp_path, "--config", "settings.toml") as server,
        RawConnection(server.port) as connection,
    ):
        assert connection.ask(post(b"0,ann,*,*,*")).body == b"6/*/*"
        assert not (tmp_path / "turnserver.db").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "70000"], "70000"),
        (["--durability", "forever"], "forever"),
        (["--config", "missing.toml"], "missing.toml"),
        (["--colour", "red"], "--colour"),
        (["--host", "host.invalid"], "cannot listen on host.invalid"),
        (["--port", "0", "--database", "nonsense"], "nonsense"),
    ],
)
def test_what_cannot_be_served_ends_with_a_sentence(options: list[str], words: str) -> None:
    result = CliRunner().invoke(main, ["serve", *options])

    assert result.exit_code != 0
    assert words in result.output
    assert "Traceback" not in result.output
