"""The game over the Python library, played to its end."""

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "examples" / "word_game.py"


def test_the_word_is_found(server: str) -> None:
    ended = subprocess.run([sys.executable, SCRIPT, server], capture_output=True, text=True, check=False, timeout=60)

    assert (ended.returncode, ended.stderr) == (0, "")
    thought = re.search(r"(ann|bob) thought of '(\w+)'", ended.stdout)
    found = re.search(r"(ann|bob) found '(\w+)' with \d+ guesses", ended.stdout)
    assert thought is not None
    assert found is not None
    assert thought[1] != found[1]
    assert thought[2] == found[2]
