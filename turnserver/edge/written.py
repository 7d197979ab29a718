"""Responses as the bytes that travel back, where uvicorn does not write them."""

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from turnserver.edge.exchange import Response, headers_of

OK = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n"
"""The head of the usual response, of its body's length."""

OK_HEADS = [OK % body_bytes for body_bytes in range(1024)]
"""The heads of all usual responses that are short."""


def written(response: Response, *, has_origin: bool, keep_alive: bool) -> bytes:
    """A response, whole.

    Args:
        response: What to write.
        has_origin: Whether the request names an origin.
        keep_alive: Whether the connection stays open; one that does not is told so.
    """
    status, body = response.status, response.body
    if status == 200 and not has_origin and keep_alive and body.isascii():
        return OK % len(body) + body
    headers = headers_of(response, has_origin=has_origin)
    if not keep_alive:
        headers.append((b"connection", b"close"))
    lines = b"".join(b"%s: %s\r\n" % header for header in headers)
    return b"%s%s\r\n%s" % (STATUS_LINE[status], lines, body)
