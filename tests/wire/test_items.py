import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.messages.items import Configured, Diverged, Item, Joined, Lagging, Left, Moved, Packet, Readied
from turnserver.wire.items import generation, item_text, parse_item

PACKET = Packet(7, None, None, None, "", ("a", "", None))


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (Joined(2, "a%b"), "j:2;a%25b"),
        (Left(0, "silent"), "l:0;silent"),
        (Configured('{"a":"x;y|z"}'), 'c:{"a":"x%3By%7Cz"}'),
        (Readied(1, is_ready=True), "r:1;1"),
        (Readied(1, is_ready=False), "r:1;0"),
        (Moved("running/paused"), "s:running/paused"),
        (PACKET, "t:7;;;;;a;;-"),
        (Packet(1, 12, 200, 0, "f;0", ("-",)), "t:1;12;200;0;f%3B0;%2D"),
        (Diverged(9, (), ((0, "a"), (1, "b=c")), ()), "d:9;disputed;0=a;1=b=c"),
        (Diverged(9, (2, 4), ((0, "u=1"), (2, "u=2")), ("u", "v")), "d:9;2,4;0=u=1;2=u=2;parts=u&v"),
        (Lagging(3, 1500), "g:3;1500"),
    ],
)
def test_each_kind_of_item_has_its_text(item: Item, text: str) -> None:
    assert item_text(item) == text.encode()
    assert parse_item(text) == item


@given(st.lists(st.none() | st.text(), min_size=1), st.text())
def test_any_commands_come_back_and_stay_on_one_line(commands: list[str | None], report: str) -> None:
    packet = Packet(1, None, None, 1, report, tuple(commands))
    text = item_text(packet).decode()

    assert parse_item(text) == packet
    assert not set("|\r\n").intersection(text)


def test_the_generation_of_a_packet_is_read_without_the_rest() -> None:
    assert generation(item_text(PACKET)) == 7
    assert generation(item_text(Lagging(3, 1500))) is None


@pytest.mark.parametrize("text", ["", "x:1", "t", "j:1", "j:x;a", "<html>"])
def test_what_is_no_item_is_told_apart(text: str) -> None:
    with pytest.raises(ValueError, match="not an item of a room"):
        parse_item(text)
