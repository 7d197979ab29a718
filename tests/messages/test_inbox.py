from typing import get_args

import pytest

from turnserver.messages.cursor import Cursor
from turnserver.messages.inbox import InboxRequest, Mail
from turnserver.protocol.symbols import Symbol

INBOX = [symbol for symbol in Symbol if 50 <= int(symbol.value) < 60]


def test_there_is_one_kind_of_request_for_each_symbol_in_its_order() -> None:
    names = [kind.__name__.upper() for kind in get_args(InboxRequest)]

    assert names == [symbol.name.replace("_", "") for symbol in INBOX]


def test_every_kind_of_request_says_what_it_is_for() -> None:
    assert all(symbol.name in (kind.__doc__ or "") for symbol, kind in zip(INBOX, get_args(InboxRequest), strict=True))


def test_a_message_never_changes() -> None:
    mail = Mail(Cursor("ep", 0), "note", "ann", "1")

    with pytest.raises(AttributeError):
        mail.data = "2"  # type: ignore[misc]  # what must be impossible
