"""A program with a queue, over the messenger, played to its end."""

import subprocess
import sys
from pathlib import Path

from tests.site import Site

SCRIPT = Path(__file__).parents[2] / "examples" / "referee.py"


def test_every_question_is_judged(site: Site) -> None:
    command = [sys.executable, str(SCRIPT), site.key, site.url]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        "7 * 6 = 42: right",
        "2 + 2 = 5: wrong",
        "9 - 4 = 5: right",
        "score: 2 of 3",
    ]
