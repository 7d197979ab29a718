from typing import get_args

import pytest

from turnserver.messages.items import Item, Packet
from turnserver.wire.items import item_text

LETTERS = "jlcrstdg"


def test_every_kind_of_item_says_which_letter_it_is() -> None:
    assert [(kind.__doc__ or "")[:4] for kind in get_args(Item)] == [f"`{letter}`:" for letter in LETTERS]


def test_a_packet_never_changes() -> None:
    packet = Packet(1, None, None, None, "", ("up",))

    assert item_text(packet).startswith(b"t:1;")
    with pytest.raises(AttributeError):
        packet.commands = ()  # type: ignore[misc]  # what must be impossible
