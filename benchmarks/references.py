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


async def _starlette_echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await request.body())


REFERENCES: dict[str, Any] = {
    "echo": echo,
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
