"""What the journal's rows hold."""

import msgspec

from turnserver.store.entries import Change, changed


def test_a_change_that_is_made_quickly_is_read_like_any_other() -> None:
    made = changed("match:1", {"0": ("seat", 2)}, {"from0": (b"a", b"b")}, {"from1": 3})

    read = msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Change[list[str | int]])

    assert read == Change("match:1", {"0": ["seat", 2]}, {"from0": [b"a", b"b"]}, {"from1": 3}, None, [], ends=False)
