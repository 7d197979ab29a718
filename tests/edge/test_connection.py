"""All that can arrive at a socket: always the documented answer, nothing changed."""

import time

import pytest

from tests.edge.conftest import RunningGame
from tests.raw_http import RawConnection, post, request

REGISTER = b"0,ann,*,*,*"
UNKNOWN_KEY = b"AAAAAAAAAAAAAAAA"
HTTP2 = (b"connection: Upgrade, HTTP2-Settings", b"upgrade: h2c", b"http2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA")


@pytest.fixture(autouse=True)
def _nothing_changes(running: RunningGame) -> None:
    """A game runs on through all of this."""


BAD_BODIES = [
    pytest.param(b"", b"2/*/*", id="empty body"),
    pytest.param(b"\xff\xfe", b"2/*/*", id="not UTF-8"),
    pytest.param(b"x" * 16_385, b"20/*/*", id="16,385 bytes"),
    pytest.param(b"x" * 16_384 + b"\n", b"20/*/*", id="16,384 bytes and a line feed"),
    pytest.param(b"x" * 16_386, b"20/*/*", id="16,386 bytes"),
    pytest.param(b"x" * 100_000, b"20/*/*", id="100,000 bytes"),
    pytest.param(b"," * 1_000_000, b"20/*/*", id="a million commas"),
    pytest.param(b"x" * 3_000_000, b"20/*/*", id="3,000,000 bytes"),
    pytest.param(b"," * 16_384, b"4/0/*", id="16,384 commas"),
    pytest.param(b"\n", b"4/4/*", id="a line feed"),
    pytest.param(b"0,ann,*,*,*\r\n", b"4/5/*", id="CR and LF"),
    pytest.param(b"0,ann\n,*,*,*", b"4/5/*", id="LF inside"),
    pytest.param(b"{}", b"4/4/*", id="JSON"),
    pytest.param(b'{"a":1,"b":2,"c":3,"d":4,"e":5}', b"4/0/*", id="JSON with commas"),
    pytest.param(b"7,*,%s,*,*" % UNKNOWN_KEY, b"4/0/*", id="unknown symbol"),
    pytest.param(b"19,*,%s,*,*" % UNKNOWN_KEY, b"4/0/*", id="a symbol between the families"),
    pytest.param(b"-1,*,%s,*,*" % UNKNOWN_KEY, b"4/0/*", id="negative symbol"),
    pytest.param(b"6,a,%s,2,0" % UNKNOWN_KEY, b"4/1/*", id="player 2"),
    pytest.param(b"6,a,%s,0,%s" % (UNKNOWN_KEY, b"9" * 16_000), b"4/2/*", id="huge counter"),
    pytest.param(b"6,a,%s,0,1e5" % UNKNOWN_KEY, b"4/2/*", id="float"),
    pytest.param(b"6,a,%s,0,null" % UNKNOWN_KEY, b"4/2/*", id="null"),
    pytest.param(b"6,a,%s,0,999999999999999" % UNKNOWN_KEY, b"13/*/*", id="unknown game key"),
    pytest.param(b"6,a,%s,0,0" % (b"k" * 16_000), b"13/*/*", id="huge game key"),
    pytest.param("6,a,ключ,0,0".encode(), b"13/*/*", id="game key of another script"),
    pytest.param(b"5,*,%s,0,0" % UNKNOWN_KEY, b"13/*/*", id="quit of an unknown game"),
    pytest.param(b"0,ann,key,*,*", b"4/3/*", id="REGISTER with a key"),
    pytest.param(b"0,,*,*,*", b"6/*/*", id="empty name"),
    pytest.param(b"0,ann,*,,*", b"16/*/*", id="empty partner"),
    pytest.param(b"2,*,%s,*,*" % UNKNOWN_KEY, b"5/*/*", id="unknown pairing key"),
    pytest.param(b"2,*,%s,*,*" % (b"k" * 16_000), b"5/*/*", id="huge pairing key"),
    pytest.param(b"1,*,match:x\x00,*,*", b"5/*/*", id="control character in a key"),
]


@pytest.mark.parametrize(("body", "reply"), BAD_BODIES)
@pytest.mark.parametrize(
    "headers", [(), (b"prefer: wait=5",), (b"origin: https://games.example",)], ids=["", "waits", "origin"]
)
def test_a_bad_line_gets_its_error_with_status_400(
    port: int, body: bytes, reply: bytes, headers: tuple[bytes, ...]
) -> None:
    with RawConnection(port) as connection:
        answer = connection.ask(post(body, b"/", *headers))

        assert (answer.status, answer.body) == (400, reply)
        assert connection.ask(post(REGISTER)).status == 200


