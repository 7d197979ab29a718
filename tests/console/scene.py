"""A console with something to see: a real server with an operator, players, a room, chat and an account.

Names and lines hold markup: whoever shows them otherwise than as text lets it work.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from tests.json_client import JsonClient
from tests.server_process import ServerProcess

OPERATOR, PASSWORD = "olga", "correct horse battery"
MARKUP = "<b onclick=alert(1)>Wanda</b>"
ACCOUNT = "<i>mallory</i>"
LINE = "<script>document.title='owned'</script> & hello"


class Page(NamedTuple):
    """An answer of the console."""

    status: int
    headers: dict[str, str]
    text: str


class Browserless:
    """Asks the console as a browser would, and keeps its cookie."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = ""

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> Page:
        """The answer to a request; headers are named with `_` for `-`."""
        body = None if form is None else urlencode(form).encode()
        sent = {"cookie": self.cookie} if self.cookie else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        http = HTTPConnection("127.0.0.1", self.port, 30)
        http.request(method, path, body, sent)
        answer = http.getresponse()
        found = Page(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read().decode())
        http.close()
        return found

    def get(self, path: str) -> Page:
        """A page."""
        return self.ask("GET", path)

    def post(self, path: str, **form: str) -> Page:
        """What a form of a page of the console gets."""
        return self.ask("POST", path, form, origin=f"http://127.0.0.1:{self.port}", sec_fetch_site="same-origin")

    def log_in(self, name: str = OPERATOR, password: str = PASSWORD) -> Page:
        """What a login gets; a session, if it is right."""
        answer = self.post("/console/login", name=name, password=password)
        if "set-cookie" in answer.headers:
            (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
            self.cookie = f"{morsel.key}={morsel.value}"
        return answer


def add_operator(folder: Path, name: str = OPERATOR, password: str = PASSWORD) -> None:
    """Give the server that runs in a folder an operator, by the command that people use."""
    command = [sys.executable, "-m", "turnserver", "operator", "add", name]
    subprocess.run(command, cwd=folder, input=f"{password}\n", text=True, check=True, capture_output=True)


@contextmanager
def console(folder: Path, *options: str, adds: bool = True) -> Iterator[int]:
    """The port of a server that has an operator: one that is added now, or was before."""
    folder.mkdir(parents=True, exist_ok=True)
    if adds:
        add_operator(folder)
    with ServerProcess(folder, *options) as server:
        yield server.port


class Crowd(NamedTuple):
    """Secrets of those who are there: game keys of a match, a room's key and id, and an account's token."""

    games: tuple[str, str]
    room_key: str
    token: str


def crowd(port: int, *, name: str = MARKUP, account: str = ACCOUNT, line: str = LINE) -> Crowd:
    """Somebody who waits, a match, a room that waits for a player's turn, a line of chat, an account."""
    with JsonClient(port) as client:
        waits = client.done("/play/register", name=name, partner="Zoe")
        client.done("/play/pair", key=waits["key"])
        games = play(client, ("Ada", "Bo"))
        token = client.done("/register", username=account, password="eight letters")["token"]
        client.done("/chat/say", token=token, channel="lobby", text=line)
        key = room(client)
    return Crowd(games, key, token)


def play(client: JsonClient, names: tuple[str, str]) -> tuple[str, str]:
    """The game keys of players 0 and 1, of whom the first has sent a message under counter 0."""
    keys = [client.done("/play/register", name=name)["key"] for name in names]
    for path in ("/play/pair", "/play/pair", "/play/load", "/play/ready"):
        for key in keys:
            client.done(path, key=key)
    begun = {answer["player"]: answer["key"] for answer in (client.done("/play/ready", key=key) for key in keys)}
    client.done("/play/update", key=begun[0], player=0, counter=0, data="e4")
    return begun[0], begun[1]


def room(client: JsonClient) -> str:
    """The key of the first of two in a room that runs; the other has not posted its turn."""
    ann, ben = (client.done("/guest")["token"] for _ in range(2))
    made = client.done("/create", {"engine": "skirmish 1.2", "seed": "7", "players": [2, 4], "name": "Islands"}, ann)
    joined = client.done("/join", bearer=ben, game_id=made["room"])
    for index, key in enumerate((made["key"], joined["key"])):
        client.done("/rooms/ready", key=key, index=index)
    client.done("/rooms/turn", key=made["key"], index=0, generation=1)
    return str(made["key"])
