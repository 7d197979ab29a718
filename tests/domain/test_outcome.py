from turnserver.domain.outcome import Held, Outcome
from turnserver.messages.reply import Reply
from turnserver.protocol import answers


def test_an_outcome_changes_nothing_and_cannot_change_unless_it_says_so() -> None:
    outcome = Outcome(Reply(answers.QUIT))

    assert (outcome.batch, outcome.watch, outcome.is_repeat) == (None, (), False)


def test_a_request_that_was_not_held_is_false() -> None:
    assert [bool(held) for held in Held] == [False, False, True, True]
