import msgspec

from turnserver.store.images import Image

IMAGE = Image("room:1", {"a": (3, "one")}, {"s": (2, [b"x", b"\x00"])}, 60_000, ["by:1"])


def test_an_image_is_the_same_after_it_was_written_and_read() -> None:
    packed = msgspec.msgpack.encode(IMAGE)

    assert msgspec.msgpack.decode(packed, type=Image[str | int]) == IMAGE
