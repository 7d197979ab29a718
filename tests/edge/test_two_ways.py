"""The short way and uvicorn's: the same bytes in give the same bytes out, over the whole protocol."""

import re
import socket
from collections.abc import Iterator

import pytest

from tests.server_process import ServerProcess
from tests.store.engines import shared_redis

LONG_WAY = b"Expect: nothing\r\n"
"""A header that changes nothing but the way."""

LINES = (
    "0,ann,*,*,*",
    "0,bob,*,*,*",
    *(
        "0,a",
        "",
        "9,,,,",
        "0,*,*,*,*",
        "0,ann,k,*,*",
        "0,ann,*,,*",
        "0,ä,*,*,*\n",
        "0,a\rb,*,*,*",
        "0," + "x" * 65 + ",*,*,*",
    ),
    *("2,*,unknown,*,*", "2,*,{ann},*,*", "2,*,{bob},*,*", "2,*,{ann},*,*", "3,*,{ann},*,*", "3,*,{ann},*,*"),
    *("3,*,{bob},*,*", "4,*,{ann},*,*", "4,*,{bob},*,*", "4,*,{ann},*,*"),
    *(
        "6,hello, | %,{ann game},0",
        "6,grüße 🎲,{bob game},0",
        "6,,{ann game},1.0",
        "6,,{ann game},1.0",
        "6,,{bob game},0",
    ),
    *(
        "6,,{ann game},0",
        "6,,{ann game},9",
        "6,,{ann game},2.7",
        "6,,{ann game},x",
        "6,,{ann game},01",
        "6,,{ann key},2,0",
    ),
    *("6,,{ann key},{not ann},2", "6," + "y" * 16_384 + ",{ann game},2", "6," + "z" * 16_300 + ",{ann game},2"),
    *("6,one,{ann game},2", "6,two, too,{bob game},1", "6,,{ann game},3", "6,grüße,{bob game},2", "6,,{ann game},4"),
    *("6,,{ann game},4", "6,,{bob game},3", "6,,{bob game},5"),
    *("5,*,{bob game},3", "5,*,{bob game},3", "6,,{ann game},5", "6,,{ann game},6", "6,,{bob game},4"),
    *(
        "1,*,{ann},*,*",
        "1,*,{ann},*,*",
        "2,*,{ann},*,*",
        "0,carl,bibbybabbis,ann,*",
        "3,*,{carl},*,*",
        "2,*,{carl},*,*",
    ),
)
"""A whole match and the mistakes that can be made in it. What stands in braces is filled in from earlier replies."""


@pytest.fixture
def ways(port: int) -> "Iterator[tuple[Client, Client]]":
    """A client of either way."""
    short, long = Client(port, b""), Client(port, LONG_WAY)
    yield short, long
    short.close()
    long.close()


@pytest.fixture(scope="module", params=["journal", "redis"])
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    shared_redis().empty()
    options = ("--live", shared_redis().url) if request.param == "redis" else ()
    with ServerProcess(tmp_path_factory.mktemp("two-ways"), *options) as server:
        yield server.port


class Client:
    """A connection that sends one way, and knows the keys that it was given."""

    def __init__(self, port: int, header: bytes) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._header = header
        self._known: dict[str, str] = {}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def request(self, body: bytes, path: str = "/", more: bytes = b"", version: str = "1.1") -> bytes:
        """The bytes of a request."""
        head = f"POST {path} HTTP/{version}\r\nHost: x\r\nContent-Length: {len(body)}\r\n".encode()
        return head + self._header + more + b"\r\n" + body

    def exchange(self, sent: bytes, *, replies: int = 1) -> bytes:
        """Everything that comes back, with the keys in it replaced by one word."""
        self._connection.sendall(sent)
        received = b""
        while len(_heads(received)) < replies or _missing(received):
            chunk = self._connection.recv(65_536)
            if not chunk:
                break
            received += chunk
        return received

    def say(self, line: str) -> bytes:
        """The reply to a line, once what stands in braces is filled in."""
        for name, value in self._known.items():
            line = line.replace(f"{{{name}}}", value)
        received = self.exchange(self.request(line.encode()))
        self._learn(line, received.rpartition(b"\r\n\r\n")[2].decode())
        return re.sub(rb"[\w-]{16}(?=\Z|\|)", b"KEY", re.sub(rb"\|[01]\Z", b"|SEAT", received))

    def _learn(self, line: str, reply: str) -> None:
        if reply.startswith("0/0/"):
            self._known[line.split(",")[1]] = reply[4:]
        if reply.startswith("0/8/"):
            name = next(name for name, key in self._known.items() if key == line.split(",")[2])
            key, seat = reply[4:].split("|")
            self._known |= {f"{name} game": f"{key},{seat}", f"{name} key": key, f"not {name}": str(1 - int(seat))}


