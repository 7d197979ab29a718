"""Chat by the server's own rules, whatever the network loses."""

import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.client.room_game import QUICK, members, seating
from tests.client.world import World, heard, missed, perform, scripted
from turnserver.client.chatting import LINES_MAX, Chatting, checked_channel, checked_text
from turnserver.client.errors import (
    NoRight,
    NotAllowed,
    NotDelivered,
    ProtocolError,
    ServerFull,
    TooManyRequests,
    Unreachable,
)
from turnserver.client.exchange import Heard, Missed, Post, Steps
from turnserver.protocol.limits import Limits

TALKATIVE = Limits(chat_lines_max=1_000)
EMPTY = heard("0/41/longerEpA")


def guest(world: World) -> str:
    """The token of a new guest."""
    return world.perform(seating().open())


def chatting(world: World, channel: str = "lobby") -> Chatting:
    """A new guest in a lobby channel."""
    return Chatting(guest(world), channel, QUICK)


def read(world: World, one: Chatting) -> list[str]:
    """What is new, as texts."""
    if not one.has_news:
        world.perform(one.poll(0))
    return [line.text for line in one.take()]


def cut_off(_post: Post) -> Missed:
    return missed(took_s=100)


def test_everybody_reads_the_same_lines_in_order_ones_own_among_them() -> None:
    world = World()
    ann, bob = chatting(world), chatting(world)
    world.perform(ann.say("hi, all"))
    world.perform(bob.say("50 %; |"))
    world.perform(ann.say("*"))

    assert read(world, ann) == ["hi, all", "50 %; |", "*"]
    assert read(world, bob) == ["hi, all", "50 %; |"]
    assert read(world, bob) == ["*"]
    assert read(world, ann) == read(world, bob) == []
    assert len(world.perform(ann.people())) == 2


def test_channels_are_apart_and_a_room_has_its_own() -> None:
    world = World()
    one, other = chatting(world, "chess"), chatting(world, "go")
    world.perform(one.say("e4"))
    assert read(world, other) == []

    ann, bob = (Chatting(member.key, "room", QUICK) for member in members(world, 2))
    world.perform(ann.say("ready?"))
    assert read(world, bob) == ["ready?"]
    assert world.perform(bob.people()) == ["p0", "p1"]


def test_the_same_text_again_is_another_line() -> None:
    world = World()
    ann = chatting(world)
    for _ in range(3):
        world.perform(ann.say("hi"))

    assert read(world, ann) == ["hi"] * 3


def test_a_first_line_whose_reply_was_lost_is_said_once() -> None:
    world = World()
    ann, posts = chatting(world), list[Post]()

    def network(post: Post) -> Heard | Missed:
        posts.append(post)
        answer = world.post(post)
        return missed() if len(posts) == 2 else answer

    perform(ann.say("hi"), network)

    assert [post.line[:3] for post in posts] == [b"41,", b"40,", b"40,"]
    assert read(world, chatting(world)) == ["hi"]


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_line_that_was_given_up_stays_first_in_line(*, is_stored: bool) -> None:
    world = World()
    ann, bob = chatting(world), chatting(world)
    read(world, ann)

    with pytest.raises(Unreachable):
        perform(ann.say("one"), world.silent(is_stored=is_stored))
    with pytest.raises(Unreachable):
        perform(ann.poll(0), cut_off)
    world.perform(bob.say("two"))
    world.perform(ann.say("three"))

    assert read(world, chatting(world)) == (["one", "two", "three"] if is_stored else ["two", "one", "three"])
    assert read(world, ann) == (["one", "two", "three"] if is_stored else ["two", "one", "three"])


def test_lines_that_were_given_up_are_said_in_the_order_in_which_they_came() -> None:
    world = World()
    ann = chatting(world)
    for text in ("one", "two", "three"):
        with pytest.raises(Unreachable):
            perform(ann.say(text), cut_off)
    world.perform(ann.poll(0))

    assert [line.text for line in ann.take()] == ["one", "two", "three"]


