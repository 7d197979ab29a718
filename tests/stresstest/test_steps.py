import pytest

from stresstest.steps import (
    GIVE_UP_S,
    LATER_S_MAX,
    REPEAT_S_MAX,
    Abandoned,
    Missed,
    Outcome,
    Pause,
    Post,
    is_held,
    until_answered,
)
from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.symbols import Symbol

POST = Post(Symbol.REQUEST_PAIR, b"2,*,key,*,*", frozenset())


class World:
    """Answers posts from a list, and lets time pass only in pauses."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.posts = 0
        self.now_s = 0.0
        self.pauses: list[float] = []

    def run(self, post: Post = POST) -> Reply:
        steps = until_answered(post, lambda: self.now_s)
        outcome: Outcome = None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as end:
                reply: Reply = end.value
                return reply
            if isinstance(step, Post):
                outcome = self._answer(step)
            else:
                assert isinstance(step, Pause)
                outcome = None
                self.pauses.append(step.seconds)
                self.now_s += step.seconds

    def _answer(self, post: Post) -> Outcome:
        assert post.line == POST.line
        self.posts += 1
        return self.outcomes.pop(0) if self.outcomes else Missed("no reply")


def test_the_same_bytes_are_posted_until_a_reply_comes() -> None:
    world = World(Missed("closed"), Reply(answers.STORE_DOWN), Reply(answers.TOO_MANY_REQUESTS), Reply(answers.QUIT))

    assert world.run() == Reply(answers.QUIT)
    assert world.posts == 4
    assert world.pauses == [0.1, 0.2, 0.4]


def test_a_player_gives_up_when_a_server_would_have_given_it_up() -> None:
    world = World()
    with pytest.raises(Abandoned, match="no answer to REQUEST_PAIR for 30 s"):
        world.run()

    assert GIVE_UP_S - REPEAT_S_MAX <= world.now_s <= GIVE_UP_S


def test_a_server_that_says_how_long_to_wait_is_heeded() -> None:
    world = World(Reply(answers.TOO_MANY_REQUESTS, b"7"), Reply(answers.TOO_MANY_REQUESTS, b"999"), Reply(answers.QUIT))
    world.run()

    assert world.pauses == [7, LATER_S_MAX]


def test_a_post_says_which_answers_mean_come_later() -> None:
    world = World(Reply(answers.FULL), Reply(answers.QUIT))

    assert world.run(POST._replace(later=frozenset((answers.FULL,)))).answer is answers.QUIT


def test_a_request_that_may_be_held_is_counted_by_itself() -> None:
    assert (POST.row, POST._replace(wait_s=1).row) == ("REQUEST_PAIR", "REQUEST_PAIR, held")
    assert [is_held(row) for row in ("REQUEST_PAIR", "REQUEST_PAIR, held")] == [False, True]
