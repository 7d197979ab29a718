import math

import pytest

from tests.domain.boards import GAME_KEYS, match, view
from turnserver.domain import relay
from turnserver.domain.documents import Seat, Step
from turnserver.domain.outcome import Held
from turnserver.messages.relay import GameQuit, GameUpdate
from turnserver.messages.reply import Refused
from turnserver.partition import Batch, View
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits

LIMITS = Limits(buffer_bytes_max=4)
READY = Seat(Step.READY, 0)


def update(data: bytes = b"", counter: int = 0, received: int | None = None, *, key: str = GAME_KEYS[0]) -> GameUpdate:
    return GameUpdate(key, 0, counter, received, data)


def batch_of(board: View, request: GameUpdate, held: Held = Held.NO) -> Batch:
    batch = relay.update(board, request, request.key, limits=LIMITS, held=held).batch
    assert batch is not None
    return batch


def test_an_update_relies_on_the_senders_own_counter_alone() -> None:
    batch = batch_of(match(), update(b"a"))

    assert batch.expect == {"0": 1}
    assert set(batch.put) == {"0"}
    assert batch.append == {"from0": (b"a",)}


def test_an_update_moves_the_counter_and_notes_what_is_handed_out() -> None:
    batch = batch_of(match(now_ms=7, sent=([], [b"x", b"y"])), update())

    assert batch.put == {"0": Seat(Step.READY, 7, 0, 2)}
    assert batch.append == {}
    assert batch.release == {}


def test_the_next_update_releases_what_was_handed_out() -> None:
    batch = batch_of(match(Seat(Step.READY, 0, 0, 1), READY, sent=([], [b"x", b"y"])), update(counter=1))

    assert batch.release == {"from1": 1}


def test_a_repeat_that_changes_nothing_may_be_forgotten() -> None:
    board = match(Seat(Step.READY, 0, 3, 1), READY, sent=([], [b"x"]))

    assert not batch_of(board, update(b"a", 3)).lasting
    assert batch_of(board, update(b"", 4)).lasting
    assert batch_of(board, update(b"", 3, 1)).lasting


REFUSALS = [
    pytest.param(view(), update(), answers.NO_SUCH_GAME, id="no such game"),
    pytest.param(match(), update(key=GAME_KEYS[1]), answers.NOT_IN_GAME, id="the partner's key"),
    pytest.param(match(), update(counter=1), answers.COUNTER_AHEAD, id="ahead"),
    pytest.param(match(Seat(Step.READY, 0, 5), READY), update(counter=4), answers.COUNTER_BEHIND, id="behind"),
    pytest.param(match(sent=([], [b"x"])), update(received=1), answers.COUNTER_AHEAD, id="never handed out"),
    pytest.param(match(left=0), update(), answers.PARTNER_LEFT, id="has left"),
    pytest.param(match(left=1), update(), answers.PARTNER_LEFT, id="was left"),
    pytest.param(match(left=0), update(counter=9), answers.COUNTER_AHEAD, id="19 before 15"),
    pytest.param(match(), update(b"abcde"), answers.BUFFER_FULL, id="too much at once"),
    pytest.param(match(sent=([b"ab"], [])), update(b"cd"), answers.BUFFER_FULL, id="too much with the bar"),
]


@pytest.mark.parametrize(("board", "request_", "answer"), REFUSALS)
def test_what_is_not_allowed_is_refused(board: View, request_: GameUpdate, answer: Answer) -> None:
    with pytest.raises(Refused) as refused:
        relay.update(board, request_, request_.key, limits=LIMITS)

    assert refused.value.answer is answer


def test_what_found_nothing_new_names_what_may_change_that() -> None:
    outcome = relay.update(match(), update(), GAME_KEYS[0], limits=LIMITS)

    assert outcome.reply.answer is answers.NOTHING_NEW
    assert outcome.watch == ("match", "0", "from1")
    assert not outcome.is_repeat


