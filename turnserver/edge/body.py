"""Reading a request body, bounded in size and in time."""

import asyncio

from starlette.types import Message, Receive

from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer

DRAIN_BYTES_MAX = 1024 * 1024
"""A body that is too long is read on to its end, so that the client gets to read the answer; up to this length."""


class ClientGone(Exception):
    """The client closed the connection; nobody reads an answer."""


async def rest_of_body(receive: Receive, first: Message, *, bytes_max: int, s_max: float, too_long: Answer) -> bytes:
    """The whole body, of which `first` was received already.

    Args:
        receive: ASGI's receive.
        first: The first `http.request` message.
        bytes_max: The longest body that is wanted.
        s_max: Seconds that the rest may take.
        too_long: The answer to a longer one.

    Raises:
        Malformed: `too_long`, or NO_LENGTH for a body that does not arrive in time.
        ClientGone: The client went away in the middle.
    """
    chunks, size, message = [first.get("body", b"")], len(first.get("body", b"")), first
    try:
        async with asyncio.timeout(s_max):
            while message.get("more_body", False) and size <= DRAIN_BYTES_MAX:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                size += len(message.get("body", b""))
                if size <= bytes_max:
                    chunks.append(message.get("body", b""))
    except TimeoutError:
        raise Malformed(answers.NO_LENGTH) from None
    if size > bytes_max:
        raise Malformed(too_long)
    return b"".join(chunks)
