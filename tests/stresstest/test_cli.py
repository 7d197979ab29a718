"""The command against a real server, as a user runs it."""

import asyncio
import json
import re
import socket
from pathlib import Path

import pytest

from tests.server_process import ServerProcess
from tests.stresstest.bad_relay import BadRelay, Fault, altering, doubling, honest, losing
from tests.stresstest.command import Ran, python, stresstest

pytestmark = pytest.mark.anyio

QUICK = ("--players", "6", "--rate", "20", "--seconds", "2", "--game-seconds", "0.8")


def assert_clean(ran: Ran) -> None:
    assert ran.status == 0, ran.err
    summary = ran.summary
    received = summary["verdict"]["received"]
    nothing = dict.fromkeys(("skipped", "doubled", "reordered", "altered", "diverged"), 0)
    assert summary["verdict"] == {**nothing, "sent": received, "received": received}
    assert (summary["lost"], summary["games_broken"], summary["players_with_errors"]) == (0, 0, 0)
    assert summary["messages"] > 20
    assert summary["games"] >= 2


def assert_report(folder: Path, ran: Ran) -> None:
    assert json.loads((folder / "report.json").read_text()) == json.loads(ran.out)
    page = (folder / "report.html").read_text()
    pngs = sorted(folder.glob("*.png"))
    assert len(pngs) == page.count("data:image/png;base64,") == 8
    assert all(png.read_bytes().startswith(b"\x89PNG") for png in pngs)
    assert re.findall(r"(?:src|href|url)\W+(?!data:)[\w/]+:", page) == []  # nothing is fetched from anywhere


async def test_a_short_run_delivers_everything_and_writes_a_report(server: str, tmp_path: Path) -> None:
    ran = await stresstest("--server", server, *QUICK, "--seconds", "5", "--report", str(tmp_path), "--json", "-")

    assert_clean(ran)
    assert set(ran.summary["latency"]) >= {"REGISTER", "REQUEST_PAIR", "MAP_INIT", "MAP_READY", "GAME_UPDATE"}
    assert ran.summary["server_time"]["count"] > 0
    assert_report(tmp_path, ran)


async def test_the_tables_say_what_was_found(server: str) -> None:
    ran = await stresstest("--server", server, *QUICK)

    assert ran.status == 0, ran.out + ran.err
    text = " ".join(ran.out.split())
    assert all(words in text for words in ("GAME_UPDATE", "server time, sampled", "0 lost, 0 doubled, 0 reordered"))


@pytest.mark.parametrize("counters", ["exact", "plain"])
async def test_both_kinds_of_counters_work(server: str, counters: str) -> None:
    assert_clean(await stresstest("--server", server, *QUICK, "--counters", counters, "--json", "-"))


@pytest.mark.parametrize("scenario", ["relay", "rooms", "chat", "inbox"])
async def test_over_a_bad_network_nothing_is_lost(server: str, scenario: str) -> None:
    bad = ("--scenario", scenario, "--drop", "0.05", "--duplicate", "0.1", "--delay", "50", "--seconds", "3")
    ran = await stresstest("--server", server, *QUICK, *bad, "--json", "-")

    assert_clean(ran)
    assert set(ran.summary["verdicts"]) == {scenario}
    assert all(count > 0 for count in ran.summary["mischief"].values())


async def test_several_processes_play_everything_together(server: str, tmp_path: Path) -> None:
    everything = ("--scenario", "mixed", "--players", "16", "--processes", "2", "--report", str(tmp_path))
    ran = await stresstest("--server", server, *QUICK, *everything, "--seconds", "3", "--json", "-")

    assert_clean(ran)
    assert_report(tmp_path, ran)
    assert ran.summary["players"] == 16
    assert list(ran.summary["verdicts"]) == ["relay", "rooms", "chat", "inbox"]


async def test_two_runs_at_the_same_time_do_not_take_each_others_messages_for_lost(server: str) -> None:
    runs = (stresstest("--server", server, *QUICK, "--players", "5", "--json", "-") for _ in range(2))

    for ran in await asyncio.gather(*runs):
        assert ran.status == 0, ran.err
        assert ran.summary["lost"] == 0


