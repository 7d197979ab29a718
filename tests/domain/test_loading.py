import pytest

from tests.domain.boards import IDS, match, view
from turnserver.domain import loading
from turnserver.domain.documents import Forming, Phase, Player, Seat, Step
from turnserver.messages.reply import Refused
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LIMITS = Limits()
KEY = loading.GameKey("secret", "digest")
PAIRED, LOADING, READY = (Seat(step, 0) for step in Step)
ANN, BOB = (Player(name, "", None, False, Phase.PAIRED, "m", seat) for seat, name in enumerate(("ann", "bob")))


def test_a_pair_begins_with_two_seats_and_no_key_leads_to_it() -> None:
    pair = Forming("m", IDS, ("ann", "bob"), by_name=False, server=1)
    batch = loading.form(pair, now_ms=5, limits=LIMITS)

    assert batch.expect == {"match": 0}
    assert (batch.put["0"], batch.put["1"]) == (Seat(Step.PAIRED, 5), Seat(Step.PAIRED, 5))
    assert (batch.put["match"].server, batch.put["match"].game_keys) == (1, ("", ""))
    assert batch.aliases == ()


@pytest.mark.parametrize(
    ("board", "is_broken"),
    [
        pytest.param(match(PAIRED, LOADING), False, id="it loads"),
        pytest.param(match(PAIRED, LOADING, left=0), True, id="one has left"),
        pytest.param(match(READY, READY), False, id="it plays"),
        pytest.param(match(READY, READY, left=0), False, id="it has played"),
        pytest.param(view(), True, id="it is forgotten"),
    ],
)
def test_a_pair_is_broken_if_one_left_before_play(board: View, is_broken: bool) -> None:  # noqa: FBT001  # a case
    assert loading.is_broken(board) is is_broken


def test_each_hears_the_others_name_and_its_own_role() -> None:
    board = match(PAIRED, PAIRED)

    assert loading.partner(board, ANN, limits=LIMITS).reply == (answers.PAIRED_AS_SERVER, b"bob")
    assert loading.partner(board, BOB, limits=LIMITS).reply == (answers.PAIRED_AS_CLIENT, b"ann")
    assert loading.map_init(board, ANN, limits=LIMITS).reply == (answers.LOADING_AS_SERVER, b"")
    assert loading.map_init(board, BOB, limits=LIMITS).reply == (answers.LOADING_AS_CLIENT, b"")


@pytest.mark.parametrize(("seat", "lasting"), [(PAIRED, True), (LOADING, False), (READY, False)])
def test_only_a_step_forward_has_to_last(seat: Seat, lasting: bool) -> None:  # noqa: FBT001  # a case
    batch = loading.map_init(match(seat, PAIRED, now_ms=3), ANN, limits=LIMITS).batch

    assert batch is not None
    assert batch.lasting is lasting
    assert batch.put["0"] == Seat(max(seat.step, Step.LOADING), 3)


def test_who_is_ready_first_waits_for_the_other() -> None:
    outcome = loading.map_ready(match(LOADING, LOADING), ANN, key=KEY, limits=LIMITS)

    assert outcome.reply == (answers.PARTNER_LOADS, b"*")
    assert outcome.watch == ("match", "1")


def test_who_is_ready_second_begins_to_play() -> None:
    outcome = loading.map_ready(match(LOADING, READY), ANN, key=KEY, limits=LIMITS)

    assert outcome.reply == (answers.PLAY, b"secret|0")
    assert outcome.watch == ()


@pytest.mark.parametrize(("player", "game_keys"), [(ANN, ("digest", "b" * 16)), (BOB, ("a" * 16, "digest"))])
def test_who_has_loaded_is_known_by_the_digest_of_its_key(player: Player, game_keys: tuple[str, str]) -> None:
    batch = loading.map_ready(match(LOADING, LOADING), player, key=KEY, limits=LIMITS).batch

    assert batch is not None
    assert batch.put["match"].game_keys == game_keys
    assert batch.aliases == ("game:digest",)
    assert set(batch.expect) == {"match", str(player.seat)}


def test_who_says_so_again_is_known_already() -> None:
    outcome = loading.map_ready(match(READY, READY), ANN, key=KEY, limits=LIMITS)

    assert outcome.reply == (answers.PLAY, b"secret|0")
    assert outcome.batch is not None
    assert ("match" in outcome.batch.put, outcome.batch.aliases) == (False, ())


def test_ready_before_loading_is_ahead() -> None:
    with pytest.raises(Refused) as refused:
        loading.map_ready(match(PAIRED, READY), ANN, key=KEY, limits=LIMITS)

    assert refused.value.answer is answers.AHEAD_OF_STATE


def test_who_leaves_breaks_the_pair_against_all_that_happens_meanwhile() -> None:
    batch = loading.leave(match(LOADING, READY), BOB, limits=LIMITS)

    assert batch is not None
    assert batch.put["match"].left == 1
    assert set(batch.expect) == {"match", "0", "1"}


@pytest.mark.parametrize("board", [match(READY, READY), match(LOADING, READY, left=0), view()])
def test_what_plays_or_is_broken_cannot_be_left(board: View) -> None:
    assert loading.leave(board, BOB, limits=LIMITS) is None
