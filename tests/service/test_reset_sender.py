import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from turnserver.service.reset_sender import SENDING_MAX, ResetSender, SendingFailed


@contextmanager
def webhook(status: int = 200) -> Iterator[tuple[str, list[object]]]:
    """A webhook's address, and what was posted to it."""
    posted: list[object] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server's name
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/reset", posted
        finally:
            server.shutdown()
            thread.join()


def send(url: str, times: int = 1) -> None:
    async def sent() -> None:
        sender = ResetSender(url)
        try:
            await asyncio.gather(*(sender.send("ann", "secret-token", 60) for _ in range(times)))
        finally:
            sender.close()

    asyncio.run(sent())


def test_a_token_is_posted_with_the_name_it_is_for() -> None:
    with webhook() as (url, posted):
        send(url)

    assert posted == [{"name": "ann", "token": "secret-token", "expires_in": 60}]


@pytest.mark.parametrize("status", [404, 500])
def test_a_webhook_that_refuses_is_told_without_the_token(status: int) -> None:
    with webhook(status) as (url, _), pytest.raises(SendingFailed, match=str(status)) as caught:
        send(url)

    assert "secret-token" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "nonsense", "unknown://x"])
def test_a_webhook_that_cannot_be_reached_is_told(url: str) -> None:
    with pytest.raises(SendingFailed):
        send(url)


def test_only_so_many_wait() -> None:
    with webhook() as (url, posted), pytest.raises(SendingFailed, match="too many"):
        send(url, SENDING_MAX + 1)

    assert len(posted) <= SENDING_MAX
