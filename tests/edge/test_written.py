import pytest

from turnserver.edge.exchange import Response
from turnserver.edge.written import OK_HEADS, written


def test_the_usual_response_is_short() -> None:
    response = written(Response(200, b"0/10/*"), has_origin=False, keep_alive=True)

    assert response == b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n0/10/*" == OK_HEADS[6] + b"0/10/*"


@pytest.mark.parametrize(
    ("response", "has_origin", "keep_alive", "expected"),
    [
        (Response(400, b"4/0/*"), False, True, b"HTTP/1.1 400 Bad Request\r\ncontent-length: 5\r\n\r\n4/0/*"),
        (
            Response(200, "ü".encode()),
            False,
            True,
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: text/plain; charset=utf-8\r\n\r\n\xc3\xbc",
        ),
        (
            Response(200, b"x"),
            True,
            False,
            b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\naccess-control-allow-origin: *\r\nconnection: close\r\n\r\nx",
        ),
        (
            Response(503, b"44/*/*", ((b"retry-after", b"1"),)),
            False,
            True,
            b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 6\r\nretry-after: 1\r\n\r\n44/*/*",
        ),
    ],
)
def test_what_is_not_usual_is_said_in_headers(
    response: Response,
    has_origin: bool,  # noqa: FBT001  # a table
    keep_alive: bool,  # noqa: FBT001  # a table
    expected: bytes,
) -> None:
    assert written(response, has_origin=has_origin, keep_alive=keep_alive) == expected
