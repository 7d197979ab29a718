from tests.domain.rooms.room_views import seat, view
from turnserver.messages.items import Item, Lagging, Moved, Packet
from turnserver.partition import EMPTY, View
from turnserver.service.rooms.packets import offset_of, packet_of
from turnserver.wire.items import item_text


def packet(generation: int) -> Packet:
    return Packet(generation, None, None, None, "", (f"{generation}",))


ITEMS: list[Item] = [
    *(Moved("setup"), Moved("running"), packet(1), packet(2), Lagging(0, 1), Lagging(0, 2)),
    *(packet(3), Moved("running/paused"), Moved("running"), packet(4), packet(5), Lagging(0, 1)),
]
ROOM = View(view(seat(), began=2).documents, {"items": EMPTY.appended([item_text(item) for item in ITEMS])}, 0, 0)


def test_a_packet_is_found_among_the_other_items() -> None:
    assert [packet_of(ROOM, generation) for generation in range(1, 6)] == [packet(one) for one in range(1, 6)]
    assert [offset_of(ROOM, generation) for generation in range(1, 6)] == [2, 3, 6, 9, 10]


def test_a_packet_that_is_not_out_is_at_the_end() -> None:
    assert offset_of(ROOM, 6) == len(ITEMS)
    assert offset_of(ROOM, 1000) == len(ITEMS)