@pytest.mark.parametrize(("held", "answer"), [(Held.AS_NEW, answers.UPDATES), (Held.AS_REPEAT, answers.UNACKNOWLEDGED)])
def test_a_held_request_is_answered_as_what_it_was_accepted(held: Held, answer: Answer) -> None:
    board = match(Seat(Step.READY, 0, 0), READY, sent=([], [b"x"]))

    assert relay.update(board, update(), GAME_KEYS[0], limits=LIMITS, held=held).reply.answer is answer


@pytest.mark.parametrize("held", [Held.AS_NEW, Held.AS_REPEAT])
def test_a_held_request_writes_a_sign_of_life_only_now_and_then(held: Held) -> None:
    seat = Seat(Step.READY, 0, 0)
    just_heard, long_ago = match(seat, READY, now_ms=7_499), match(seat, READY, now_ms=7_500)

    assert relay.update(just_heard, update(), GAME_KEYS[0], limits=LIMITS, held=held).batch is None
    assert not batch_of(long_ago, update(), held).lasting


def test_a_quit_ends_the_match_and_moves_nothing() -> None:
    outcome = relay.quit_game(match(), GameQuit(GAME_KEYS[1], 1, 0, None), GAME_KEYS[1], limits=LIMITS)

    assert outcome.batch is not None
    assert outcome.batch.put["match"].left == 1
    assert set(outcome.batch.put) == {"match"}
    assert (outcome.batch.append, outcome.batch.release) == ({}, {})


def test_a_quit_of_a_match_that_has_ended_changes_nothing() -> None:
    quit_again = GameQuit(GAME_KEYS[0], 0, 0, None)

    assert relay.quit_game(match(left=1), quit_again, GAME_KEYS[0], limits=LIMITS).batch is None


@pytest.mark.parametrize(
    ("seen_ms", "opened_ms", "now_ms", "left"),
    [
        pytest.param((0, 0), 0, 29_999, None, id="in time"),
        pytest.param((0, 1), 0, 30_000, 0, id="the first is silent"),
        pytest.param((5, 0), 0, 30_000, 1, id="the second is silent"),
        pytest.param((5, 0), 0, 99_000, 1, id="both: who fell silent first"),
        pytest.param((0, 0), 1, 30_000, None, id="the server was down until a millisecond ago"),
        pytest.param((0, 0), 1, 30_001, 0, id="and both were silent since"),
    ],
)
def test_silence_ends_a_match(seen_ms: tuple[int, int], opened_ms: int, now_ms: int, left: int | None) -> None:
    seats = [Seat(Step.READY, seen) for seen in seen_ms]
    batch = relay.end_by_silence(match(*seats, now_ms=now_ms, opened_ms=opened_ms), limits=Limits())

    assert (batch.put["match"].left if batch else None) == left


def test_a_match_ends_once() -> None:
    assert relay.end_by_silence(match(left=1, now_ms=99_000), limits=Limits()) is None
    assert relay.end_by_silence(view(99_000), limits=Limits()) is None


def test_a_pair_that_loads_has_a_time_out_of_its_own() -> None:
    limits = Limits(loading_silence_s=10, play_silence_s=20)
    loads, plays = match(Seat(Step.LOADING, 0), READY, now_ms=10_000), match(now_ms=10_000)

    assert relay.end_by_silence(loads, limits=limits) is not None
    assert relay.end_by_silence(plays, limits=limits) is None


def test_the_time_until_silence_counts_from_the_one_heard_longest_ago() -> None:
    assert relay.next_silence_s(match(READY, Seat(Step.READY, 900), now_ms=1_000), limits=Limits()) == 29
    assert relay.next_silence_s(view(), limits=Limits()) == math.inf


def test_only_who_has_the_right_key_is_heard() -> None:
    rightful, wrong = update(counter=9), update(counter=9, key=GAME_KEYS[1])
    batch = relay.heard(match(now_ms=5), rightful, rightful.key, limits=LIMITS)

    assert batch is not None
    assert (batch.put, batch.lasting) == ({"0": Seat(Step.READY, 5)}, False)
    assert relay.heard(match(), wrong, wrong.key, limits=LIMITS) is None
    assert relay.heard(view(), rightful, rightful.key, limits=LIMITS) is None
