"""Nodes are replaced one after the other while games go on: players notice nothing, and nothing is lost."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.deploy.nginx import Nginx
from tests.redis_server import RedisServer
from tests.server_process import ServerProcess
from turnserver.cli import main

SECONDS = 12
SCENARIOS = {"relay": ("--players", "12"), "rooms": ("--players", "8", "--rate", "3")}


def stressed(url: str, certificate: Path, result: Path, *options: str) -> subprocess.Popen[str]:
    """A stress test that plays for some seconds."""
    command = [sys.executable, "-m", "stresstest", "--server", url, "--json", str(result)]
    command += ["--seconds", f"{SECONDS}", "--game-seconds", "4", *options]
    environment = {**os.environ, "SSL_CERT_FILE": str(certificate)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def replaced(node: ServerProcess, folder: Path, *options: str) -> ServerProcess:
    """A new node in the place of one that was drained."""
    drained = CliRunner().invoke(main, ["drain", "--port", str(node.port)])
    assert drained.exit_code == 0, drained.output
    assert node.process.wait(30) == 0
    assert node.stop() == 0
    return ServerProcess(folder, *options, port=node.port)


def upgraded(folder: Path, scenario: str) -> tuple[int, str, Any]:
    """What a stress test says through an upgrade of both nodes: exit status, output and figures."""
    result = folder / "result.json"
    with RedisServer() as redis:
        options = ("--live", redis.url)
        nodes = [ServerProcess(folder, *options) for _ in range(2)]
        try:
            with (
                Nginx([node.port for node in nodes]) as nginx,
                stressed(nginx.url, nginx.certificate, result, "--scenario", scenario, *SCENARIOS[scenario]) as stress,
            ):
                try:
                    for index, node in enumerate(nodes):
                        time.sleep(SECONDS / 4)
                        nodes[index] = replaced(node, folder, *options)
                    output, _ = stress.communicate(timeout=SECONDS + 60)
                finally:
                    stress.kill()
        finally:
            for node in nodes:
                node.kill()
    return stress.returncode, output, json.loads(result.read_text("utf-8"))["summary"]


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_players_notice_nothing_of_an_upgrade(tmp_path: Path, scenario: str) -> None:
    status, output, summary = upgraded(tmp_path, scenario)

    assert status == 0, output
    assert summary["messages"] > 100
    assert (summary["lost"], summary["errors"], summary["reasons"], summary["games_broken"]) == (0, 0, {}, 0)
