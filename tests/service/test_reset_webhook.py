import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from turnserver.service.reset_sender import Reset, SendingFailed
from turnserver.service.reset_webhook import ResetWebhook


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


def send(url: str, email: str | None = None) -> None:
    way = ResetWebhook(url)
    assert way.reaches(email)
    way.deliver(Reset("ann", email, "secret-token", 60))


@pytest.mark.parametrize("email", [None, "ann@example.org"])
def test_a_token_is_posted_with_the_name_it_is_for(email: str | None) -> None:
    with webhook() as (url, posted):
        send(url, email)

    assert posted == [{"name": "ann", "email": email, "token": "secret-token", "expires_in": 60}]


@pytest.mark.parametrize("status", [404, 500])
def test_a_webhook_that_refuses_is_told_without_the_token(status: int) -> None:
    with webhook(status) as (url, _), pytest.raises(SendingFailed, match=str(status)) as caught:
        send(url)

    assert "secret-token" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "nonsense", "unknown://x"])
def test_a_webhook_that_cannot_be_reached_is_told(url: str) -> None:
    with pytest.raises(SendingFailed):
        send(url)
