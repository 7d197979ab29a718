import pytest

from tests.domain.boards import IDS, view
from turnserver.domain import lobby
from turnserver.domain.documents import Forming, Phase, Player
from turnserver.messages.relay import Register
from turnserver.messages.reply import Refused
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits

LIMITS = Limits(registration_silence_s=2, registration_silence_long_s=9, loading_silence_s=4)
PAIR = Forming("m", IDS, ("ann", "bob"), by_name=False, server=0)


def player(phase: Phase = Phase.REGISTERED, **fields: object) -> Player:
    values: dict[str, object] = {"name": "ann", "title": "chess", "partner": None, "long_timeout": False}
    return Player(**{**values, "phase": phase, **fields})  # type: ignore[arg-type]  # fields by name


def test_a_registration_is_new_and_named_by_its_key() -> None:
    request = Register("ann", "bob", long_timeout=True)
    outcome = lobby.register(request, title="chess", key="K", registrations=0, limits=LIMITS)

    assert outcome.reply == (answers.REGISTERED, b"K")
    assert outcome.batch is not None
    assert outcome.batch.expect == {"player": 0}
    assert outcome.batch.put == {"player": Player("ann", "chess", "bob", True)}  # as it is stored


@pytest.mark.parametrize("registrations", [2, 3])
def test_there_are_at_most_so_many_registrations(registrations: int) -> None:
    request, limits = Register("ann", None, long_timeout=False), Limits(registrations_max=2)
    with pytest.raises(Refused) as refused:
        lobby.register(request, title="", key="K", registrations=registrations, limits=limits)

    assert refused.value.answer is answers.REGISTRATIONS_FULL
    assert lobby.register(request, title="", key="K", registrations=1, limits=limits).batch is not None


def test_who_is_registered_is_known_by_its_key() -> None:
    assert lobby.registered(view(player=player())) == player()


def test_5_for_who_is_not_registered() -> None:
    with pytest.raises(Refused) as refused:
        lobby.registered(view())

    assert refused.value.answer is answers.NOT_REGISTERED


@pytest.mark.parametrize(
    "farewell", [answers.UNREGISTERED, answers.AHEAD_OF_STATE, answers.WANTED_PARTNER_DROPPED], ids=["0/1", "10", "17"]
)
def test_who_has_ended_hears_the_same_farewell_again(farewell: Answer) -> None:
    ended = lobby.ended(view(player=player()), farewell, LIMITS).put["player"]

    with pytest.raises(Refused) as refused:
        lobby.registered(view(player=ended))
    assert refused.value.answer is farewell


@pytest.mark.parametrize(
    ("phase", "is_waiting"),
    [
        (Phase.REGISTERED, True),
        (Phase.ASKED, True),
        (Phase.PAIRED, False),
        (Phase.DROPPED, False),
        (Phase.TOLD, True),
        (Phase.ENDED, False),
    ],
)
def test_a_place_in_the_line_is_worth_something_to_who_has_no_partner(phase: Phase, is_waiting: bool) -> None:  # noqa: FBT001  # a case
    assert lobby.is_waiting(view(player=player(phase))) is is_waiting


def test_the_dead_do_not_wait() -> None:
    assert not lobby.is_waiting(view())


@pytest.mark.parametrize(
    ("met", "answer"), [((), answers.AHEAD_OF_STATE), (("B",), answers.PARTNER_DROPPED)], ids=["never", "once"]
)
def test_loading_takes_a_pair(met: tuple[str, ...], answer: Answer) -> None:
    with pytest.raises(Refused) as refused:
        lobby.must_be_paired(player(Phase.ASKED, met=met))

    assert refused.value.answer is answer
    lobby.must_be_paired(player(Phase.PAIRED))


def test_asking_is_noted_once() -> None:
    assert lobby.asked(view(player=player()), LIMITS).put["player"].phase is Phase.ASKED
    assert lobby.asked(view(player=player(Phase.ASKED)), LIMITS).put == {}


def test_who_is_paired_remembers_whom_it_met() -> None:
    batch = lobby.paired(view(player=player(Phase.ASKED)), PAIR, IDS[1], LIMITS)

    assert batch is not None
    assert batch.put["player"] == player(Phase.PAIRED, match_id="m", seat=1, met=(IDS[0],))


def test_only_the_latest_partners_are_remembered() -> None:
    limits = Limits(remembered_partners_max=2)
    batch = lobby.paired(view(player=player(Phase.ASKED, met=("X", "Y"))), PAIR, IDS[1], limits)

    assert batch is not None
    assert batch.put["player"].met == ("Y", IDS[0])


@pytest.mark.parametrize(
    "registration",
    [player(Phase.ENDED), player(Phase.PAIRED, met=(IDS[1],)), player(Phase.TOLD, met=(IDS[1],))],
    ids=["it has ended", "it knows", "that pair broke"],
)
def test_the_same_pair_is_not_formed_twice(registration: Player) -> None:
    assert lobby.paired(view(player=registration), PAIR, IDS[0], LIMITS) is None
    assert lobby.paired(view(), PAIR, IDS[0], LIMITS) is None


def test_who_was_paired_at_random_may_ask_again_after_a_drop() -> None:
    batch = lobby.dropped(view(player=player(Phase.PAIRED, match_id="m", met=("B",))), LIMITS)

    assert batch.put["player"] == player(Phase.DROPPED, met=("B",))
    assert lobby.told(view(player=batch.put["player"]), LIMITS).put["player"].phase is Phase.TOLD


def test_who_wanted_one_partner_has_nobody_left_after_a_drop() -> None:
    batch = lobby.dropped(view(player=player(Phase.PAIRED, partner="bob")), LIMITS)

    assert batch.put["player"].phase is Phase.ENDED
    assert batch.put["player"].farewell == "17/*"


@pytest.mark.parametrize(
    ("phase", "long_timeout", "ttl_ms"),
    [
        (Phase.ASKED, False, 2000),
        (Phase.ASKED, True, 9000),
        (Phase.PAIRED, False, 4000),
        (Phase.PAIRED, True, 9000),
        (Phase.ENDED, False, 2000),
    ],
)
def test_a_registration_lives_for_its_time_out_and_in_a_pair_for_the_pairs(
    phase: Phase,
    long_timeout: bool,  # noqa: FBT001  # a case
    ttl_ms: int,
) -> None:
    assert lobby.ttl_ms(player(phase, long_timeout=long_timeout), LIMITS) == ttl_ms
    assert lobby.sign_of_life(player(phase, long_timeout=long_timeout), LIMITS).ttl_ms == ttl_ms
