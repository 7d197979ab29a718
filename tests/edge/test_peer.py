import pytest

from turnserver.edge.peer import UNKNOWN, address_of, proxies_of

PROXIES = frozenset(("127.0.0.1", "10.0.0.1"))


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", [b"198.51.100.7"], "192.0.2.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", [b"192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", [b"198.51.100.7, 192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", [b"198.51.100.7", b"192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", [b"192.0.2.1, 10.0.0.1"], "192.0.2.1"),
        ("127.0.0.1", [b"10.0.0.1"], "10.0.0.1"),
        ("127.0.0.1", [b"192.0.2.1, nonsense"], "127.0.0.1"),
        ("127.0.0.1", [b"2001:DB8::1"], "2001:db8::1"),
        ("127.0.0.1", [b"\xff"], "127.0.0.1"),
        (None, [b"192.0.2.1"], UNKNOWN),
    ],
)
def test_only_a_trusted_proxy_is_believed(client: str | None, forwarded: list[bytes], address: str) -> None:
    headers = [(b"host", b"example.org"), *((b"x-forwarded-for", value) for value in forwarded)]

    assert address_of(client, headers, proxies=PROXIES) == address


@pytest.mark.parametrize(("setting", "proxies"), [("", set()), ("127.0.0.1, ::1,", {"127.0.0.1", "::1"})])
def test_a_setting_lists_proxies(setting: str, proxies: set[str]) -> None:
    assert proxies_of(setting) == proxies
