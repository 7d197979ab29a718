"""A place in a room, against the real rules: each action once, each item once."""

import pytest

from tests.client.room_game import QUICK, members, visitors
from tests.client.world import World, heard, missed, perform, scripted
from turnserver.client.errors import ProtocolError, RoomEnded, Unreachable, WrongState
from turnserver.client.exchange import Heard, Missed, Post
from turnserver.client.visiting import Visiting
from turnserver.messages.items import Configured, Joined, Moved, Readied


def test_an_action_brings_what_is_new_and_each_item_once() -> None:
    world = World()
    ann, bob = (Visiting(one, QUICK) for one in members(world, 2))
    world.perform(ann.configure({"map": "lake"}))
    world.perform(bob.poll(0))
    world.perform(bob.poll(0))

    assert ann.take() == [Joined(1, "p1"), Configured('{"map":"lake"}')]
    assert bob.take() == [Configured('{"map":"lake"}')]
    assert not bob.has_items


def test_an_action_whose_reply_was_lost_is_done_once() -> None:
    world = World()
    ann, _ = (Visiting(one, QUICK) for one in members(world, 2))
    count = [0]

    def network(post: Post) -> Heard | Missed:
        answer = world.post(post)
        count[0] += 1
        return answer if count[0] % 2 == 0 else missed()

    perform(ann.configure({"count": 1}), network)
    perform(ann.ready(is_ready=True), network)

    assert ann.take() == [Joined(1, "p1"), Configured('{"count":1}'), Readied(0, is_ready=True)]


def test_an_action_that_nobody_answered_is_done_once_when_it_is_asked_for_again() -> None:
    world = World()
    (ann,) = (Visiting(one, QUICK) for one in members(world, 1))

    def network(post: Post) -> Missed:
        world.post(post)
        return missed(took_s=1_000)

    with pytest.raises(Unreachable):
        perform(ann.configure({"map": "lake"}), network)
    world.perform(ann.configure({"map": "lake"}))

    assert ann.take() == [Configured('{"map":"lake"}')]


def test_readiness_counts_for_a_configuration_that_was_read() -> None:
    world = World()
    ann, bob = (Visiting(one, QUICK) for one in members(world, 2))
    world.perform(ann.configure({"map": "lake"}))
    world.perform(bob.ready(is_ready=True))

    assert (bob.member.setup.config, bob.is_settled) == ({"map": "lake"}, True)
    world.perform(bob.ready(is_ready=False))
    assert not bob.is_settled


def test_readiness_whose_reply_was_lost_while_the_game_began_is_no_error() -> None:
    world = World()
    ann, bob = (Visiting(one, QUICK) for one in members(world, 2))
    steps = ann.ready(is_ready=True)
    world.post(next(steps))
    world.perform(bob.ready(is_ready=True))
    perform(steps, world.post, outcome=missed())

    assert ann.member.state == bob.member.state == "running"


def test_events_move_the_room_and_those_it_does_not_take_are_refused() -> None:
    world = World()
    ann, bob = visitors(world, 2)
    world.perform(ann.event("pause"))
    world.perform(bob.poll(0))

    assert bob.take() == [Moved("running/paused")]
    with pytest.raises(WrongState):
        world.perform(ann.event("pause"))


def test_who_has_left_asks_for_nothing_any_more() -> None:
    world = World()
    ann, _ = (Visiting(one, QUICK) for one in members(world, 2))
    world.perform(ann.leave())
    count = len(world.lines)
    world.perform(ann.leave())

    with pytest.raises(RoomEnded):
        world.perform(ann.poll(0))
    assert len(world.lines) == count


def test_polls_that_the_server_does_not_hold_rest_in_between() -> None:
    (member,) = members(World(), 1)
    posts: list[Post] = []
    visiting = Visiting(member, QUICK)
    for line in ("0/10/*", "0/26/xYB|s:running", "0/10/*"):
        perform(visiting.poll(15), scripted([heard(line)], posts))

    assert [post.pause_s for post in posts] == [0, QUICK.rest_s, 0]


@pytest.mark.parametrize("line", ["0/13/xYB|s:running", "0/26/xYB|?", "0/28/*", "39/*/*"])
def test_an_answer_that_makes_no_sense_is_said_to(line: str) -> None:
    (member,) = members(World(), 1)
    with pytest.raises(ProtocolError):
        perform(Visiting(member, QUICK).poll(0), scripted([heard(line)]))
