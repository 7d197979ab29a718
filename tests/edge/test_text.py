"""POSTs of text: headers, waiting, titles and batches, over real HTTP."""

import time
import uuid

import pytest

from tests.edge.conftest import RunningGame
from tests.raw_http import Answer, RawConnection, post

UNKNOWN_KEY = b"AAAAAAAAAAAAAAAA"


@pytest.fixture(autouse=True)
def _nothing_changes(running: RunningGame) -> None:
    """A game runs on through all of this."""


def registered(connection: RawConnection, name: bytes = b"ann", path: bytes = b"/") -> bytes:
    return connection.ask(post(b"0,%s,*,*,*" % name, path)).body.removeprefix(b"0/0/")


def new_title() -> bytes:
    """The path of a title in which nobody is."""
    return b"/" + uuid.uuid4().hex.encode()


def play(connection: RawConnection, path: bytes) -> list[bytes]:
    """The game keys and seats of two players who have just begun, `KEY,PLAYER`."""
    keys = [registered(connection, name, path) for name in (b"ann", b"bob")]
    for symbol in (b"2", b"2", b"3", b"4"):
        for key in keys:
            answer = connection.ask(post(b"%s,*,%s,*,*" % (symbol, key)))
    seated = [connection.ask(post(b"4,*,%s,*,*" % key)).body for key in keys]
    assert answer.status == 200
    return [reply.removeprefix(b"0/8/").replace(b"|", b",") for reply in seated]


class TestHeaders:
    def test_a_reply_carries_its_length_and_nothing_else(self, connection: RawConnection) -> None:
        answer = connection.ask(post(b"0,ann,*,*,*"))

        assert answer.head == b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n"

    def test_an_error_carries_its_length_and_nothing_else(self, connection: RawConnection) -> None:
        answer = connection.ask(post(b"6,,%s,0,0" % UNKNOWN_KEY))

        assert answer.head == b"HTTP/1.1 400 Bad Request\r\ncontent-length: 6\r\n\r\n"

    def test_the_way_of_waiting_requests_adds_none(self, connection: RawConnection) -> None:
        answer = connection.ask(post(b"0,ann,*,*,*", b"/?wait=5"))

        assert answer.head == b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n"

    @pytest.mark.parametrize("headers", [(), (b"prefer: wait=1",)], ids=["", "waits"])
    def test_the_type_is_told_only_where_the_body_is_not_plain_ascii(
        self, connection: RawConnection, headers: tuple[bytes, ...]
    ) -> None:
        path = b"/headers-%d" % len(headers)
        first, second = registered(connection, "é".encode(), path), registered(connection, b"bob", path)
        connection.ask(post(b"2,*,%s,*,*" % first))

        answer = connection.ask(post(b"2,*,%s,*,*" % second, b"/", *headers))
        assert answer.body == "0/3/é".encode()
        assert set(answer.headers.items()) == {("content-length", "6"), ("content-type", "text/plain; charset=utf-8")}
        assert set(connection.ask(post(b"2,*,%s,*,*" % first)).headers) == {"content-length"}

    def test_an_empty_poll_costs_at_most_115_bytes_both_ways_together(self, connection: RawConnection) -> None:
        seated, _ = play(connection, b"/bytes")
        raw = b"POST / HTTP/1.1\r\nhost:\r\ncontent-length:24\r\n\r\n6,,%s,99" % seated
        for counter in range(99):
            connection.ask(post(b"6,,%s,%d" % (seated, counter)))

        answer = connection.ask(raw)
        assert answer.body == b"0/10/*"
        assert len(raw) + len(answer.head) + len(answer.body) <= 115


class TestWaiting:
    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            pytest.param(b"/?wait=1", (), id="query"),
            pytest.param(b"/", (b"prefer: wait=1",), id="header"),
            pytest.param(b"/", (b"Prefer: respond-async, WAIT=1; x",), id="among other preferences"),
            pytest.param(b"/", (b"prefer: respond-async", b"prefer: wait=1"), id="in a second header"),
            pytest.param(b"/", (b"prefer: wait=1", b"prefer: respond-async"), id="in the first of two headers"),
            pytest.param(b"/?wait=1", (b"prefer: wait=20",), id="the query wins"),
            pytest.param(b"/chess?wait=1", (), id="any path"),
        ],
    )
    def test_a_poll_waits_as_long_as_its_client_is_willing_to(
        self, connection: RawConnection, path: bytes, headers: tuple[bytes, ...]
    ) -> None:
        key = registered(connection, path=new_title())

        answer, seconds = timed(connection, post(b"2,*,%s,*,*" % key, path, *headers))
        assert answer.body == b"0/2/*"
        assert 0.9 < seconds < 3

    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            pytest.param(b"/", (b"prefer: wait=-1",), id="negative"),
            pytest.param(b"/", (b"prefer: wait=soon",), id="a word"),
            pytest.param(b"/", (b"prefer: wait",), id="no value"),
            pytest.param(b"/", (b"prefer: \xff=\xff",), id="not ASCII"),
            pytest.param(b"/?wait=", (), id="empty"),
            pytest.param(b"/?wait=1.5", (), id="float"),
            pytest.param(b"/?wait=01", (), id="another spelling"),
            pytest.param(b"/?wait=%31", (), id="encoded"),
            pytest.param(b"/?wait=x", (b"prefer: wait=5",), id="a bad query wins too"),
            pytest.param(b"/?wait=" + b"9" * 16, (), id="too many digits"),
            pytest.param(b"/?WAIT=5", (), id="another name"),
            pytest.param(b"/?wait=0", (), id="zero"),
        ],
    )
    def test_a_bad_or_missing_value_is_0(
        self, connection: RawConnection, path: bytes, headers: tuple[bytes, ...]
    ) -> None:
        key = registered(connection, path=new_title())

        answer, seconds = timed(connection, post(b"2,*,%s,*,*" % key, path, *headers))
        assert answer.body == b"0/2/*"
        assert seconds < 0.9

    def test_a_held_poll_is_answered_when_there_is_something_to_say(self, port: int) -> None:
        with RawConnection(port) as first, RawConnection(port) as second:
            ann, bob = play(first, b"/held")
            first.send(post(b"6,,%s,0" % ann, b"/?wait=20"))
            second.ask(post(b"6,hello,%s,0" % bob))

            assert first.answer().body == b"0/9/hello"

    def test_who_gives_up_a_held_poll_may_ask_again(self, port: int) -> None:
        with RawConnection(port) as first, RawConnection(port) as second:
            ann, bob = play(first, b"/given-up")
            first.send(post(b"6,,%s,0" % ann, b"/?wait=20"))
            second.ask(post(b"7,", b"/?wait=1"))
            first.__exit__(None, None, None)
            second.ask(post(b"6,hello,%s,0" % bob))

            assert second.ask(post(b"6,,%s,0" % ann)).body == b"0/11/hello"


