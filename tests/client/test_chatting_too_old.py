"""Chat where a line is too old for the server to know whether it was said (34): it is looked for, or said again."""

import pytest

from tests.client.room_game import QUICK
from tests.client.test_chatting import EMPTY, TALKATIVE, chatting, guest, read
from tests.client.world import World, heard, missed, perform, scripted
from turnserver.client.chatting import SAYS_MAX, Chatting
from turnserver.client.errors import MessagesLost, ServerBusy, Unreachable
from turnserver.client.exchange import Heard, Missed, Post
from turnserver.protocol.limits import Limits

TOO_OLD = heard("34/*/*", http=409)


def test_a_line_under_a_cursor_that_is_too_old_is_said_under_the_newest() -> None:
    world = World(Limits(chat_lines_max=1_000, chat_history_lines_max=2))
    ann, bob = chatting(world), chatting(world)
    read(world, ann)
    for number in range(5):
        world.perform(bob.say(f"{number}"))
    world.perform(ann.say("4"))

    with pytest.raises(MessagesLost):
        ann.take()
    assert [line.text for line in ann.take()] == ["3", "4", "4"]


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_repeat_that_is_too_old_is_looked_for_and_said_only_if_it_is_not_there(*, is_stored: bool) -> None:
    world = World(TALKATIVE)
    token = guest(world)
    ann, elsewhere = Chatting(token, "lobby", QUICK), Chatting(token, "lobby", QUICK)
    read(world, ann)

    with pytest.raises(Unreachable):
        perform(ann.say("one"), world.silent(is_stored=is_stored))
    world.perform(elsewhere.say("two"))
    world.perform(elsewhere.say("three"))
    world.perform(ann.poll(0))

    said = ["one", "two", "three"] if is_stored else ["two", "three", "one"]
    assert [line.text for line in ann.take()] == said
    assert read(world, chatting(world)) == said


def said_after(came: str, *, name: str | None = None, told: str | None = None) -> bool:
    """True if a line whose reply was lost is said again, after it was too old and `came` is what was said.

    Args:
        came: The lines, as the server tells them.
        name: Of the speaker, where it is known.
        told: What came back of an earlier line, if there was one.
    """
    ann, posts = Chatting("KEY", "lobby", QUICK, name=name), list[Post]()
    perform(ann.poll(0), scripted([EMPTY]))
    if told is not None:
        perform(ann.say("hello"), scripted([heard(told)]))
    outcomes: list[Heard | Missed] = [
        missed(),
        TOO_OLD,
        heard(f"0/41/longerEpC|{came}"),
        heard("0/41/longerEpD|ann;1;hi"),
    ]
    perform(ann.say("hi"), scripted(outcomes, posts))
    return len(posts) == 4


def test_another_persons_equal_line_is_not_taken_for_ones_own_where_ones_name_is_known() -> None:
    assert said_after("bob;1;hi", name="ann")
    assert not said_after("bob;1;hi|ann;1;hi", name="ann")

    learnt = "0/41/longerEpB|bob;1;e4|ann;1;hello"
    assert said_after("bob;1;hi", told=learnt)
    assert not said_after("ann;1;hi", told=learnt)


def test_a_name_is_not_learnt_where_two_have_said_the_same() -> None:
    ambiguous = "0/41/longerEpB|bob;1;hello|ann;1;hello"
    assert not said_after("bob;1;hi")
    assert not said_after("bob;1;hi", told=ambiguous)


def test_a_line_that_was_never_said_is_not_found_in_anothers_after_what_came_could_not_be_read() -> None:
    ann, posts = Chatting("KEY", "lobby", QUICK), list[Post]()
    perform(ann.poll(0), scripted([EMPTY]))
    with pytest.raises(Unreachable):
        perform(ann.say("hi"), scripted([TOO_OLD, missed(took_s=100)]))

    news, own = heard("0/41/longerEpC|bob;1;hi"), heard("0/41/longerEpD|ann;1;hi")
    perform(ann.poll(0), scripted([TOO_OLD, news, own], posts))
    assert [post.line[:3] for post in posts] == [b"40,", b"41,", b"40,"]


@pytest.mark.parametrize(("kept", "said"), [(3, ["one", "b", "c"]), (2, ["c", "one"])])
def test_a_repeat_behind_which_the_history_went_on_is_said_again_only_if_it_is_gone(kept: int, said: list[str]) -> None:
    world = World(Limits(chat_lines_max=1_000, chat_history_lines_max=kept))
    ann, bob = chatting(world), chatting(world)
    read(world, ann)
    world.perform(bob.say("a"))

    with pytest.raises(Unreachable):
        perform(ann.say("one"), world.silent(is_stored=True))
    for text in ("b", "c"):
        world.perform(bob.say(text))
    world.perform(ann.poll(0))

    assert read(world, chatting(world)) == said


@pytest.mark.parametrize("is_there", [True, False])
def test_a_line_under_a_cursor_that_the_server_does_not_know_is_looked_for_too(*, is_there: bool) -> None:
    ann, posts = Chatting("KEY", "lobby", QUICK), list[Post]()
    perform(ann.poll(0), scripted([EMPTY]))
    kept = "0/41/longerEpC|ann;1;hi" if is_there else "0/41/longerEpC"
    outcomes: list[Heard | Missed] = [
        missed(),
        heard("39/*/*", http=400),
        heard(kept),
        heard("0/41/longerEpD|ann;1;hi"),
    ]
    perform(ann.say("hi"), scripted(outcomes, posts))

    assert [post.line for post in posts[1:]] == [
        b"40,hi,KEY,lobby,longerEpA",
        b"41,*,KEY,lobby,*",
        *([] if is_there else [b"40,hi,KEY,lobby,longerEpC"]),
    ]
    with pytest.raises(MessagesLost):
        ann.take()
    assert [line.text for line in ann.take()] == ["hi"]


def test_a_channel_that_always_goes_on_faster_is_given_up_and_the_line_stays() -> None:
    ann = Chatting("KEY", "lobby", QUICK)
    too_old, news = heard("34/*/*", http=409), heard("0/41/longerEpB|bob;1;hi")
    with pytest.raises(ServerBusy):
        perform(ann.say("hi"), scripted([EMPTY, *[too_old, news] * SAYS_MAX]))

    posts: list[Post] = []
    perform(ann.poll(0), scripted([heard("0/41/longerEpC|ann;1;hi")], posts))
    assert posts[0].line == b"40,hi,KEY,lobby,longerEpB"
