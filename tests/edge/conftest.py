"""A real server, impatient so that nobody has to wait for it, and a game that runs on it while all else goes wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.raw_http import RawConnection, post
from tests.server_process import ServerProcess

SETTINGS = """
durability = "none"
body_s_max = 0.5
request_head_s_max = 0.5
"""


class RunningGame:
    """Two players over HTTP who each always have one update of the other to read."""

    def __init__(self, connection: RawConnection) -> None:
        self._connection = connection
        keys = [self._say(f"0,{name},*,*,*", "/running") for name in ("ann", "bob")]
        for symbol in "22334":
            for key in keys:
                self._say(f"{symbol},*,{key},*,*")
        self._seats = [self._say(f"4,*,{key},*,*").split("|") for key in keys]
        self._counter = 0
        self._post_both()

    def _say(self, line: str, path: str = "/") -> str:
        answer = self._connection.ask(post(line.encode(), path.encode()))
        assert answer.status == 200, answer
        return answer.body.decode().split("/", 2)[2]

    def _post_both(self) -> list[str]:
        replies = [self._say(f"6,{seat}{self._counter},{key},{seat},{self._counter}") for key, seat in self._seats]
        self._counter += 1
        return replies

    def goes_on(self) -> None:
        """Play one round; it goes exactly as if nothing had happened since the last."""
        latest = self._counter - 1
        first, second = (seat for _, seat in self._seats)
        expected = f"{second}{latest}"

        assert self._say(f"6,,{self._seats[0][0]},{first},{latest}") == expected
        replies = self._post_both()
        assert replies == ["*", f"{first}{latest + 1}"]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a server listens that gives up slow requests after half a second."""
    folder: Path = tmp_path_factory.mktemp("server")
    (folder / "settings.toml").write_text(SETTINGS)
    with ServerProcess(folder, "--config", "settings.toml") as server:
        yield server.port


@pytest.fixture(scope="module")
def module_game(port: int) -> Iterator[RunningGame]:
    """The game of a whole module."""
    with RawConnection(port) as connection:
        yield RunningGame(connection)


@pytest.fixture
def running(module_game: RunningGame) -> Iterator[RunningGame]:
    """A game that goes on after the test as if nothing had happened."""
    yield module_game
    module_game.goes_on()


@pytest.fixture
def connection(port: int) -> Iterator[RawConnection]:
    """A connection to the server."""
    with RawConnection(port) as opened:
        yield opened
