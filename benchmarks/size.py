"""How much memory players take, and how many bytes an empty poll costs."""

import http.client
import socket
from contextlib import closing

from benchmarks import players, servers

PLAYERS = 100_000
BATCH = 100


def memory() -> dict[str, object]:
    """Resident memory of the idle server, and what each registered player adds."""
    with servers.turnserver("--config", str(servers.PATIENT)) as server:
        idle_bytes = server.memory_bytes()
        with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
            for first in range(0, PLAYERS, BATCH):
                lines = "\n".join(f"0,player {first + index},*,*,*" for index in range(BATCH))
                connection.request("POST", "/batch", lines)
                replies = connection.getresponse().read().decode().split("\n")
                assert all(reply.startswith("0/0/") for reply in replies)
        per_player = (server.memory_bytes() - idle_bytes) / PLAYERS
    return {"idle server, MB": round(idle_bytes / 1e6, 1), f"bytes per player of {PLAYERS}": round(per_player)}


def empty_poll() -> dict[str, object]:
    """Bytes of HTTP, both ways together, of the smallest legal empty poll with a counter below 100."""
    with servers.turnserver() as server:
        ((seat, _),) = players.matches(server.port, 1)
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            sent = received = b""
            for counter in range(11):
                body = f"6,,{seat.game_key},{seat.player},{counter}".encode()
                sent = b"POST / HTTP/1.1\r\nHost:\r\nContent-Length:%d\r\n\r\n%s" % (len(body), body)
                connection.sendall(sent)
                received = connection.recv(65536)
                assert received.endswith(b"\r\n\r\n0/10/*"), received
    return {"request": len(sent), "reply": len(received), "together": len(sent) + len(received)}