def timed(connection: RawConnection, raw: bytes) -> tuple[Answer, float]:
    started_s = time.monotonic()
    return connection.ask(raw), time.monotonic() - started_s


class TestBatches:
    def test_each_line_gets_its_reply_in_order(self, connection: RawConnection) -> None:
        lines = [b"0,ann,*,*,*", b"7,,,,", b"\xff", b"", b"0,x", b"6,a,%s,0,0" % UNKNOWN_KEY, b"0,a\r,*,*,*"]
        answer = connection.ask(post(b"\n".join(lines), b"/batch"))

        replies = answer.body.split(b"\n")
        assert answer.status == 200
        assert replies[0].startswith(b"0/0/")
        assert replies[1:] == [b"4/0/*", b"2/*/*", b"2/*/*", b"4/4/*", b"13/*/*", b"4/5/*"]

    def test_a_line_sees_what_the_lines_before_it_did(self, connection: RawConnection) -> None:
        key, other = (registered(connection, name, b"/lines") for name in (b"ann", b"bob"))
        lines = [b"%s,*,%s,*,*" % line for line in ((b"2", key), (b"2", other), (b"3", other), (b"1", key))]

        answer = connection.ask(post(b"\n".join(lines), b"/batch"))
        assert answer.body == b"0/2/*\n0/3/ann\n0/5/\n0/1/*"

    def test_one_line_feed_at_the_end_is_ignored(self, connection: RawConnection) -> None:
        assert connection.ask(post(b"7,,,,\n7,,,,\n", b"/batch")).body == b"4/0/*\n4/0/*"
        assert connection.ask(post(b"7,,,,\n\n", b"/batch")).body == b"4/0/*\n2/*/*"

    def test_a_batch_of_a_title_registers_there(self, connection: RawConnection) -> None:
        replies = connection.ask(post(b"0,ann,*,*,*\n0,bob,*,*,*", b"/batched/batch")).body.split(b"\n")
        first, second = (reply.removeprefix(b"0/0/") for reply in replies)
        third = registered(connection, b"cleo", b"/batched")

        assert connection.ask(post(b"2,*,%s,*,*" % first)).body == b"0/2/*"
        assert connection.ask(post(b"2,*,%s,*,*" % third)).body == b"0/3/ann"
        assert connection.ask(post(b"2,*,%s,*,*" % second)).body == b"0/2/*"

    def test_100_lines_of_16384_bytes_are_a_batch(self, connection: RawConnection) -> None:
        line = b"7,%s,,," % (b"x" * (16_384 - 5))
        answer = connection.ask(post(b"\n".join([line] * 100) + b"\n", b"/batch"))

        assert (answer.status, answer.body) == (200, b"\n".join([b"4/0/*"] * 100))

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b"\n".join([b"0,ann,*,*,*"] * 101), id="101 lines"),
            pytest.param(b"0,ann,*,*,*\n" * 10_000, id="10,000 lines"),
            pytest.param(b"0,ann,*,*,*\n" + b"x" * 16_385, id="a line of 16,385 bytes"),
            pytest.param(b"0,ann,*,*,*\n" + b"," * 1_000_000, id="a line of a million commas"),
            pytest.param(b"\n" * 200, id="nothing but line feeds"),
            pytest.param(b"x" * 3_000_000, id="3,000,000 bytes"),
        ],
    )
    @pytest.mark.parametrize("path", [b"/batch", b"/chess/batch", b"/batch?wait=1"])
    def test_too_much_is_one_error_and_nothing_is_done(
        self, connection: RawConnection, body: bytes, path: bytes
    ) -> None:
        answer = connection.ask(post(body, path))

        assert (answer.status, answer.body) == (413, b"42/*/*")
        assert connection.ask(post(b"7,,,,")).body == b"4/0/*"

    def test_an_empty_batch_is_no_batch(self, connection: RawConnection) -> None:
        answer = connection.ask(post(b"", b"/batch"))

        assert (answer.status, answer.body) == (400, b"2/*/*")

    def test_nothing_waits_inside_a_batch(self, connection: RawConnection) -> None:
        line = b"2,*,%s,*,*" % registered(connection, path=b"/no-waits")

        answer, seconds = timed(connection, post(line + b"\n" + line, b"/batch?wait=20", b"prefer: wait=20"))
        assert answer.body == b"0/2/*\n0/2/*"
        assert seconds < 5
