"""The race of three, ridden to its end, and its record run again."""

import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "examples" / "light_race.py"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False, timeout=60, cwd=ROOT)


def replayed(record: str | Path) -> subprocess.CompletedProcess[str]:
    return run("-m", "turnserver", "replay", record, "--step", "examples.light_race:step")


@pytest.fixture(scope="module")
def race(server: str) -> str:
    """The URL of the record of a race."""
    ended = run(SCRIPT, "--headless", server)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "won; all three saw the same race: True" in ended.stdout
    return ended.stdout.split()[-1]


def test_its_record_gives_the_same_race_again(race: str) -> None:
    ended = replayed(race)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("all the same\n")


def test_a_command_that_was_changed_in_the_record_is_found(race: str, tmp_path: Path) -> None:
    with urlopen(race) as answer:
        record = answer.read().decode()
    changed = tmp_path / "race.jsonl"
    changed.write_text(record.replace('"commands":["","",""]', '"commands":["r","",""]', 1))

    ended = replayed(changed)

    assert ended.returncode == 1
    assert ended.stdout.startswith("the games differ after generation 1\n")


def test_it_draws_the_track_for_a_person(server: str) -> None:
    ended = run(SCRIPT, server)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "turn 1\n" in ended.stdout
