"""A program that follows the topic of rooms, over the asynchronous messenger, played to its end."""

import subprocess
import sys
from pathlib import Path

from tests.site import Site

SCRIPT = Path(__file__).parents[2] / "examples" / "town_crier.py"


def test_the_guest_reads_of_the_room_and_is_kicked(site: Site) -> None:
    command = [sys.executable, str(SCRIPT), site.key, site.url]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (ended.returncode, ended.stderr) == (0, "")
    read, told = ended.stdout.splitlines()
    assert read == "the guest reads: open house: up to 4 players"
    assert told.startswith("the guest is told:")
    assert told.endswith(": kicked: the town sleeps")
