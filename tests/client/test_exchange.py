"""One request, posted until its reply is heard."""

import pytest

from tests.client.world import heard, missed, perform, scripted
from turnserver.client.errors import ProtocolError, ServerBusy, TooManyRequests, Unreachable
from turnserver.client.exchange import Answer, Heard, Missed, Post, exchange
from turnserver.client.timing import Timing
from turnserver.messages.relay import RequestPair
from turnserver.messages.reply import Reply
from turnserver.protocol import answers

REQUEST = RequestPair("KEY")
LINE = b"2,*,KEY,*,*"
TIMING = Timing(pause_first_s=0.5, pause_most_s=2)


def run(
    *outcomes: Heard | Missed,
    wait_s: int = 0,
    pause_s: float = 0,
    give_up_s: float = 10,
    repeats_max: int | None = None,
) -> tuple[Answer, list[Post]]:
    posts: list[Post] = []
    steps = exchange(REQUEST, TIMING, give_up_s=give_up_s, wait_s=wait_s, pause_s=pause_s, repeats_max=repeats_max)
    return perform(steps, scripted(outcomes, posts)), posts


def test_a_request_that_is_answered_is_posted_once() -> None:
    answer, posts = run(heard("0/2/*", took_s=7, retry_after_s=2), wait_s=15, pause_s=0.1)

    assert answer == Answer(Reply(answers.NO_PARTNER_YET), 7, 2, is_repeat=False)
    assert posts == [Post(LINE, 15, 0.1)]


def test_a_request_without_a_reply_is_repeated_as_it_was_with_growing_pauses_and_not_held() -> None:
    answer, posts = run(missed(), missed(), missed(), heard("0/3/bob"), wait_s=15)

    assert answer.reply == Reply(answers.PAIRED_AS_SERVER, b"bob")
    assert answer.is_repeat
    assert posts == [Post(LINE, 15), Post(LINE, 0, 0), Post(LINE, 0, 0.5), Post(LINE, 0, 1)]


@pytest.mark.parametrize("http", [408, 429, 500, 502, 503, 504])
def test_an_overloaded_server_is_asked_again_when_it_wants(http: int) -> None:
    answer, posts = run(heard("44/*/*", http=http, retry_after_s=3), heard("0/2/*"))

    assert answer.reply.answer is answers.NO_PARTNER_YET
    assert posts[1] == Post(LINE, 0, 3)


@pytest.mark.parametrize(
    ("outcome", "is_repeat"),
    [
        (missed(), True),
        (missed(was_sent=False), False),
        (heard("<html>", http=408), True),
        (heard("<html>", http=502), True),
        (heard("44/*/*", http=503), True),
        (heard("43/*/1", http=429, retry_after_s=1), False),
    ],
)
def test_only_what_may_have_been_carried_out_makes_the_next_post_a_repeat(
    outcome: Heard | Missed, *, is_repeat: bool
) -> None:
    assert run(outcome, heard("0/2/*"))[0].is_repeat == is_repeat
    assert run(outcome, heard("43/*/1", http=429), heard("0/2/*"))[0].is_repeat == is_repeat


def test_what_must_not_be_carried_out_often_is_repeated_only_so_often() -> None:
    answer, posts = run(missed(), heard("<html>", http=502), heard("0/2/*"), repeats_max=2)
    assert (answer.is_repeat, len(posts)) == (True, 3)

    with pytest.raises(Unreachable):
        run(*[missed()] * 3, repeats_max=2)
    harmless: list[Heard | Missed] = [missed(was_sent=False), heard("43/*/1", http=429, retry_after_s=1)] * 2
    assert len(run(*harmless, missed(), missed(), heard("0/2/*"), repeats_max=2)[1]) == 7


def test_a_refusal_is_a_reply() -> None:
    answer, posts = run(heard("17/*/*", http=400))

    assert answer.reply.answer is answers.WANTED_PARTNER_DROPPED
    assert len(posts) == 1


def test_a_server_that_is_silent_for_too_long_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="no reply for 8 s: connection refused"):
        run(*[missed(took_s=4)] * 3, give_up_s=8)


def test_the_time_that_a_hold_was_to_take_does_not_count_as_silence() -> None:
    answer, _ = run(missed(took_s=14), heard("0/2/*"), wait_s=15, give_up_s=3)

    assert answer.took_s == 14


def test_a_server_that_wants_to_be_left_alone_for_longer_than_we_try_is_busy() -> None:
    with pytest.raises(ServerBusy, match="HTTP status 503") as told:
        run(heard("44/*/*", http=503, retry_after_s=60), give_up_s=10)

    assert (type(told.value), told.value.retry_after_s) == (ServerBusy, 60)


def test_who_asked_too_often_learns_for_how_long_to_wait() -> None:
    with pytest.raises(TooManyRequests, match="again in 60 s") as told:
        run(heard("43/*/60", http=429, retry_after_s=60), give_up_s=10)

    assert told.value.retry_after_s == 60


@pytest.mark.parametrize("line", ["", "<html>", "hello/there", "99/*/*"])
def test_what_is_no_reply_of_this_protocol_is_an_error(line: str) -> None:
    with pytest.raises(ProtocolError, match="HTTP status 404"):
        run(heard(line, http=404))
