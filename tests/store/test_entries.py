"""What the journal's rows hold."""

import msgspec
import pytest

from turnserver.store.entries import MOVE, Change, Move, changed


def test_a_change_that_is_made_quickly_is_read_like_any_other() -> None:
    made = changed("match:1", {"0": ("seat", 2)}, {"from0": (b"a", b"b")}, {"from1": 3})

    read = msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Change[list[str | int]])

    assert read == Change("match:1", {"0": ["seat", 2]}, {"from0": [b"a", b"b"]}, {"from1": 3}, None, [], ends=False)


@pytest.mark.parametrize(
    ("items", "upto", "append", "release"),
    [([b"a", b"b"], 3, {"from0": [b"a", b"b"]}, {"from1": 3}), ([], 0, {}, {}), ([b""], 0, {"from0": [b""]}, {})],
)
def test_a_move_is_a_change_in_short(
    items: list[bytes], upto: int, append: dict[str, list[bytes]], release: dict[str, int]
) -> None:
    made = (MOVE, "match:1", "0", ("seat", 2), "from0", items, "from1", upto)

    read = msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Move[list[str | int]])

    assert read.change == Change("match:1", {"0": ["seat", 2]}, append, release, None, (), ends=False)
