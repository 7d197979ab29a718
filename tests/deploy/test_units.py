"""The files in examples/deploy name programs, options and settings that exist."""

import configparser
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.markdown import links
from turnserver.cli import COMMANDS, main
from turnserver.settings import Settings, load

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "deploy"
UNITS = sorted(EXAMPLES.glob("*.service"))
PROGRAM = "/opt/turnserver/.venv/bin/turnserver"


class _Unit(configparser.RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr


def unit(path: Path) -> _Unit:
    """A unit's sections and options; an option that stands there twice is an error."""
    found = _Unit(interpolation=None, delimiters=("=",))
    found.read_string(path.read_text("utf-8"))
    return found


@pytest.mark.parametrize("path", UNITS, ids=lambda path: str(path.name))
def test_a_unit_starts_a_command_with_options_that_it_has(path: Path) -> None:
    program, command, *words = unit(path)["Service"]["ExecStart"].split()

    told = CliRunner().invoke(main, [command, "--help"]).output
    assert program == PROGRAM
    assert command in COMMANDS
    assert [word for word in words if word.startswith("--") and f"{word} " not in told] == []


@pytest.mark.parametrize("path", UNITS, ids=lambda path: str(path.name))
def test_a_unit_reads_settings_that_are_there(path: Path) -> None:
    words = unit(path)["Service"]["ExecStart"].split()

    name = Path(words[words.index("--config") + 1]).name
    assert (EXAMPLES / name).exists()


@pytest.mark.parametrize("path", UNITS, ids=lambda path: str(path.name))
def test_a_stop_has_time_to_answer_what_is_held(path: Path) -> None:
    service = unit(path)["Service"]

    assert int(service["TimeoutStopSec"]) > Settings().shutdown_s_max + Settings().drain_s
    assert "KillSignal" not in service


@pytest.mark.parametrize("path", UNITS, ids=lambda path: str(path.name))
def test_systemd_finds_nothing_wrong_with_a_unit(path: Path, tmp_path: Path) -> None:
    text = path.read_text("utf-8").replace(PROGRAM, shutil.which("true") or "/bin/true")
    there = tmp_path / path.name.replace("@", "@8192")
    there.write_text(text)
    verifier = shutil.which("systemd-analyze")
    if verifier is None:  # the other tests have looked at what is ours in it
        assert "[Service]" in text
        return

    environment = {**os.environ, "SYSTEMD_LOG_LEVEL": "warning", "SYSTEMD_PAGER": ""}
    told = subprocess.run(
        [verifier, "verify", str(there)], capture_output=True, text=True, check=False, env=environment
    )
    assert (told.returncode, [line for line in told.stderr.splitlines() if there.name in line]) == (0, [])


@pytest.mark.parametrize("name", ["turnserver.toml", "node.toml"])
def test_example_settings_are_settings(name: str) -> None:
    _, rows = load(config=EXAMPLES / name, environment={})

    assert any(row.source.endswith(name) for row in rows)


def test_the_document_names_every_example() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text("utf-8")

    named = {Path(link.target).name for link in links(text) if "examples/deploy/" in link.target}
    assert named == {path.name for path in EXAMPLES.iterdir()}
