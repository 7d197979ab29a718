"""Where a client posts to."""

import pytest

from turnserver.client.address import Address, address


@pytest.mark.parametrize(
    ("url", "title", "found"),
    [
        ("http://127.0.0.1:8192", "", Address("http", "127.0.0.1", 8192, "/")),
        ("http://127.0.0.1:8192/", "chess", Address("http", "127.0.0.1", 8192, "/chess")),
        ("http://example.org", "", Address("http", "example.org", 80, "/")),
        ("https://example.org/games/turn", "chess", Address("https", "example.org", 443, "/games/turn/chess")),
        ("http://[::1]:8192", "", Address("http", "::1", 8192, "/")),
        ("http://example.org/a b", "", Address("http", "example.org", 80, "/a%20b/")),
    ],
)
def test_a_title_is_the_end_of_the_servers_path(url: str, title: str, found: Address) -> None:
    assert address(url, title=title) == found


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8192", "ftp://example.org", "http://", "http://h?q", "http://h#f", "http://u:p@h", "http://h:x"],
)
def test_what_is_no_servers_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|[Pp]ort"):
        address(url)


@pytest.mark.parametrize("title", ["batch", "a/b", "chess/batch", "?", "x" * 33, "admin"])
def test_what_is_no_title_is_refused(title: str) -> None:
    with pytest.raises(ValueError, match="not a game title"):
        address("http://127.0.0.1", title=title)


def test_an_address_is_a_url_again() -> None:
    assert address("http://[::1]:8192/x", title="chess").url == "http://[::1]:8192/x/chess"