def test_no_more_lines_are_taken_than_can_be_in_line() -> None:
    ann = Chatting("KEY", "lobby", QUICK)
    for number in range(LINES_MAX):
        with pytest.raises(Unreachable):
            perform(ann.say(f"{number}"), cut_off)

    for _ in range(2):
        with pytest.raises(NotDelivered, match="in line already"):
            perform(ann.say("one too many"), cut_off)
    assert len(ann._lines) == LINES_MAX


def test_a_line_that_is_full_is_settled_first_when_the_server_is_back() -> None:
    world = World(TALKATIVE)
    ann = chatting(world)
    said = [f"{number}" for number in range(LINES_MAX)]
    for text in said:
        with pytest.raises(Unreachable):
            perform(ann.say(text), cut_off)

    world.perform(ann.say("and one"))
    assert read(world, chatting(world)) == [*said, "and one"]


def test_a_refusal_where_the_line_is_full_makes_room_for_the_next_call() -> None:
    ann = Chatting("KEY", "lobby", QUICK)
    for number in range(LINES_MAX):
        ann.say(f"{number}")

    with pytest.raises(NotDelivered, match="muted"):
        perform(ann.say("one too many"), scripted([EMPTY, heard("31/*/muted", http=403)]))
    assert len(ann._lines) == LINES_MAX - 1


def test_what_was_handed_in_stands_in_line_also_if_nothing_was_posted_for_it() -> None:
    world = World()
    ann = chatting(world)
    ann.say("one").close()
    ann.say("two")
    world.perform(ann.say("three"))

    assert read(world, ann) == ["one", "two", "three"]


def test_a_line_that_another_call_has_settled_is_not_said_again_and_its_refusal_is_told_to_both() -> None:
    world = World()
    ann = chatting(world)
    one, two = ann.say("one"), ann.say("two")
    world.perform(two)
    world.perform(one)
    assert read(world, ann) == ["one", "two"]

    one, two = ann.say("one"), ann.say("two")
    with pytest.raises(NotDelivered, match="muted"):
        perform(two, scripted([heard("31/*/muted", http=403)]))
    with pytest.raises(NotAllowed, match="muted"):
        perform(one, scripted([]))


def test_a_refusal_takes_no_line_out_but_ones_own() -> None:
    world = World()
    ann = chatting(world)
    read(world, ann)
    ann.say("one")
    two, three = ann.say("two"), ann.say("three")
    with pytest.raises(NotDelivered):
        perform(two, scripted([heard("31/*/muted", http=403)]))

    world.perform(three)
    assert read(world, ann) == ["three"]


def test_a_poll_leaves_the_line_that_is_handed_in_meanwhile_to_its_own_call() -> None:
    world = World()
    ann = chatting(world)

    def network(post: Post) -> Heard:
        own.append(ann.say("hi"))
        return world.post(post)

    own: list[Steps[None]] = []
    perform(ann.poll(0), network)
    assert not ann.has_news

    world.perform(own[0])
    assert read(world, ann) == ["hi"]


def test_a_line_that_was_refused_is_not_said_later() -> None:
    world = World(Limits(chat_channels_max=1))
    lobby, ann = chatting(world), chatting(world, "another")
    read(world, lobby)
    with pytest.raises(ServerFull):
        world.perform(ann.say("one"))
    with pytest.raises(ProtocolError):
        perform(ann.say("two"), scripted([heard("<html>")]))

    perform(ann.poll(0), scripted([EMPTY]))
    assert not ann.has_news


def test_a_line_of_before_that_was_refused_is_told_and_the_next_is_said() -> None:
    world = World()
    ann = chatting(world)
    read(world, ann)
    with pytest.raises(Unreachable):
        perform(ann.say("one"), cut_off)
    with pytest.raises(NotDelivered, match="muted"):
        perform(ann.say("two"), scripted([heard("31/*/muted", http=403)]))

    world.perform(ann.say("three"))
    assert read(world, ann) == ["three"]


def test_who_speaks_too_fast_waits_or_learns_for_how_long() -> None:
    ann, posts = Chatting("KEY", "lobby", QUICK), list[Post]()
    fast = heard("43/*/3", http=429, retry_after_s=3)
    perform(ann.say("hi"), scripted([EMPTY, fast, heard("0/41/longerEpB|ann;1;hi")], posts))
    assert [post.pause_s for post in posts] == [0, 0, 3]

    with pytest.raises(TooManyRequests):
        perform(ann.say("hi"), scripted([heard("43/*/99", http=429, retry_after_s=99)]))


