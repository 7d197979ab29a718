import pytest

from stresstest.steps import GIVE_UP_S, REPEAT_S_MAX, Abandoned, Missed, Outcome, Post, until_answered
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

    def run(self) -> Reply:
        steps = until_answered(POST, lambda: self.now_s)
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
                outcome = None
                self.pauses.append(step.seconds)
                self.now_s += step.seconds

    def _answer(self, post: Post) -> Outcome:
        assert post == POST
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
