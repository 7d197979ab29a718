"""Where a server listens, and where in it a game title lives."""

from typing import NamedTuple
from urllib.parse import quote, urlsplit

from turnserver.wire.paths import text_path


class Address(NamedTuple):
    """The parts of a server's URL, with the title as the end of its path."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """The whole URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


_PORTS = {"http": 80, "https": 443}


def address(url: str, *, title: str = "") -> Address:
    """Where to post to.

    Args:
        url: The server, for example `http://127.0.0.1:8192`; a path in it comes before the title.
        title: The game title whose players belong together; "" is the default one.

    Raises:
        ValueError: It is no URL of a server, or no title.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"not a server's URL (such as http://127.0.0.1:8192): {url!r}")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"a server's URL has no query, fragment or user: {url!r}")
    place = text_path("/" + title)
    if place is None or place.is_batch:
        raise ValueError(f"not a game title (1 to 32 letters, digits, - and _): {title!r}")
    path = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~") + "/" + title
    return Address(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme], path)
