"""Pairing as steps to perform, against the real rules."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.world import World, heard, missed, perform, scripted
from turnserver.client.errors import NoPartner, Unreachable, WantedPartnerDropped
from turnserver.client.exchange import Heard, Missed, Post, Steps
from turnserver.client.meeting import Meeting
from turnserver.client.pairing import Paired, Role, wish
from turnserver.client.timing import Timing

TIMING = Timing(hold_s=15, rest_s=0.25)


def meeting(name: str = "ann", partner: str | None = None) -> Meeting:
    return Meeting(wish(name, partner), TIMING)


def meet_together(
    worlds_post: Callable[[Post], Heard | Missed], *meetings: Meeting, turns_max: int = 1000
) -> list[Paired]:
    """What all of them find, taking turns at posting."""
    steps: list[Steps[Paired]] = [one.meet(pair_s=None) for one in meetings]
    posts = [next(one) for one in steps]
    found: dict[int, Paired] = {}
    for turn in range(turns_max):
        index = turn % len(steps)
        if index not in found:
            try:
                posts[index] = steps[index].send(worlds_post(posts[index]))
            except StopIteration as end:
                found[index] = end.value
        if len(found) == len(steps):
            return [found[one] for one in sorted(found)]
    raise AssertionError("they never met")


def test_two_who_want_anyone_meet() -> None:
    ann, bob = meet_together(World().post, meeting("ann"), meeting("bob"))

    assert (ann.partner, bob.partner) == ("bob", "ann")
    assert {ann.role, bob.role} == {Role.SERVER, Role.CLIENT}
    assert {ann.seat.player, bob.seat.player} == {0, 1}
    assert ann.seat.key != bob.seat.key


def test_those_who_name_each_other_meet_past_others() -> None:
    wishes = (("ann", "cleo"), ("bob", None), ("cleo", "ann"), ("dan", None))

    found = meet_together(World().post, *(meeting(*names) for names in wishes))

    assert [paired.partner for paired in found] == ["cleo", "dan", "ann", "bob"]


@given(st.data())
def test_whatever_is_lost_or_comes_late_two_players_meet(data: st.DataObject) -> None:
    world = World()
    faults = iter(data.draw(st.lists(st.sampled_from(["request", "reply", "late", "none"]), max_size=40)))

    def network(post: Post) -> Heard | Missed:
        fault = next(faults, "none")
        if fault == "request":
            return missed()
        if fault == "late" and world.lines:
            world.post(Post(data.draw(st.sampled_from(world.lines))))
        reply = world.post(post)
        return missed() if fault == "reply" else reply

    ann, bob = meet_together(network, meeting("ann", "bob"), meeting("bob", "ann"))

    assert (ann.partner, bob.partner) == ("bob", "ann")
    assert ann.seat.player != bob.seat.player


def test_who_waits_for_a_partner_lets_the_server_hold_the_question() -> None:
    posts: list[Post] = []
    held = [heard("0/0/KEY"), heard("0/2/*", took_s=15), heard("0/3/bob"), heard("0/5/"), heard("0/7/*", took_s=15)]

    perform(meeting().meet(pair_s=None), scripted([*held, heard("0/8/GAME|0")], posts))

    assert [(post.line[:1], post.wait_s, post.pause_s) for post in posts] == [
        (b"0", 0, 0),
        (b"2", 15, 0),
        (b"2", 15, 0),
        (b"3", 0, 0),
        (b"4", 15, 0),
        (b"4", 15, 0),
    ]


@pytest.mark.parametrize(
    ("reply", "pause_s"),
    [(heard("0/2/*"), 0.25), (heard("0/2/*", retry_after_s=2), 2), (heard("0/2/*", took_s=0.25), 0)],
)
def test_a_server_that_does_not_hold_is_asked_again_after_a_rest(reply: Heard, pause_s: float) -> None:
    posts: list[Post] = []
    replies = [heard("0/0/KEY"), reply, heard("0/3/bob"), heard("0/5/"), heard("0/8/GAME|0")]

    perform(meeting().meet(pair_s=None), scripted(replies, posts))

    assert posts[2] == Post(b"2,*,KEY,*,*", 15, pause_s)


def test_a_search_ends_after_the_time_that_was_given() -> None:
    posts: list[Post] = []
    replies = [heard("0/0/KEY", took_s=1), heard("0/2/*", took_s=15), heard("0/2/*", took_s=4)]

    with pytest.raises(NoPartner, match="within 20 s"):
        perform(meeting().meet(pair_s=20), scripted(replies, posts))

    assert [post.wait_s for post in posts] == [0, 15, 4]


def test_a_mistyped_address_is_noticed_soon_and_a_server_that_restarts_is_waited_for() -> None:
    silence = [missed(took_s=1)] * 10

    with pytest.raises(Unreachable):
        perform(meeting().meet(pair_s=None), scripted(silence[:4]))
    paired = perform(
        meeting().meet(pair_s=None),
        scripted([heard("0/0/KEY"), *silence, heard("0/3/bob"), heard("0/5/"), heard("0/8/GAME|0")]),
    )

    assert paired.partner == "bob"


@pytest.mark.parametrize("pair_s", [0, 1])
def test_who_gives_up_ends_the_registration(pair_s: float) -> None:
    world, ann = World(), meeting("ann", "bob")
    with pytest.raises(NoPartner):
        world.perform(ann.meet(pair_s=pair_s))

    world.perform(ann.leave())

    assert world.lines[-1].startswith(b"1,*,")


def test_who_never_registered_has_nothing_to_end() -> None:
    world = World()

    world.perform(meeting().leave())

    assert world.lines == []


def test_the_wanted_partner_who_drops_is_reported() -> None:
    world = World()
    bob = meeting("bob", "ann")
    loading = [b"0", b"2", b"2", b"3"]

    def network(post: Post) -> Heard:
        """Play bob up to MAP_INIT beside ann, then let him leave."""
        if loading and loading.pop(0) == b"3":
            world.perform(bob.leave())
        elif loading:
            bobs.append(steps.send(world.post(bobs[-1])))
        return world.post(post)

    steps = bob.meet(pair_s=None)
    bobs = [next(steps)]

    with pytest.raises(WantedPartnerDropped):
        perform(meeting("ann", "bob").meet(pair_s=None), network)
