"""Reading a request body, bounded in size; `connection` bounds its time."""

from starlette.types import Message, Receive

from turnserver.messages.reply import Malformed
from turnserver.protocol.answers import Answer

DRAIN_BYTES_MAX = 1024 * 1024
"""A body that is too long is read on to its end, so that the client gets to read the answer; up to this length."""


class ClientGone(Exception):
    """The client closed the connection; nobody reads an answer."""


async def rest_of_body(receive: Receive, first: Message, *, bytes_max: int, too_long: Answer) -> bytes:
    """The whole body, of which `first` was received already.

    Args:
        receive: ASGI's receive.
        first: The first `http.request` message.
        bytes_max: The longest body that is wanted.
        too_long: The answer to a longer one.

    Raises:
        Malformed: `too_long`.
        ClientGone: The client went away in the middle.
    """
    chunks, size, message = [first.get("body", b"")], len(first.get("body", b"")), first
    while message.get("more_body", False) and size <= DRAIN_BYTES_MAX:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        size += len(message.get("body", b""))
        if size <= bytes_max:
            chunks.append(message.get("body", b""))
    if size > bytes_max:
        raise Malformed(too_long)
    return b"".join(chunks)
