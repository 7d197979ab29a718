"""The applications that the server is compared with do what they are said to do."""

from typing import Any

import pytest

from benchmarks.references import echo, relay

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def said(application: Any, body: bytes) -> bytes:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application({"type": "http"}, receive, send)
    assert sent[0]["headers"] == [(b"content-length", b"%d" % len(sent[1]["body"]))]
    answered: bytes = sent[1]["body"]
    return answered


async def test_the_echo_sends_the_body_back() -> None:
    assert await said(echo, b"6,hi,KEY,0,0") == b"6,hi,KEY,0,0"


async def test_the_relay_hands_each_player_what_the_other_has_sent() -> None:
    replies = [
        await said(relay, line)
        for line in (b"6,one,KEY,0,0", b"6,two,KEY,0,1", b"6,a, b,KEY,1,0", b"6,three,KEY,0,2", b"6,x,KEY,0,3")
    ]

    assert replies == [b"0/10/*", b"0/10/*", b"0/9/one|two", b"0/9/a, b", b"0/10/*"]
