"""A reply line, `status/code/body`, as a client reads it.

Source: docs/protocol.md, "Replies".
"""

from turnserver.messages.reply import Reply
from turnserver.protocol.answers import BY_PREFIX


def parse(line: bytes) -> Reply:
    """The reply that `line` spells.

    Raises:
        ValueError: It is no reply of this protocol (a proxy's page, for example), or none that this version knows.
    """
    status, slash, rest = line.partition(b"/")
    code, second_slash, body = rest.partition(b"/")
    answer = BY_PREFIX.get(f"{status.decode('ascii', 'replace')}/{code.decode('ascii', 'replace')}")
    if not (slash and second_slash) or answer is None:
        raise ValueError(f"not a reply of this protocol: {line[:80]!r}")
    return Reply(answer, body)
