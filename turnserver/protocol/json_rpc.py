"""The error codes of JSON-RPC itself; the errors of actions have the numbers of `answers`.

Source: JSON-RPC 2.0, "Error object".
"""

from typing import NamedTuple


class Code(NamedTuple):
    """One row: number and words."""

    number: int
    words: str


PARSE_ERROR = Code(-32700, "Parse error")
INVALID_REQUEST = Code(-32600, "Invalid Request")
METHOD_NOT_FOUND = Code(-32601, "Method not found")
INVALID_PARAMS = Code(-32602, "Invalid params")
INTERNAL_ERROR = Code(-32603, "Internal error")

TABLE = (PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR)
"""All of them."""