@pytest.mark.parametrize(
    ("raw", "reply"),
    [
        pytest.param(request(b"POST"), b"1/*/*", id="no length"),
        pytest.param(request(b"POST", b"/", b"content-length: 0"), b"2/*/*", id="length 0"),
        pytest.param(request(b"POST", b"/", b"transfer-encoding: chunked") + b"0\r\n\r\n", b"2/*/*", id="no chunks"),
        pytest.param(
            request(b"POST", b"/", b"transfer-encoding: chunked") + b"3\r\n7,*\r\n6\r\n,K,*,*\r\n0\r\n\r\n",
            b"4/0/*",
            id="two chunks",
        ),
        pytest.param(
            request(b"POST", b"/", b"transfer-encoding: chunked") + b"4001\r\n%s\r\n0\r\n\r\n" % (b"x" * 0x4001),
            b"20/*/*",
            id="a chunk of 16,385 bytes",
        ),
        pytest.param(post(b"0,", b"/", b"content-type: application/json"), b"4/4/*", id="application/json"),
        pytest.param(post(b"0,", b"/", b"content-type: \xff"), b"4/4/*", id="content type of no sense"),
        pytest.param(post(b"0,", b"/", *HTTP2), b"4/4/*", id="h2c"),
        pytest.param(post(b"0,", b"/", b"expect: 100-continue"), b"4/4/*", id="expect"),
    ],
)
def test_a_body_may_come_in_every_way_that_http_has(port: int, raw: bytes, reply: bytes) -> None:
    with RawConnection(port) as connection:
        answer = connection.ask(raw)

        assert (answer.status, answer.body) == (400, reply)
        assert connection.ask(post(REGISTER)).status == 200


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(request(b"POST", b"/", b"content-length: eleven") + REGISTER, id="length in words"),
        pytest.param(request(b"POST", b"/", b"content-length: -1") + REGISTER, id="negative length"),
        pytest.param(request(b"POST", b"/", b"content-length: +11") + REGISTER, id="length with a plus"),
        pytest.param(request(b"POST", b"/", b"content-length: 1_1") + REGISTER, id="length with an underscore"),
        pytest.param(request(b"POST", b"/", b"content-length: 11, 11") + REGISTER, id="two lengths in one"),
        pytest.param(request(b"POST", b"/", b"content-length: ") + REGISTER, id="empty length"),
        pytest.param(request(b"POST", b"/", b"content-length: " + b"9" * 40) + REGISTER, id="huge length"),
        pytest.param(post(REGISTER, b"/", b"content-length: 11"), id="the length twice"),
        pytest.param(post(REGISTER, b"/", b"transfer-encoding: chunked"), id="length and chunks"),
        pytest.param(request(b"POST", b"/", b"transfer-encoding: chunked") + b"xyz\r\n", id="bad chunk"),
        pytest.param(b"GARBAGE\r\n\r\n", id="garbage"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(50), id="TLS"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(b"POST / HTTP/3.0\r\n\r\n", id="HTTP/3"),
        pytest.param(b"post / HTTP/1.1\r\nhost: x\r\n\r\n", id="method in small letters"),
        pytest.param(b"POST\r\n\r\n", id="no path"),
        pytest.param(b"POST / HTTP/1.1\r\nno colon\r\n\r\n", id="header without a colon"),
        pytest.param(b"POST / HTTP/1.1\nhost: x\ncontent-length : 3\n\n0,a", id="space before the colon"),
        pytest.param(b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n", id="CONNECT"),
    ],
)
def test_what_is_no_http_is_answered_by_1_and_closed(port: int, raw: bytes) -> None:
    with RawConnection(port) as connection:
        answer = connection.ask(raw)

        assert (answer.status, answer.body) == (400, b"1/*/*")
        assert connection.is_closed()


def test_a_body_shorter_than_its_length_is_given_up(port: int) -> None:
    with RawConnection(port) as connection:
        connection.send(post(REGISTER)[:-1])

        answer = connection.answer()
        assert answer.body == b"1/*/*"
        assert connection.is_closed()


def test_a_body_that_trickles_in_is_given_up(port: int) -> None:
    started_s = time.monotonic()
    with RawConnection(port) as connection:
        connection.send(request(b"POST", b"/", b"transfer-encoding: chunked") + b"1\r\n0\r\n")

        assert connection.answer().body == b"1/*/*"
        assert time.monotonic() - started_s < 10


