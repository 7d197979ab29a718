from typing import get_args

import pytest

from turnserver.messages.chat import ChatLine, ChatRequest
from turnserver.protocol.symbols import Symbol

CHAT = [symbol for symbol in Symbol if 40 <= int(symbol.value) < 50]


def test_there_is_one_kind_of_request_for_each_symbol_in_its_order() -> None:
    names = [kind.__name__.upper() for kind in get_args(ChatRequest)]

    assert names == [symbol.name.replace("_", "") for symbol in CHAT]


def test_every_kind_of_request_says_what_it_is_for() -> None:
    assert all(symbol.name in (kind.__doc__ or "") for symbol, kind in zip(CHAT, get_args(ChatRequest), strict=True))


def test_a_line_never_changes() -> None:
    line = ChatLine("ann", 0, "hello")

    with pytest.raises(AttributeError):
        line.text = "other"  # type: ignore[misc]  # what must be impossible
