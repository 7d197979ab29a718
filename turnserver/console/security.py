"""What keeps strangers and other sites out: where a change comes from, the cookie, and the headers of every answer.

A change is believed only if the browser says that it comes from a page of this very server. Browsers send `Origin` with
every POST and scripts cannot forge it; a proxy in front has to hand on `Host` as the browser sent it.

Source: docs/console.md, "What keeps it safe".
"""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""The headers of every answer of the console. No script runs there, ours included."""

COOKIE = "turnserver_console"
"""The cookie that holds the token of an operator's session."""


def is_ours(headers: Mapping[str, str]) -> bool:
    """True for a change that a page of this server asks for, by `Origin`, `Host` and `Sec-Fetch-Site`.

    Args:
        headers: The request's, with names in lower case. Old browsers leave out `Sec-Fetch-Site`, none `Origin`.
    """
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    host = headers.get("host", "")
    return bool(host) and headers.get("origin") in (f"http://{host}", f"https://{host}")


def is_https(headers: Mapping[str, str]) -> bool:
    """True where the browser came over HTTPS, as it says itself: a proxy may have ended that on the way."""
    return headers.get("origin", "").startswith("https://")


def token_of(headers: Mapping[str, str]) -> str:
    """The token that the cookie holds; empty where there is none."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value


def cookie(token: str, *, path: str, is_https: bool) -> str:
    """The `Set-Cookie` header for a token: for no script, no other site and, over HTTPS, no other way.

    It ends with the browser's session; the server ends the session itself. An empty token takes the cookie away.
    """
    ends = "" if token else "; Max-Age=0"
    return f"{COOKIE}={token}; Path={path}; HttpOnly; SameSite=Strict{'; Secure' if is_https else ''}{ends}"
