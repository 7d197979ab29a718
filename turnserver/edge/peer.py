"""A client's address: its connection's, or what a trusted proxy says of it.

Source: docs/accounts.md, "Behind a proxy"
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address

UNKNOWN = "-"
"""The address of a client whose connection has none."""


def address_of(client: str | None, headers: Iterable[tuple[bytes, bytes]], *, proxies: frozenset[str]) -> str:
    """The address that a request comes from.

    Args:
        client: The address at the other end of the connection.
        headers: The request's; names in lower case. Of `X-Forwarded-For` the last address counts that is no proxy of
            ours: what stands before it anybody can write.
        proxies: The addresses whose `X-Forwarded-For` is believed.
    """
    if client is None or client not in proxies:
        return client or UNKNOWN
    found = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1").split(",")
    nearest = client
    for text in reversed(found):
        try:
            nearest = str(ip_address(text.strip()))
        except ValueError:
            return nearest
        if nearest not in proxies:
            return nearest
    return nearest


@lru_cache
def proxies_of(setting: str) -> frozenset[str]:
    """The addresses in a list joined by commas."""
    return frozenset(text.strip() for text in setting.split(",") if text.strip())
