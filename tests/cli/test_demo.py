"""`turnserver demo`, as a user runs it."""

import os
import subprocess
import sys

import pytest

from turnserver.cli.demo import GIVE_UP, WORDS, next_word


def test_the_demo_shows_every_line_of_a_whole_match_and_leaves_nothing_behind() -> None:
    # A group of its own: whatever it started can be found afterwards.
    with subprocess.Popen(
        [sys.executable, "-m", "turnserver", "demo"], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as demo:
        printed, _ = demo.communicate(timeout=60)

    assert demo.returncode == 0
    for symbol in ("REGISTER", "REQUEST_PAIR", "MAP_INIT", "MAP_READY", "GAME_UPDATE", "GAME_QUIT"):
        assert sum(f"  {symbol}  " in line for line in printed.splitlines()) >= 2, symbol
    for word in WORDS:
        assert f"6,{word}," in printed
        assert f"0/9/{word}" in printed
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)


def test_a_word_begins_as_the_one_before_ends_and_is_played_once() -> None:
    played: list[str] = []
    while (word := next_word(played)) != GIVE_UP:
        assert word not in played
        assert not played or word[0] == played[-1][-1]
        played.append(word)

    assert len(played) > 5
