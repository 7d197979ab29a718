"""Paths and methods: what is served where, and what is said elsewhere."""

import pytest

from tests.edge.conftest import RunningGame
from tests.raw_http import RawConnection, post, request

REGISTER = b"0,ann,*,*,*"


@pytest.fixture(autouse=True)
def _nothing_changes(running: RunningGame) -> None:
    """A game runs on through all of this."""


def test_get_answers_the_seconds_of_the_latest_post(connection: RawConnection) -> None:
    connection.ask(post(REGISTER))
    answer = connection.ask(request(b"GET"))

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert 0 < float(answer.body) < 1


def test_a_browser_gets_a_page(connection: RawConnection) -> None:
    answer = connection.ask(request(b"GET", b"/", b"accept: text/html,application/xhtml+xml,*/*;q=0.8"))

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.body.startswith(b"<!doctype html>")
    assert b"{seconds}" not in answer.body


@pytest.mark.parametrize("accept", [b"*/*", b"text/plain", b"application/json", b"", b"\xff"])
def test_who_does_not_ask_for_html_gets_plain_text(connection: RawConnection, accept: bytes) -> None:
    answer = connection.ask(request(b"GET", b"/?anything", b"accept: " + accept))

    assert float(answer.body) >= 0


def test_head_is_get_without_the_body(connection: RawConnection) -> None:
    answer = connection.ask(request(b"HEAD"))

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == "8"
    assert connection.ask(post(REGISTER)).status == 200


@pytest.mark.parametrize("path", [b"/", b"/chess", b"/batch", b"/chess/batch"])
@pytest.mark.parametrize("method", [b"PUT", b"DELETE", b"PATCH", b"TRACE", b"PROPFIND"])
def test_41_for_a_method_that_is_not_served(connection: RawConnection, method: bytes, path: bytes) -> None:
    answer = connection.ask(request(method, path))

    assert (answer.status, answer.body) == (405, b"41/*/*")
    assert answer.headers["allow"] == ("GET, HEAD, OPTIONS, POST" if path == b"/" else "OPTIONS, POST")


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
@pytest.mark.parametrize("path", [b"/chess", b"/batch"])
def test_41_for_reading_where_only_posts_are_served(connection: RawConnection, method: bytes, path: bytes) -> None:
    assert connection.ask(request(method, path)).status == 405


def test_a_method_that_is_not_served_may_have_a_body(connection: RawConnection) -> None:
    assert connection.ask(post(REGISTER).replace(b"POST", b"PUT")).body == b"41/*/*"
    assert connection.ask(post(b"x" * 200_000).replace(b"POST", b"PUT")).body == b"41/*/*"
    assert connection.ask(post(REGISTER)).status == 200


UNKNOWN_PATHS = [
    pytest.param(path, id=repr(path)[2:-1][:40])
    for path in [
        *(b"/a/b", b"/chess/", b"//", b"/batch/", b"/batch/batch", b"/.", b"/..", b"/chess/batch/x"),
        *(b"/admin", b"/login", b"/stats", b"/docs", b"/admin/batch", b"/favicon.ico"),
        *(b"/" + b"x" * 33, b"/" + b"x" * 10_000, b"/a%20b", b"/%C3%A9", b"/%FF", b"/%00"),
        *(b"/chess%3Fwait=1", b"/chess%23x", b"/chess%2Fbatch%2F", b"/%", b"/%zz", b"/chess;a", b"/a+b", b"/a%0Ab"),
    ]
]


@pytest.mark.parametrize("path", UNKNOWN_PATHS)
@pytest.mark.parametrize("method", [b"POST", b"GET", b"PUT", b"OPTIONS", b"HEAD"])
def test_40_for_an_unknown_path(connection: RawConnection, method: bytes, path: bytes) -> None:
    raw = post(REGISTER, path) if method == b"POST" else request(method, path)
    answer = connection.ask(raw)

    assert (answer.status, answer.body) == (404, b"" if method == b"HEAD" else b"40/*/*")