def _heads(received: bytes) -> list[bytes]:
    return re.findall(rb"HTTP/1\.1 \d\d\d .*?\r\n\r\n", received, re.DOTALL)


def _missing(received: bytes) -> bool:
    lengths = re.findall(rb"content-length: (\d+)", received)
    return len(received) < sum(map(len, _heads(received))) + sum(map(int, lengths))


def test_a_whole_match_with_all_its_mistakes_gets_the_same_replies_both_ways(ways: tuple[Client, Client]) -> None:
    short, long = ways

    said = [short.say(line) for line in LINES]

    assert said == [long.say(line) for line in LINES]
    assert {reply.rpartition(b"\r\n\r\n")[2].partition(b"/")[0] for reply in said} >= {b"0", b"4", b"15", b"18", b"20"}


@pytest.mark.parametrize(
    ("body", "path", "more"),
    [
        (b"9,,,,\n\nno comma\n\xff\n", "/batch", b""),
        (b"2,*,x,*,*\n" * 101, "/batch", b""),
        (b"x" * 16_385, "/chess/batch", b""),
        (b"", "/batch", b""),
        (b"9,,,,", "/chess", b""),
        (b"9,,,,", "/no/such/path", b""),
        (b"9,,,,", "/register", b""),
        (b"9,,,,", "/", b"Origin: http://game.example\r\n"),
        (b"9,,,,", "/", b"Connection: close\r\n"),
        (b"\xff", "/", b"Content-Type: application/json\r\n"),
        (b"x" * 16_385, "/", b""),
        (b"x" * 2_000_000, "/", b""),
        (b",,,,\n" * 3, "/", b""),
    ],
)
def test_a_request_gets_the_same_reply_both_ways(
    ways: tuple[Client, Client], body: bytes, path: str, more: bytes
) -> None:
    replies = [client.exchange(client.request(body, path, more)) for client in ways]

    assert replies[0] == replies[1]
    assert replies[0].startswith(b"HTTP/1.1 ")


def test_pipelined_requests_are_answered_in_order_both_ways(ways: tuple[Client, Client]) -> None:
    bodies = [b"9,,,,", b"", b"2,*,x,*,*", b"6,,abcdefghijklmnop,0,0", b"6,,k,2,0"]

    replies = [client.exchange(b"".join(map(client.request, bodies)), replies=len(bodies)) for client in ways]

    assert replies[0] == replies[1]
    assert re.findall(rb"\r\n\r\n(\d+/.?/\*)", replies[0]) == [
        b"4/0/*", b"2/*/*", b"5/*/*", b"13/*/*", b"4/1/*",
    ]  # fmt: skip


def test_the_two_ways_take_turns_on_one_connection(ways: tuple[Client, Client]) -> None:
    client = ways[0]
    get = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    received = client.exchange(client.request(b"0,dora,*,*,*") + get + client.request(b"9,,,,"), replies=3)

    bodies = re.findall(rb"\r\n\r\n([^\r]*?)(?=HTTP/|\Z)", received)
    assert bodies[0].startswith(b"0/0/")
    assert float(bodies[1]) >= 0
    assert bodies[2] == b"4/0/*"
