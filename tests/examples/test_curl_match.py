"""The match with nothing but curl, played to its end."""

import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "examples" / "curl_match.sh"


def run(url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", SCRIPT, url], capture_output=True, text=True, check=False, timeout=60)


def test_it_plays_a_whole_match(server: str) -> None:
    ended = run(server)

    replies = [line.rpartition(" -> ")[2] for line in ended.stdout.splitlines() if " -> " in line]
    assert (ended.returncode, ended.stderr) == (0, "")
    assert replies[2] == "0/2/*"
    assert replies[10:] == [
        "0/10/*",
        "0/10/*",
        "0/9/hello|shall we begin?",
        "0/9/hi ann",
        "0/10/*",
        "0/10/*",
        "0/9/your move",
        "0/12/*",
        "0/12/*",
    ]


def test_it_plays_under_a_title_too(server: str, title: str) -> None:
    assert run(f"{server}/{title}").returncode == 0


def test_a_server_that_is_not_there_is_an_error() -> None:
    ended = run("http://127.0.0.1:1")

    assert ended.returncode != 0
    assert "connect" in ended.stderr
