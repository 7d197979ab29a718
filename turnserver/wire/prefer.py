"""How long a client is willing to wait: `Prefer: wait=20` (RFC 7240), or `?wait=20`, which wins.

Source: docs/protocol.md, "Waiting".
"""

import re

from turnserver.wire.numbers import number

_PREFERENCE = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?([^\s,;\"]*)\"?", re.IGNORECASE)


def wait_s(prefer: str, query: str, *, wait_s_max: float) -> float:
    """Seconds to hold an answer, 0 to `wait_s_max`; a bad or missing value is 0.

    Args:
        prefer: The `Prefer` header's value, or "".
        query: The URL's query string without `?`, or "".
        wait_s_max: The longest hold that the server grants.
    """
    asked = [value for name, _, value in (pair.partition("=") for pair in query.split("&")) if name == "wait"]
    if not asked and prefer:
        asked = _PREFERENCE.findall(prefer)
    seconds = number(asked[0]) if asked else None
    return min(seconds or 0, wait_s_max)
