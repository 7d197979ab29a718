import msgspec

from turnserver.store.images import Image, as_written, fill, image_of
from turnserver.store.memory import Partition

IMAGE = Image("room:1", {"a": (3, "one")}, {"s": (2, [b"x", b"\x00"])}, 60_000, ["by:1"])


def test_an_image_is_the_same_after_it_was_written_and_read() -> None:
    packed = msgspec.msgpack.encode(IMAGE)

    assert msgspec.msgpack.decode(packed, type=Image[str | int]) == IMAGE


def test_what_is_written_of_a_partition_is_its_image() -> None:
    partition = Partition("room:1")
    fill(partition, IMAGE)
    partition.ttl_ms, partition.aliases = IMAGE.ttl_ms, tuple(IMAGE.aliases)

    written = msgspec.msgpack.encode(as_written(partition))

    assert written == msgspec.msgpack.encode(image_of(partition))
    assert msgspec.msgpack.decode(written, type=Image[str | int]) == IMAGE