@pytest.mark.parametrize("path", [b"/\xc3\xa9", b"/\xff", b"/chess?\xff"])
def test_a_path_that_is_not_ascii_is_no_http(connection: RawConnection, path: bytes) -> None:
    answer = connection.ask(post(REGISTER, path))

    assert (answer.status, answer.body) == (400, b"1/*/*")


@pytest.mark.parametrize("path", [b"/%63hess", b"/chess%2Fbatch", b"/chess?", b"/chess?x=%00", b"http://x/chess"])
def test_a_path_may_be_spelled_in_every_way_that_http_has(connection: RawConnection, path: bytes) -> None:
    assert connection.ask(post(REGISTER, path)).body.startswith(b"0/0/")


@pytest.mark.parametrize("target", [b"http://x", b"*", b"?wait=1", b"x", b"http://[/"])
@pytest.mark.parametrize("method", [b"GET", b"POST", b"OPTIONS"])
def test_a_target_that_is_no_path_gets_a_documented_error(
    connection: RawConnection, method: bytes, target: bytes
) -> None:
    answer = connection.ask(request(method, target, b"content-length: 0"))

    assert (answer.status, answer.body) in {(400, b"1/*/*"), (404, b"40/*/*"), (400, b"2/*/*")}


@pytest.mark.parametrize("host", [b"[", b"", b"a b", b"\xff", b"x" * 1000, b"[::1]:99999999", b"a/b?c#d"])
@pytest.mark.parametrize("method", [b"GET", b"PUT", b"POST"])
def test_the_host_header_makes_no_difference(connection: RawConnection, method: bytes, host: bytes) -> None:
    raw = b"%s /chess HTTP/1.1\r\nhost: %s\r\ncontent-length: 0\r\n\r\n" % (method, host)
    answer = connection.ask(raw)

    assert answer.body == (b"2/*/*" if method == b"POST" else b"41/*/*")


class TestOtherOrigins:
    """Games on pages of other origins may play: nothing here rides on cookies."""

    ORIGIN = b"origin: https://games.example"

    @pytest.mark.parametrize("path", [b"/", b"/chess", b"/batch", b"/chess/batch"])
    def test_a_preflight_allows_posts(self, connection: RawConnection, path: bytes) -> None:
        wishes = (b"access-control-request-method: POST", b"access-control-request-headers: content-type")
        answer = connection.ask(request(b"OPTIONS", path, self.ORIGIN, *wishes))

        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-allow-methods"] == "POST"
        assert answer.headers["access-control-allow-headers"] == "content-type, prefer"

    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param(post(REGISTER, b"/", ORIGIN), id="success"),
            pytest.param(post(REGISTER, b"/", ORIGIN, b"prefer: wait=1"), id="success, may wait"),
            pytest.param(post(b"", b"/", ORIGIN), id="error"),
            pytest.param(post(REGISTER, b"/batch", ORIGIN), id="batch"),
            pytest.param(post(REGISTER, b"/a/b", ORIGIN), id="unknown path"),
            pytest.param(request(b"PUT", b"/", ORIGIN), id="wrong method"),
            pytest.param(request(b"GET", b"/", ORIGIN), id="seconds"),
        ],
    )
    def test_every_reply_may_be_read(self, connection: RawConnection, raw: bytes) -> None:
        assert connection.ask(raw).headers["access-control-allow-origin"] == "*"

    def test_who_names_no_origin_is_not_bothered(self, connection: RawConnection) -> None:
        assert "access-control-allow-origin" not in connection.ask(post(REGISTER)).headers


@pytest.mark.parametrize("raw", [request(b"PUT"), post(REGISTER, b"/a/b")], ids=["wrong method", "unknown path"])
def test_errors_of_paths_and_methods_carry_no_needless_headers_either(connection: RawConnection, raw: bytes) -> None:
    assert set(connection.ask(raw).headers) <= {"content-length", "allow"}
