"""What a member knows of its room follows the items."""

from dataclasses import replace

import pytest

from tests.client.room_game import members
from tests.client.world import World
from turnserver.client.membership import Membership, membership, seated
from turnserver.messages.cursor import Cursor
from turnserver.messages.items import Configured, Item, Joined, Lagging, Left, Moved, Packet, Readied
from turnserver.messages.rooms import Seated

END = Cursor("xY", 9)


def member(*items: Item, state: str = "setup") -> Membership:
    """The second member of a room for three, after some items."""
    found = members(World(), config={"map": "hills"})[1]
    return replace(found, state=state).after(END, items)


def test_the_header_tells_how_the_room_is() -> None:
    found = members(World(), config={"map": "hills"})[1]

    assert (found.seat, found.state, found.is_setup, found.is_over) == (1, "setup", True, False)
    assert (found.setup.engine, found.setup.seed, found.setup.config) == ("toy 1", "7", {"map": "hills"})
    assert (found.setup.members, found.lookahead, found.turn_ms) == (("p0", "p1"), 2, 1)


def test_a_member_has_a_name_and_a_viewer_has_none() -> None:
    assert member().name == "p1"
    assert replace(member(), seat=None).name is None


def test_members_come_and_go() -> None:
    assert member(Joined(2, "cleo"), Left(0, "left")).setup.members == (None, "p1", "cleo")


def test_who_leaves_a_running_game_is_remembered() -> None:
    assert member(Left(0, "left"), state="running").setup.members == ("p0", "p1")


def test_a_change_of_the_configuration_takes_readiness_back() -> None:
    ready = member(Readied(0, is_ready=True), Readied(1, is_ready=True), Readied(0, is_ready=False))
    changed = ready.after(END, [Configured('{"map":"lake"}')])

    assert ready.ready == {1}
    assert (changed.ready, changed.setup.config) == (frozenset(), {"map": "lake"})


def test_a_seat_is_live_until_it_leaves() -> None:
    assert member(Left(0, "left")).is_live
    assert not member(Left(1, "silent"), state="running").is_live


def test_packets_and_the_end_are_noted() -> None:
    found = member(Packet(7, None, None, None, "", ()), Lagging(0, 1_000), Moved("ended/left"))

    assert (found.newest, found.is_over, found.cursor) == (7, True, END)


def test_a_room_that_had_ended_before_is_over_once_nothing_is_new() -> None:
    found = member(state="ended/expired")

    assert not found.is_over
    assert found.at_the_end().is_over
    assert not member().at_the_end().is_over


def test_a_header_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="missing"):
        membership(Seated("room", "key", 0, END, "{}"))


def test_seats_are_filled_in_any_order() -> None:
    assert seated(("ann",), 2, "cleo") == ("ann", None, "cleo")