async def test_with_a_server_key_one_sender_to_each_inbox_is_the_server(tmp_path: Path) -> None:
    added = await python("turnserver", "key", "add", "stress", cwd=tmp_path)
    (tmp_path / "secret").write_text(added.out)
    with ServerProcess(tmp_path) as running:
        key = ("--scenario", "inbox", "--server-key", str(tmp_path / "secret"))
        ran = await stresstest("--server", running.address, *QUICK, *key, "--json", "-")
        assert running.stop() == 0

    assert_clean(ran)
    assert added.out.strip() not in ran.out
    assert sum(code["count"] for code in ran.summary["codes"] if code["code"] == "0/62") == 2 * 6


async def test_agents_that_join_do_the_work_of_a_coordinator(server: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    coordinator = stresstest(
        "--server", server, *QUICK, "--listen", address, "--agents", "2", "--processes", "0", "--json", "-"
    )
    ran, *joined = await asyncio.gather(coordinator, stresstest("--join", address, "--processes", "2"))

    assert_clean(ran)
    assert [agent.status for agent in joined] == [0], joined[0].err


async def test_a_ramp_reports_the_largest_load_held_and_its_curve(server: str, tmp_path: Path) -> None:
    limits = ("--ramp", "--ramp-p99", "2000", "--ramp-players", "8", "--hold", "3")
    ran = await stresstest("--server", server, *QUICK, *limits, "--report", str(tmp_path), "--json", "-")
    ramp = json.loads(ran.out)["ramp"]

    assert ran.status == 0, ran.out + ran.err
    assert (ramp["held_players"], [stage["players"] for stage in ramp["stages"]]) == (8, [6, 8])
    assert (ramp["held"]["players"], ran.summary["plan"]["seconds"]) == (8, 3)
    assert (tmp_path / "ramp.png").exists()


async def test_a_ramp_that_holds_nothing_says_so(server: str) -> None:
    ran = await stresstest("--server", server, *QUICK, "--ramp", "--ramp-p99", "0.001")

    assert ran.status == 0, ran.out + ran.err
    assert "Not even the smallest load tried was held." in ran.out


@pytest.mark.parametrize(
    ("fault", "status", "found"),
    [(honest, 0, None), (losing, 1, "lost"), (doubling, 1, "doubled"), (altering, 1, "altered")],
)
async def test_a_server_that_misbehaves_makes_the_exit_status_1(fault: Fault, status: int, found: str | None) -> None:
    async with await BadRelay(fault).serve() as relay:
        address = "http://{}:{}".format(*relay.sockets[0].getsockname())
        ran = await stresstest("--server", address, *QUICK, "--json", "-")

    assert ran.status == status, ran.err
    counts = {**ran.summary["verdict"], "lost": ran.summary["lost"]}
    assert found is None or counts[found] > 0
    assert ran.summary["server_time"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--server", "http://127.0.0.1:1"), "http://127.0.0.1:1 cannot be reached: no connection"),
        (("--server", "http://127.0.0.1:1", "--scenario", "poker"), "there is no scenario 'poker'; there are: relay, "),
        (("--server", "http://127.0.0.1:1", "--server-key", "no-such-file"), "no-such-file"),
        (("--server", "http://127.0.0.1:1", "--ramp", "--ramp-p99", "-3"), "--ramp-p99: expected `float` > 0.0"),
        (("--server", "http://127.0.0.1:1", "--hold", "3"), "it needs --ramp"),
        (("--server", "http://127.0.0.1:1", "--json", "no/such/x"), "no/such/x cannot be written: No such file"),
        (
            ("--server", "http://127.0.0.1:1", "--report", "README.md/x"),
            "README.md/x cannot be written: Not a directory",
        ),
        ((), "which server? --server URL"),
        (("--server", "http://127.0.0.1:1", "--processes", "0"), "it needs --listen"),
        (("--join", "nowhere"), "'nowhere' is not HOST:PORT"),
    ],
)
async def test_a_run_that_cannot_be_made_says_why_and_ends_with_2(arguments: tuple[str, ...], words: str) -> None:
    ran = await stresstest(*arguments)

    assert (ran.status, ran.out) == (2, "")
    assert words in ran.err
