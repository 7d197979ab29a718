"""What examples/deploy/nginx.conf promises, asked of a real nginx before two real nodes."""

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.deploy.nginx import EXAMPLE, Nginx
from tests.records.bench import ACTOR, using
from tests.redis_server import RedisServer
from tests.server_process import ServerProcess
from turnserver.service.context import new_server_key
from turnserver.service.passwords import Passwords
from turnserver.service.secrets import digest
from turnserver.settings import Settings
from turnserver.store.server_keys import ServerKeys

PASSWORD = "correct horse"


class Site(NamedTuple):
    """nginx, and the nodes behind it."""

    nginx: Nginx
    nodes: tuple[ServerProcess, ...]
    key: str
    """A server key of the nodes."""

    def connection(self, address: str = "127.0.0.1") -> http.client.HTTPSConnection:
        """A connection as players have it, from an address of the loopback."""
        context = ssl.create_default_context(cafile=str(self.nginx.certificate))
        return http.client.HTTPSConnection(
            "localhost", self.nginx.port, timeout=60, context=context, source_address=(address, 0)
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, key = tmp_path_factory.mktemp("site"), new_server_key()
    ServerKeys(folder / "turnserver.keys").add(digest(key), "prometheus")
    password = Passwords(1).hash_now(PASSWORD)
    using(f"sqlite:///{folder}/turnserver.records.db", lambda records: records.operators.add("olga", password, ACTOR))
    with RedisServer() as redis:
        options = ("--live", redis.url)
        with (
            ServerProcess(folder, *options) as one,
            ServerProcess(folder, *options) as other,
            Nginx((one.port, other.port)) as nginx,
        ):
            yield Site(nginx, (one, other), key)


def ask(connection: http.client.HTTPConnection, line: str, path: str = "/") -> str:
    """The reply to a line."""
    connection.request("POST", path, line.encode(), {"X-Forwarded-For": "198.51.100.1"})
    return connection.getresponse().read().decode()


def get(connection: http.client.HTTPConnection, path: str) -> tuple[int, str, str]:
    """Status, body and where it leads."""
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read().decode(), response.getheader("Location", "")


def established(port: int) -> int:
    """How many connections there are to a port of the loopback."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return sum(row[2] == f"0100007F:{port:04X}" and row[3] == "01" for row in rows)


def met(site: Site) -> list[str]:
    """The game keys, with their seats, of two who have met over TLS."""
    connection = site.connection()
    keys = [ask(connection, f"0,{name},*,*,*", "/meeting").removeprefix("0/0/") for name in ("ann", "bob")]
    for symbol in (2, 2, 3, 4, 4):
        replies = [ask(connection, f"{symbol},*,{key},*,*", "/meeting") for key in keys]
    connection.close()
    return [reply.removeprefix("0/8/").replace("|", ",") for reply in replies]


def test_a_match_is_played_over_one_connection_of_each_player(site: Site) -> None:
    ann_key, bob_key = met(site)
    ann, bob = site.connection(), site.connection()
    heard = []

    for number in range(50):
        ask(ann, f"6,a{number},{ann_key},{number}.0")
        heard.append(ask(bob, f"6,,{bob_key},{number}.{number}"))

    assert heard == [f"0/9/a{number}" for number in range(50)]
    ann.close()
    bob.close()


def test_connections_to_the_nodes_are_used_again(site: Site) -> None:
    connection = site.connection()

    for _ in range(100):
        assert ask(connection, "2,*,nobody,*,*") == "5/*/*"

    assert sum(established(node.port) for node in site.nodes) < 40
    connection.close()


def test_a_held_poll_is_answered_by_what_another_node_was_told(site: Site) -> None:
    ann_key, bob_key = met(site)
    held: list[str] = []

    def hold() -> None:
        connection = site.connection()
        held.append(ask(connection, f"6,,{bob_key},0.0", "/?wait=25"))
        connection.close()

    waiting = threading.Thread(target=hold)
    waiting.start()
    ends_s = time.monotonic() + 20
    while not _is_held(site):
        assert time.monotonic() < ends_s, "no node holds it"
    for node in site.nodes:
        direct = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
        ask(direct, f"6,now,{ann_key},0.0")
        direct.close()
    waiting.join(30)

    assert held == ["0/9/now"]


def _is_held(site: Site) -> bool:
    """True when one of the nodes holds a request."""
    told = []
    for node in site.nodes:
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {site.key}"})
        told.append(connection.getresponse().read().decode())
        connection.close()
    return any("\nturnserver_held_requests 1.0\n" in text for text in told)


def test_nodes_see_the_address_of_the_client_whatever_it_says_itself(site: Site) -> None:
    connection = site.connection("127.0.0.7")
    token = ask(connection, f"60,carl;{PASSWORD},*,*,*").removeprefix("0/60/").partition("|")[0]
    sessions = ask(connection, f"68,*,{token},*,*")
    connection.close()

    assert "127.0.0.7" in sessions
    assert "198.51.100.1" not in sessions


def test_what_nginx_refuses_is_told_in_the_words_of_the_protocol(site: Site) -> None:
    connection = site.connection()
    connection.request("POST", "/", b"", {"Content-Length": "3000000"})
    response = connection.getresponse()

    assert (response.status, response.read()) == (413, b"42/*/*")
    assert response.getheader("Access-Control-Allow-Origin") == "*"
    connection.close()


def test_who_asks_too_often_is_told_to_wait(site: Site) -> None:
    request = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 14\r\n\r\n2,*,nobody,*,*"
    last = request.replace(b"Host", b"Connection: close\r\nHost")
    context = ssl.create_default_context(cafile=str(site.nginx.certificate))
    with (
        socket.create_connection(("127.0.0.1", site.nginx.port), 60, source_address=("127.0.0.9", 0)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(request * 900 + last)
        told = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert 1 <= told.count(b"\r\n\r\n43/*/1") < 600
    assert told.count(b"\r\n\r\n5/*/*") >= 400
    assert b"HTTP/1.1 429" in told
    assert b"Retry-After: 1" in told
    assert b"Access-Control-Expose-Headers: Retry-After" in told


def test_operators_log_in_to_the_console_by_https(site: Site) -> None:
    connection = site.connection()
    headers = {"Origin": site.nginx.url, "Content-Type": "application/x-www-form-urlencoded"}

    connection.request("POST", "/console/login", f"name=olga&password={PASSWORD.replace(' ', '+')}", headers)
    response = connection.getresponse()
    response.read()
    connection.close()

    assert (response.status, response.getheader("Location")) == (303, "/console/live")
    assert "; Secure" in response.getheader("Set-Cookie", "")


def test_what_is_for_operators_is_not_for_players(site: Site) -> None:
    connection = site.connection()

    assert [get(connection, path)[0] for path in ("/metrics", "/readyz")] == [404, 404]
    assert get(connection, "/healthz")[:2] == (200, "ok\n")
    connection.close()


def test_plain_http_leads_to_https(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.nginx.plain_port, timeout=30)
    status, _, location = get(connection, "/chess")
    connection.close()

    assert (status, location) == (308, "https://127.0.0.1/chess")


def test_where_no_node_is_left_clients_are_told_to_come_back() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with Nginx((nobody.getsockname()[1],)) as nginx:
            connection = Site(nginx, (), "").connection()
            connection.request("POST", "/", b"0,ann,*,*,*")
            response = connection.getresponse()
            told = response.status, response.read(), response.getheader("Retry-After")
            connection.close()

    assert told == (503, b"44/*/*", "1")


def number(name: str, unit: str) -> int:
    """A number of the configuration's `location /`, or else the first one of that name."""
    found = re.findall(rf"^ *{name} (\d+){unit};", EXAMPLE.read_text("utf-8"), re.MULTILINE)
    return int(found[0])


def test_times_and_sizes_fit_those_of_the_nodes() -> None:
    settings = Settings()

    assert number("proxy_read_timeout", "s") > settings.wait_s_max + settings.redis_s_max
    assert number("keepalive_timeout", "s") < settings.keep_alive_s
    assert number("client_max_body_size", "m") * 1024 * 1024 > settings.batch_lines_max * (settings.body_bytes_max + 1)