def test_refusals_are_errors_with_names() -> None:
    world = World(Limits(chat_channels_max=1))
    nobody = Chatting("x" * 43, "lobby", QUICK)
    for steps in (nobody.say("hi"), nobody.poll(0), nobody.people()):
        with pytest.raises(NoRight):
            world.perform(steps)
    read(world, chatting(world))
    with pytest.raises(ServerFull):
        world.perform(chatting(world, "one too many").say("hi"))
    with pytest.raises(NoRight):
        world.perform(Chatting("x" * 16, "game", QUICK).say("hi"))
    with pytest.raises(ProtocolError):
        perform(nobody.people(), scripted([heard("0/10/*")]))


def test_what_the_server_would_refuse_is_a_value_error_and_nothing_is_posted() -> None:
    ann = Chatting("KEY", "lobby", QUICK)
    for text in ("", "a\nb", "a\r", "ä" * 513, "\ud800"):
        with pytest.raises(ValueError, match=r"a line|surrogates"):
            perform(ann.say(text), scripted([]))
    for channel in ("", "a,b", "room", "game", "*", "x" * 65):
        with pytest.raises(ValueError, match="not a"):
            checked_channel(channel)
    assert (checked_channel("lobby"), checked_channel("chess"), checked_text("ä" * 512)) == (
        "lobby",
        "chess",
        "ä" * 512,
    )


class BadNetwork:
    """Requests and replies that get lost, come twice, or come late; and copies of old requests at any time."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)
        self.late: list[Post] = []

    def __call__(self, post: Post) -> Heard | Missed:
        chance = self.random.random()
        if self.late and self.random.random() < 0.3:
            self.world.post(self.late.pop(self.random.randrange(len(self.late))))
        if chance < 0.1:
            return missed(took_s=self.random.choice((0.01, 100.0)))
        if chance < 0.2:
            self.late.append(post)
            return missed(took_s=self.random.choice((0.01, 100.0)))
        answer = self.world.post(post)
        if chance < 0.3:
            self.late.append(post)
            return missed(took_s=self.random.choice((0.01, 100.0)))
        return self.world.post(post) if chance < 0.4 else answer


class Person:
    """Somebody in the lobby, who does not know how the network is."""

    def __init__(self, world: World) -> None:
        self.chatting = chatting(world)
        self.said: list[str] = []
        self.received: list[str] = []

    def say(self, text: str, network: Callable[[Post], Heard | Missed]) -> None:
        self.said.append(text)
        with suppress(Unreachable):
            perform(self.chatting.say(text), network)

    def read(self, network: Callable[[Post], Heard | Missed]) -> None:
        with suppress(Unreachable):
            if not self.chatting.has_news:
                perform(self.chatting.poll(0), network)
        self.received += [line.text for line in self.chatting.take()]


@settings(max_examples=80)
@given(st.integers(0, 10**9), st.integers(1, 4), st.sampled_from(["{speaker}:{number}", "hi"]))
def test_over_any_bad_network_every_line_is_said_once_and_read_once_in_order(seed: int, people: int, form: str) -> None:
    world = World(TALKATIVE)
    everybody = [Person(world) for _ in range(people)]
    network = BadNetwork(world, seed)
    for number in range(40):
        speaker = network.random.randrange(people)
        if network.random.random() < 0.6:
            everybody[speaker].say(form.format(speaker=speaker, number=number), network)
        else:
            everybody[speaker].read(network)
    for one in [*everybody * 2]:
        one.read(world.post)
        one.read(world.post)

    said = sorted(text for one in everybody for text in one.said)
    assert sorted(everybody[0].received) == said
    assert all(one.received == everybody[0].received for one in everybody)
    for speaker, one in enumerate(everybody):
        mine = [text for text in everybody[0].received if text.startswith(f"{speaker}:")]
        assert mine == one.said or form == "hi"
