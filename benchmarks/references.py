"""What the server is compared with: the least that uvicorn can do, on the same uvicorn, loop and parser.

Run as `python -m benchmarks.references NAME`; it prints the address when it listens.
"""

import socket
import sys
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def echo(_scope: Any, receive: Any, send: Any) -> None:
    """A bare ASGI application that sends the body back: no routing, no state."""
    message = await receive()
    body = message["body"]
    while message.get("more_body", False):
        message = await receive()
        body += message["body"]
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


_waiting: dict[bytes, tuple[list[bytes], list[bytes]]] = {}
"""What waits for either player of each game of `relay`."""


async def relay(_scope: Any, receive: Any, send: Any) -> None:
    """The least that relays: an update of a player goes to the other, who gets what has come for it.

    It understands updates alone, `6,DATA,KEY,PLAYER,COUNTER`, with one key for both players; the first one makes the
    game. It checks nothing, repeats nothing and keeps nothing.
    """
    message = await receive()
    head, key, player, _counter = message["body"].rsplit(b",", 3)
    mine = player == b"1"
    queues = _waiting.setdefault(key, ([], []))
    queues[not mine].append(head[2:])
    reply = b"0/9/" + b"|".join(queues[mine]) if queues[mine] else b"0/10/*"
    queues[mine].clear()
    headers = [(b"content-length", b"%d" % len(reply))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": reply})


async def _starlette_echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await request.body())


REFERENCES: dict[str, Any] = {
    "echo": echo,
    "relay": relay,
    "starlette": Starlette(routes=[Route("/", _starlette_echo, methods=["POST"])]),
}


def main(name: str) -> None:
    """Serve a reference until killed."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    config = uvicorn.Config(
        REFERENCES[name],
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        date_header=False,
        server_header=False,
        log_level="warning",
        timeout_keep_alive=75,
    )
    sys.stdout.write(f"{name} listening on http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1])
