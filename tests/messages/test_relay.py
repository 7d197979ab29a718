from typing import get_args

import pytest

from turnserver.messages.relay import GameUpdate, RelayRequest
from turnserver.protocol.symbols import Symbol

RELAY = [symbol for symbol in Symbol if int(symbol.value) < 20]


def test_there_is_one_kind_of_request_for_each_symbol_in_its_order() -> None:
    names = [kind.__name__.upper() for kind in get_args(RelayRequest)]

    assert names == [symbol.name.replace("_", "") for symbol in RELAY]


def test_a_request_never_changes() -> None:
    request = GameUpdate("k", 0, 0, None, b"move")

    with pytest.raises(AttributeError):
        request.counter = 1  # type: ignore[misc]  # what must be impossible


def test_every_kind_of_request_says_what_it_is_for() -> None:
    assert all(symbol.name in (kind.__doc__ or "") for symbol, kind in zip(RELAY, get_args(RelayRequest), strict=True))
