"""The users of `locustfile.py`, in locust's own process: gevent must not patch this one."""

from pathlib import Path

import pytest

from tests.stresstest.bad_relay import BadRelay, doubling
from tests.stresstest.command import Ran, python

pytestmark = pytest.mark.anyio


async def locust(server: str, folder: Path, *arguments: str) -> tuple[Ran, dict[str, list[int]]]:
    """A headless run, and requests and failures by row of the statistics."""
    ran = await python(
        *("locust", "--headless", "--only-summary", "--host", server, "--csv", str(folder / "locust")),
        *("--users", "4", "--spawn-rate", "4", "--run-time", "3s", "--rate", "20", "--game-seconds", "1"),
        *arguments,
    )
    rows = [line.split(",") for line in (folder / "locust_stats.csv").read_text().splitlines()[1:]]
    return ran, {row[1].strip('"'): [int(row[-20]), int(row[-19])] for row in rows}


async def test_users_of_all_kinds_play_checked_games_without_a_failure(server: str, tmp_path: Path) -> None:
    ran, rows = await locust(server, tmp_path, "--users", "16")

    assert ran.status == 0, ran.err
    assert all(failures == 0 for _, failures in rows.values())
    done = (
        "GAME_UPDATE",
        "ROOM_LEAVE",
        "CHAT_SAY",
        "INBOX_SEND",
        "relay: game",
        "rooms: game",
        "rooms: turn",
        "chat: line",
    )
    assert all(rows[name][0] > 0 for name in (*done, "inbox: mail"))


async def test_doubled_messages_are_failures(tmp_path: Path) -> None:
    async with await BadRelay(doubling).serve() as relay:
        address = "http://{}:{}".format(*relay.sockets[0].getsockname())
        ran, rows = await locust(address, tmp_path, "--shape", "spike", "RelayPlayer")

    assert ran.status == 1
    assert rows["relay: doubled"][1] > 0
