"""Who acts, for the audit.

Source: docs/accounts.md, "What is stored".
"""

from typing import NamedTuple

COMMAND_LINE = "command line"
"""Who acts by a command where the server runs."""

SERVER = "*"
"""The server itself."""


class Actor(NamedTuple):
    """Who acts, from where, and when: `account NAME`, `operator NAME`, `COMMAND_LINE` or `SERVER`."""

    name: str
    address: str
    at_ms: int
    """Unix milliseconds."""