@pytest.mark.parametrize("start", [b"P", b"POST / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nhost: x\r\nx-header: "])
def test_a_request_head_that_never_ends_is_given_up(port: int, start: bytes) -> None:
    with RawConnection(port) as connection:
        answer = connection.send(start).answer()

        assert answer.body == b"1/*/*"
        assert connection.is_closed()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"POST /%s" % (b"x" * 40_000), id="path"),
        pytest.param(b"POST / HTTP/1.1\r\nx: %s" % (b"x" * 40_000), id="header"),
        pytest.param(b"POST / HTTP/1.1\r\n" + b"a: b\r\n" * 10_000, id="many headers"),
    ],
)
def test_a_request_head_that_is_too_long_is_refused(port: int, raw: bytes) -> None:
    with RawConnection(port) as connection:
        answer = connection.send(raw).answer()

        assert answer.body == b"1/*/*"


def test_a_client_that_closes_in_the_middle_leaves_nothing_behind(port: int) -> None:
    for end in range(1, len(post(REGISTER)), 7):
        with RawConnection(port) as connection:
            connection.send(post(REGISTER)[:end])


def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    lines = [b"0,ann,*,*,*", b"7,,,,", b"6,a,%s,0,0" % UNKNOWN_KEY, b"0,", b"0,bob,*,*,*"]
    with RawConnection(port) as connection:
        connection.send(b"".join(post(line) for line in lines))
        replies = [connection.answer().body for _ in lines]

    assert [reply[:4] for reply in replies] == [b"0/0/", b"4/0/", b"13/*", b"4/4/", b"0/0/"]


def test_pipelined_requests_keep_their_order_whichever_way_each_takes(port: int) -> None:
    raws = [post(b"0,"), request(b"GET", b"/a/b"), post(b"7,,,,"), post(b"0,", b"/", b"prefer: wait=1"), post(b"\xff")]
    with RawConnection(port) as connection:
        connection.send(b"".join(raws))
        replies = [connection.answer().body for _ in raws]

    assert replies == [b"4/4/*", b"40/*/*", b"4/0/*", b"4/4/*", b"2/*/*"]


def test_a_request_that_was_answered_is_not_forgotten_because_of_what_follows_it(port: int) -> None:
    with RawConnection(port) as connection:
        connection.send(post(REGISTER) + b"garbage\r\n\r\n")

        assert connection.answer().body.startswith(b"0/0/")
        assert connection.is_closed() or connection.answer().body == b"1/*/*"


def test_a_request_may_come_byte_by_byte(port: int) -> None:
    with RawConnection(port) as connection:
        for byte in post(REGISTER):
            connection.send(bytes([byte]))

        assert connection.answer().status == 200


@pytest.mark.parametrize("headers", [(b"connection: close",), (b"connection: close", b"prefer: wait=1")])
def test_a_connection_is_closed_when_the_client_wishes(port: int, headers: tuple[bytes, ...]) -> None:
    with RawConnection(port) as connection:
        answer = connection.ask(post(REGISTER, b"/", *headers))

        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert connection.is_closed()


def test_http_1_0_is_answered_and_closed(port: int) -> None:
    with RawConnection(port) as connection:
        answer = connection.ask(b"POST / HTTP/1.0\r\ncontent-length: 11\r\n\r\n" + REGISTER)

        assert answer.body.startswith(b"0/0/")
        assert connection.is_closed()


def test_a_client_that_expects_100_continue_gets_it(port: int) -> None:
    head, _, body = post(REGISTER, b"/", b"expect: 100-continue").partition(b"\r\n\r\n")
    with RawConnection(port) as connection:
        connection.send(head + b"\r\n\r\n")
        connection.send(body)

        assert connection.answer().body.startswith(b"0/0/")


@pytest.mark.parametrize("headers", [HTTP2, (b"connection: upgrade", b"upgrade: websocket")], ids=["h2c", "websocket"])
def test_an_upgrade_is_answered_as_plain_http(port: int, headers: tuple[bytes, ...]) -> None:
    with RawConnection(port) as connection:
        assert connection.ask(post(REGISTER, b"/", *headers)).body.startswith(b"0/0/")
        assert connection.ask(post(REGISTER, b"/", *headers)).body.startswith(b"0/0/")
        assert connection.ask(post(REGISTER)).body.startswith(b"0/0/")
        assert connection.ask(request(b"GET", b"/", *headers)).status == 200


def test_the_head_and_the_body_of_an_upgrade_may_come_apart(port: int) -> None:
    head, _, body = post(REGISTER, b"/", *HTTP2).partition(b"\r\n\r\n")
    with RawConnection(port) as connection:
        connection.send(head + b"\r\n\r\n")
        time.sleep(0.05)

        assert connection.send(body).answer().body.startswith(b"0/0/")
