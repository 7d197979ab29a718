import asyncio
from collections.abc import Iterator

import pytest
from starlette.types import Message

from turnserver.edge.body import DRAIN_BYTES_MAX, ClientGone, rest_of_body
from turnserver.messages.reply import Malformed
from turnserver.protocol import answers


def part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def read(*messages: Message, bytes_max: int = 10) -> bytes:
    first, *rest = messages
    coming: Iterator[Message] = iter(rest)

    async def receive() -> Message:
        return next(coming)

    return asyncio.run(rest_of_body(receive, first, bytes_max=bytes_max, too_long=answers.BODY_TOO_LONG))


def test_the_parts_of_a_body_are_joined() -> None:
    assert read(part(b"ab", more=True), part(b"", more=True), part(b"cd", more=False)) == b"abcd"
    assert read(part(b"ab", more=False)) == b"ab"
    assert read({"type": "http.request"}) == b""


def test_a_body_may_be_as_long_as_the_limit() -> None:
    assert read(part(b"12345", more=True), part(b"67890", more=False)) == b"1234567890"


def test_a_longer_body_is_refused_when_it_was_read_to_its_end() -> None:
    with pytest.raises(Malformed) as malformed:
        read(part(b"12345", more=True), part(b"67890x", more=True), part(b"rest", more=False))

    assert malformed.value.answer is answers.BODY_TOO_LONG


def test_a_body_without_an_end_is_not_read_on_for_ever() -> None:
    with pytest.raises(Malformed):
        read(*[part(b"x" * DRAIN_BYTES_MAX, more=True)] * 2)


def test_a_client_may_go_away_in_the_middle() -> None:
    with pytest.raises(ClientGone):
        read(part(b"ab", more=True), {"type": "http.disconnect"})
