"""A game as steps to perform, against the real rules: every text exactly once, in order, both ways."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.client.test_meeting import meet_together
from tests.client.world import World, heard, missed, perform, scripted
from turnserver.client.errors import GameClosed, GameUnknown, NotDelivered, PartnerLeft, ProtocolError, Unreachable
from turnserver.client.exchange import Heard, Missed, Post, Steps
from turnserver.client.meeting import Meeting
from turnserver.client.pairing import wish
from turnserver.client.playing import UNSENT_MAX, Playing
from turnserver.client.seat import Seat
from turnserver.client.timing import Timing
from turnserver.protocol.limits import Limits

TIMING = Timing(pause_first_s=0.1, rest_s=0.25)
SMALL = Limits(buffer_bytes_max=24)
TINY = Limits(buffer_bytes_max=8)


def two_players(world: World) -> tuple[Playing, Playing]:
    paired = meet_together(world.post, *(Meeting(wish(name, None), TIMING) for name in ("ann", "bob")))
    ann, bob = (Playing(one.seat, TIMING) for one in paired)
    return ann, bob


def alone(*lines: str | Missed) -> tuple[Playing, list[Post], list[Heard | Missed]]:
    outcomes = [heard(line) if isinstance(line, str) else line for line in lines]
    return Playing(Seat(key="KEY", player=0), TIMING), [], outcomes


def test_what_one_sends_the_other_receives() -> None:
    world = World()
    ann, bob = two_players(world)
    for text in ("hi", "50 %, or | more;\r\n", "😀"):
        world.perform(ann.send(text))

    world.perform(bob.poll(0))

    assert bob.take() == ["hi", "50 %, or | more;\r\n", "😀"]
    assert bob.take() == []


def test_a_reply_to_a_send_brings_texts_too() -> None:
    world = World()
    ann, bob = two_players(world)
    world.perform(ann.send("hi"))

    world.perform(bob.send("hello"))

    assert bob.has_texts
    assert bob.take_one() == "hi"
    assert bob.take_one() is None


def test_two_full_buffers_empty_themselves() -> None:
    world = World(SMALL)
    ann, bob = two_players(world)
    for player in (ann, bob):
        world.perform(player.send("x" * 24))
    anns, bobs = ann.send("second"), bob.send("2nd")
    posts = {anns: next(anns), bobs: next(bobs)}

    while posts:
        for steps in tuple(posts):
            try:
                posts[steps] = steps.send(world.post(posts[steps]))
            except StopIteration:
                del posts[steps]
    world.perform(ann.poll(0))
    world.perform(bob.poll(0))

    assert (ann.take(), bob.take()) == (["x" * 24, "2nd"], ["x" * 24, "second"])


def test_a_refused_update_of_which_a_late_copy_finds_room_arrives_once() -> None:
    world = World(SMALL)
    ann, bob = two_players(world)
    world.perform(ann.send("x" * 24))
    steps = ann.send("second")
    copy = next(steps)
    room = steps.send(world.post(copy))
    for _ in range(2):
        world.perform(bob.poll(0))
    world.post(copy)

    perform(steps, world.post, outcome=world.post(room))
    world.perform(bob.poll(0))

    assert bob.take() == ["x" * 24, "second"]


def test_a_full_buffer_is_tried_again_after_growing_pauses_up_to_a_rest() -> None:
    ann, posts, outcomes = alone("0/10/*", *["21/*/*", "0/10/*"] * 4, "0/10/*")
    perform(ann.send("first"), scripted(outcomes[:1]))

    perform(ann.send("second"), scripted(outcomes[1:], posts))

    assert [post.pause_s for post in posts] == [0, 0, 0, 0.1, 0, 0.2, 0, 0.25, 0]


def test_what_a_failed_send_left_is_sent_once_by_whatever_comes_next() -> None:
    world = World()
    ann, bob = two_players(world)
    impatient = Playing(ann._seat, Timing(give_up_s=1))
    with pytest.raises(Unreachable):
        perform(impatient.send("hi"), scripted([missed(took_s=9)]))

    world.perform(impatient.send("again"))
    world.perform(bob.poll(0))

    assert bob.take() == ["hi", "again"]


def test_what_was_handed_in_while_a_poll_was_given_up_is_sent_once_and_in_order() -> None:
    world = World()
    ann, bob = two_players(world)
    impatient = Playing(ann._seat, Timing(give_up_s=1))
    for steps in (impatient.poll(0), impatient.send("hi"), impatient.send("again")):
        with pytest.raises(Unreachable):
            perform(steps, scripted([missed(took_s=9)]))

    world.perform(impatient.poll(0))
    world.perform(bob.poll(0))

    assert bob.take() == ["hi", "again"]


def test_a_poll_that_settles_what_is_in_line_brings_at_once_what_came_with_it() -> None:
    ann, posts, outcomes = alone("0/10/*", "0/9/hello")
    ann.send("hi").close()
    ann.send("again").close()

    perform(ann.poll(20), scripted(outcomes, posts))

    assert ann.take() == ["hello"]
    assert [post.wait_s for post in posts] == [0, 0]


def test_what_was_handed_in_is_sent_by_whoever_comes_next_also_if_nothing_was_posted_for_it() -> None:
    world = World()
    ann, bob = two_players(world)
    ann.send("hi").close()

    world.perform(ann.send("again"))
    world.perform(bob.poll(0))

    assert bob.take() == ["hi", "again"]


def test_more_than_so_many_texts_do_not_stand_in_line() -> None:
    ann, _, _ = alone()
    for _ in range(UNSENT_MAX):
        ann.send("x")

    with pytest.raises(NotDelivered, match="in line already"):
        ann.send("x")


def test_however_many_replies_are_lost_in_a_row_the_partner_is_not_taken_for_silent() -> None:
    world = World()
    ann, bob = two_players(world)
    lost = 0

    def unlucky(post: Post) -> Heard | Missed:
        nonlocal lost
        reply, lost = world.post(post), lost + 1
        return missed() if lost <= 100 else reply

    perform(ann.send("hi"), unlucky)
    world.perform(bob.poll(0))

    assert bob.take() == ["hi"]


def test_a_poll_settles_what_a_failed_send_left() -> None:
    world = World()
    ann, bob = two_players(world)
    steps = ann.send("hi")
    world.post(next(steps))
    steps.close()

    world.perform(ann.poll(0))
    world.perform(bob.poll(0))

    assert bob.take() == ["hi"]


def test_a_text_that_cannot_be_sent_changes_nothing() -> None:
    ann, posts, outcomes = alone()

    with pytest.raises(ValueError, match="empty"):
        perform(ann.send(""), scripted(outcomes, posts))

    assert posts == []


def test_polls_that_the_server_does_not_hold_rest_in_between() -> None:
    ann, posts, outcomes = alone("0/10/*", "0/10/*", "0/9/x", "0/10/*")

    for _ in range(4):
        perform(ann.poll(15), scripted(outcomes[len(posts) :], posts))

    assert [post.pause_s for post in posts] == [0, 0.25, 0.25, 0]


def test_a_server_that_asks_to_come_back_later_is_heeded() -> None:
    ann, posts, _ = alone()
    later = heard("0/10/*", retry_after_s=3)

    for _ in range(2):
        perform(ann.poll(15), scripted([later], posts))

    assert [post.pause_s for post in posts] == [0, 3]


def test_what_the_partner_sent_before_it_left_is_received_first() -> None:
    world = World()
    ann, bob = two_players(world)
    world.perform(ann.send("bye"))
    world.perform(ann.quit())

    world.perform(bob.poll(0))
    with pytest.raises(PartnerLeft):
        world.perform(bob.poll(0))

    assert bob.take() == ["bye"]


def test_after_the_end_nothing_is_posted_any_more() -> None:
    world = World()
    ann, bob = two_players(world)
    world.perform(ann.quit())
    with pytest.raises(PartnerLeft):
        world.perform(bob.poll(0))
    count = len(world.lines)

    for player, end in ((ann, GameClosed), (bob, PartnerLeft)):
        world.perform(player.quit())
        with pytest.raises(end):
            world.perform(player.send("hi"))
        with pytest.raises(end):
            world.perform(player.poll(0))

    assert len(world.lines) == count


def test_a_game_that_the_server_forgot_is_over() -> None:
    ann, _, outcomes = alone("13/*/*")

    with pytest.raises(GameUnknown):
        perform(ann.poll(0), scripted(outcomes))


@pytest.mark.parametrize("line", ["0/12/*", "15/*/*", "13/*/*", "14/*/*"])
def test_a_game_that_is_over_anyway_is_left_in_peace(line: str) -> None:
    ann, posts, outcomes = alone(missed(), line)

    perform(ann.quit(), scripted(outcomes, posts))

    assert [post.line for post in posts] == [b"5,*,KEY,0,0.0"] * 2


def test_a_strange_answer_to_a_goodbye_is_an_error() -> None:
    ann, _, outcomes = alone("18/*/*")

    with pytest.raises(ProtocolError, match="GAME_QUIT"):
        perform(ann.quit(), scripted(outcomes))


class TwoPlayersAndABadNetwork(RuleBasedStateMachine):
    """Requests and replies are lost, come late, come again: at any moment, in any order."""

    @initialize()
    def begin(self) -> None:
        self.world = World(TINY)
        self.playing = two_players(self.world)
        self.steps: list[Steps[None] | None] = [None, None]
        self.posts: list[Post] = [Post(b"")] * 2
        self.sent: tuple[list[str], list[str]] = ([], [])
        self.received: tuple[list[str], list[str]] = ([], [])
        self.world.lines.clear()

    @rule(who=st.integers(0, 1), text=st.sampled_from(["a", "b,", "%", "öö", "|c", "abcdefgh"]))
    def send(self, who: int, text: str) -> None:
        if self.steps[who] is None:
            self.sent[who].append(text)
            self._start(who, self.playing[who].send(text))

    @rule(who=st.integers(0, 1))
    def poll(self, who: int) -> None:
        if self.steps[who] is None:
            self._start(who, self.playing[who].poll(0))

    @rule(who=st.integers(0, 1))
    def all_goes_well(self, who: int) -> None:
        if self.steps[who] is not None:
            self._go_on(who, self.world.post(self.posts[who]))

    @precondition(lambda self: self.steps == [None, None])
    @rule(who=st.integers(0, 1))
    def one_fills_the_buffer(self, who: int) -> None:
        self.send(who, "abcdefgh")
        self.all_goes_well(who)

    @rule(who=st.integers(0, 1))
    def one_hears_and_acknowledges_all(self, who: int) -> None:
        for _ in range(4):
            self.poll(who)
            self.all_goes_well(who)

    @rule(who=st.integers(0, 1))
    def the_request_is_lost(self, who: int) -> None:
        if self.steps[who] is not None:
            self.world.lines.append(self.posts[who].line)  # and may come late
            self._go_on(who, missed())

    @rule(who=st.integers(0, 1))
    def the_reply_is_lost(self, who: int) -> None:
        if self.steps[who] is not None:
            self.world.post(self.posts[who])
            self._go_on(who, missed())

    @precondition(lambda self: self.world.lines)
    @rule(age=st.integers(0, 4))
    def an_old_request_comes_again(self, age: int) -> None:
        lines = self.world.lines
        self.world.post(Post(lines[-1 - min(age, len(lines) - 1)]))

    @invariant()
    def what_was_received_is_what_was_sent_from_the_beginning_on(self) -> None:
        for who, other in ((0, 1), (1, 0)):
            self.received[who].extend(self.playing[who].take())
            assert self.received[who] == self.sent[other][: len(self.received[who])]

    def teardown(self) -> None:
        """Let the network be good again: all that was sent arrives."""
        for _ in range(500):
            if self.received == (self.sent[1], self.sent[0]) and self.steps == [None, None]:
                return
            for who in (0, 1):
                self.poll(who)
                self.all_goes_well(who)
            self.what_was_received_is_what_was_sent_from_the_beginning_on()
        raise AssertionError("something never arrived")

    def _start(self, who: int, steps: Steps[None]) -> None:
        self.steps[who] = steps
        self.posts[who] = next(steps)

    def _go_on(self, who: int, outcome: Heard | Missed) -> None:
        steps = self.steps[who]
        assert steps is not None
        try:
            self.posts[who] = steps.send(outcome)
        except StopIteration:
            self.steps[who] = None


TestTwoPlayersAndABadNetwork = TwoPlayersAndABadNetwork.TestCase
TestTwoPlayersAndABadNetwork.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
