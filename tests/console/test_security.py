import pytest

from turnserver.console.security import COOKIE, HEADERS, cookie, is_https, is_ours, token_of


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"origin": "http://game.example", "host": "game.example"}, True),
        ({"origin": "https://game.example:8443", "host": "game.example:8443"}, True),
        ({"origin": "https://game.example", "host": "game.example", "sec-fetch-site": "same-origin"}, True),
        ({"host": "game.example"}, False),
        ({"origin": "null", "host": "game.example"}, False),
        ({"origin": "http://", "host": ""}, False),
        ({"origin": "http://game.example"}, False),
        ({"origin": "http://evil.example", "host": "game.example"}, False),
        ({"origin": "http://game.example.evil.example", "host": "game.example"}, False),
        ({"origin": "http://game.example:81", "host": "game.example"}, False),
        ({"origin": "ftp://game.example", "host": "game.example"}, False),
        ({"origin": "http://[", "host": "game.example"}, False),
        ({"origin": "http://game.example", "host": "game.example", "sec-fetch-site": "same-site"}, False),
        ({"origin": "http://game.example", "host": "game.example", "sec-fetch-site": "cross-site"}, False),
        ({"origin": "http://game.example", "host": "game.example", "sec-fetch-site": "none"}, False),
    ],
)
def test_a_change_is_ours_if_the_browser_says_so(headers: dict[str, str], *, ours: bool) -> None:
    assert is_ours(headers) is ours


def test_the_browser_says_whether_it_came_over_https() -> None:
    assert is_https({"origin": "https://game.example"})
    assert not is_https({"origin": "http://game.example"})
    assert not is_https({})


def test_the_cookie_is_for_no_script_and_no_other_site() -> None:
    assert cookie("t", path="/console", is_https=False) == f"{COOKIE}=t; Path=/console; HttpOnly; SameSite=Strict"
    assert cookie("t", path="/console", is_https=True).endswith("; SameSite=Strict; Secure")
    assert cookie("", path="/console", is_https=True).endswith("; Max-Age=0")


@pytest.mark.parametrize(
    ("header", "token"),
    [(f"{COOKIE}=abc", "abc"), (f"a=b; {COOKIE}=abc; c=d", "abc"), ("", ""), ("a=b", ""), ("\0;=;é", "")],
)
def test_the_token_is_what_the_cookie_holds(header: str, token: str) -> None:
    assert token_of({"cookie": header}) == token


def test_nothing_but_our_own_style_and_pictures_is_let_in() -> None:
    policy = HEADERS["content-security-policy"]

    assert "script" not in policy
    assert "unsafe" not in policy
    assert {part.split()[0]: part.split()[1:] for part in policy.split("; ")} == {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
