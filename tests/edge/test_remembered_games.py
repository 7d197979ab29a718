"""A whole server writes its games down, and goes on with those that were open when it was killed."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.edge.test_account_requests import say
from tests.server_process import ServerProcess


def play(port: int) -> str:
    """Let two begin a match of chess; the game key and player of one."""
    keys = [say(port, f"0,{name},*,*,*", "/chess").removeprefix("0/0/") for name in ("ann", "bob")]
    for symbol in (2, 2, 3, 4, 4):
        replies = [say(port, f"{symbol},*,{key},*,*") for key in keys]
    return replies[0].removeprefix("0/8/")


def games(folder: Path) -> list[tuple[str, str, str, str | None]]:
    """Kind, title, players and how it ended, of all games."""
    file = folder / "turnserver.records.db"
    if not file.exists():
        return []
    with closing(sqlite3.connect(file)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'games'").fetchone():
            return []
        return connection.execute("SELECT kind, title, players, how FROM games ORDER BY id").fetchall()


def test_a_match_is_written_down_when_it_begins_and_when_it_ends(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    port = server.port
    try:
        key, player = play(port).split("|")
        ends_s = time.monotonic() + 20
        while not games(tmp_path):
            assert time.monotonic() < ends_s
        assert games(tmp_path)[0][:2] == ("match", "chess")
        assert games(tmp_path)[0][3] is None
        server.kill()
        server = ServerProcess(tmp_path, port=port)
        assert say(port, f"5,*,{key},{player},0") == "0/12/*"
        while games(tmp_path)[0][3] is None:
            assert time.monotonic() < ends_s
    finally:
        server.kill()

    assert [game[3] for game in games(tmp_path)] == ["left"]


def test_a_server_that_stops_writes_down_what_has_just_begun(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        play(server.port)
        server.stop()

    assert [game[:2] for game in games(tmp_path)] == [("match", "chess")]
