"""Finding packets among a room's items."""

from turnserver.domain.rooms.documents import Room
from turnserver.messages.items import Packet
from turnserver.partition import View
from turnserver.wire.items import generation, parse_item


def offset_of(view: View, wanted: int) -> int:
    """The offset of the packet of a generation, or of the end of the items if it is not out.

    Packets come in order and every generation has one, so the search starts as far behind the beginning as there are
    generations before it; what has to be passed over are the few other items.
    """
    room: Room = view.value("room")
    assert room.began is not None
    stream = view.stream("items")
    first = room.began + wanted - 1
    if first >= stream.next:
        return stream.next
    for offset, item in enumerate(stream.after(first), first):
        if generation(item) == wanted:
            return offset
    return stream.next


def packet_of(view: View, wanted: int) -> Packet:
    """The packet of a generation that is out."""
    stream = view.stream("items")
    packet = parse_item(stream.after(offset_of(view, wanted))[0].decode())
    assert isinstance(packet, Packet)
    return packet
