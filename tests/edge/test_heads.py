"""What the short way reads in a head, and when it need not read it again."""

import pytest

from tests.raw_http import RawConnection
from turnserver.edge.heads import HEAD_KNOWN_BYTES_MAX, HEADS_MAX, Head, Heads, read_head
from turnserver.settings import Settings
from turnserver.wire.paths import TextPath

SETTINGS = Settings()
HEAD = Head(TextPath("", is_batch=False), 9, has_origin=False, wait_s=0.0, forwarded=(), is_plain=True)


def test_a_plain_post_of_text() -> None:
    assert read_head(b"/", [(b"host", b"x"), (b"content-length", b"9")], SETTINGS) == HEAD


def test_a_batch_may_be_plain() -> None:
    head = read_head(b"/batch", [(b"content-length", b"9")], SETTINGS)

    assert head == Head(TextPath("", is_batch=True), 9, has_origin=False, wait_s=0.0, forwarded=(), is_plain=True)


def test_title_batch_origin_waits_and_proxies_are_read() -> None:
    forwarded = (b"x-forwarded-for", b"192.0.2.1")
    headers = [(b"content-length", b"20"), (b"origin", b"http://a"), (b"prefer", b"wait=3"), forwarded]

    assert read_head(b"/chess/batch", headers, SETTINGS) == Head(
        TextPath("chess", is_batch=True), 20, has_origin=True, wait_s=3.0, forwarded=(forwarded,), is_plain=False
    )


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        (b"/", []),
        (b"/no/such/path", [(b"content-length", b"1")]),
        (b"/", [(b"content-length", b"16386")]),
        (b"/", [(b"content-length", b"1"), (b"expect", b"100-continue")]),
        (b"/", [(b"transfer-encoding", b"chunked")]),
    ],
)
def test_what_only_the_long_way_can_serve(target: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    assert read_head(target, headers, SETTINGS) is None


def test_heads_are_known_by_their_bytes() -> None:
    heads = Heads()
    heads.add(b"POST / HTTP/1.1\r\n\r\n", HEAD)

    assert heads.get(b"POST / HTTP/1.1\r\n\r\n") is HEAD
    assert heads.get(b"POST / HTTP/1.0\r\n\r\n") is None


def test_neither_long_nor_many_heads_are_kept() -> None:
    heads = Heads()
    heads.add(b"x" * (HEAD_KNOWN_BYTES_MAX + 1), HEAD)
    for number in range(HEADS_MAX + 1):
        heads.add(b"%d" % number, HEAD)

    assert len(heads._known) == 1


REQUESTS = {
    "plain": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n0,ann,*,*",
    "of a page": b"POST / HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\nContent-Length: 9\r\n\r\n0,ann,*,*",
    "that waits": b"POST /?wait=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n0,ann,*,*",
    "that closes": b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9\r\n\r\n0,ann,*,*",
    "of the old version": b"POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\n0,ann,*,*",
}


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


@pytest.mark.parametrize("request_bytes", REQUESTS.values(), ids=REQUESTS)
def test_a_known_head_is_answered_as_it_was_the_first_time(server: str, request_bytes: bytes) -> None:
    replies = []
    for _ in range(2):
        with RawConnection(port_of(server)) as connection:
            connection.send(request_bytes)
            replies.append(connection.answer())

    assert replies[0] == replies[1]


def test_requests_of_a_known_head_that_come_together_or_in_parts(server: str) -> None:
    whole = REQUESTS["plain"]
    with RawConnection(port_of(server)) as connection:
        for parts in ((whole,), (whole + whole,), (whole[:30], whole[30:]), (whole[:-3], whole[-3:] + whole)):
            for part in parts:
                connection.send(part)
            for _ in range(b"".join(parts).count(b"POST")):
                assert connection.answer().status == 400
