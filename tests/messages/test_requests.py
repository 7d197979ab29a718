from typing import get_args

from turnserver.messages.requests import Request
from turnserver.protocol.symbols import Symbol


def test_every_symbol_has_its_request() -> None:
    kinds = sorted(kind.__name__.upper() for kind in get_args(Request))

    assert kinds == sorted(symbol.name.replace("_", "") for symbol in Symbol)
