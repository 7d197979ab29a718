from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.domain import guessing
from turnserver.domain.guessing import ADDRESS, CREATING, DEVICE, NAME, RESETTING, THERE, Counted, Guesses, Lane
from turnserver.messages.reply import Refused
from turnserver.partition import Document, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LIMITS = Limits(
    guess_window_s=60,
    guesses_max=5,
    name_guesses_max=8,
    first_guesses_max=2,
    address_guesses_max=20,
    address_accounts_max=3,
    name_resets_max=1,
)
NO_GUESSES = Counted(0, 0)


def view(guesses: Guesses | None, *, now_ms: int = 0) -> View:
    documents = {} if guesses is None else {"guesses": Document(1, guesses)}
    return View(documents, {}, now_ms, 0)


def wait_s(kinds: Mapping[str, Counted]) -> int:
    """The seconds that an attempt is told to wait; 0 if it may be made."""
    try:
        guessing.check(dict(kinds), limits=LIMITS)
    except Refused as refused:
        return int(refused.details)
    return 0


def test_who_has_to_wait_is_told_as_everywhere() -> None:
    with pytest.raises(Refused) as caught:
        guessing.check({CREATING: Counted(3, 9)}, limits=LIMITS)

    assert caught.value.answer is answers.TOO_MANY_REQUESTS


def test_a_stranger_is_counted_by_name_and_place_and_a_known_device_by_itself() -> None:
    assert guessing.lanes_of("ann", "192.0.2.1", None) == (
        Lane(THERE, "192.0.2.1 ann"),
        Lane(NAME, "ann"),
        Lane(ADDRESS, "192.0.2.1"),
    )
    assert guessing.lanes_of("ann", "192.0.2.1", "abc") == (Lane(DEVICE, "abc"),)


def test_no_two_places_and_names_share_a_lane() -> None:
    lanes = {guessing.lanes_of(name, place, None)[0] for name in ("a", "b a") for place in ("1", "1 b")}

    assert len(lanes) >= 3  # an address has no spaces, so the fourth cannot come up


@pytest.mark.parametrize(
    ("kinds", "seconds"),
    [
        ({THERE: NO_GUESSES, NAME: NO_GUESSES, ADDRESS: NO_GUESSES}, 0),
        ({THERE: Counted(4, 9), NAME: Counted(7, 9), ADDRESS: Counted(19, 9)}, 0),
        ({THERE: Counted(5, 9), NAME: Counted(5, 30), ADDRESS: Counted(5, 30)}, 9),
        ({THERE: Counted(2, 9), NAME: Counted(8, 30), ADDRESS: Counted(2, 9)}, 30),
        ({THERE: Counted(1, 9), NAME: Counted(999, 30), ADDRESS: Counted(1, 9)}, 0),
        ({THERE: NO_GUESSES, NAME: NO_GUESSES, ADDRESS: Counted(20, 40)}, 40),
        ({DEVICE: Counted(4, 9)}, 0),
        ({DEVICE: Counted(5, 9)}, 9),
        ({CREATING: Counted(2, 9)}, 0),
        ({CREATING: Counted(3, 9)}, 9),
        ({RESETTING: Counted(1, 9)}, 9),
    ],
)
def test_who_has_guessed_too_often_waits(kinds: Mapping[str, Counted], seconds: int) -> None:
    assert wait_s(kinds) == seconds


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_whatever_others_do_elsewhere_the_first_attempts_from_a_place_are_free(at_name: int, ends_s: int) -> None:
    kinds = {THERE: Counted(1, 1), NAME: Counted(at_name, ends_s), ADDRESS: Counted(1, 1)}

    assert wait_s(kinds) == 0


def test_what_is_counted_is_forgotten_when_the_window_is_over() -> None:
    guesses = Guesses(1_000, 3)

    assert guessing.counted(view(guesses, now_ms=1_000), limits=LIMITS) == Counted(3, 60)
    assert guessing.counted(view(guesses, now_ms=60_500), limits=LIMITS) == Counted(3, 1)
    assert guessing.counted(view(guesses, now_ms=61_000), limits=LIMITS) == NO_GUESSES
    assert guessing.counted(view(None), limits=LIMITS) == NO_GUESSES


def test_an_attempt_is_counted_in_the_window_that_the_first_began() -> None:
    first = guessing.charge(view(None, now_ms=500), limits=LIMITS)
    second = guessing.charge(view(Guesses(500, 1), now_ms=900), limits=LIMITS)
    later = guessing.charge(view(Guesses(500, 9), now_ms=60_500), limits=LIMITS)

    assert [batch.put["guesses"] for batch in (first, second, later)] == [
        Guesses(500, 1),
        Guesses(500, 2),
        Guesses(60_500, 1),
    ]
    assert (first.expect, second.expect) == ({"guesses": 0}, {"guesses": 1})
    assert first.ttl_ms == 60_000


def test_what_was_right_is_taken_back() -> None:
    one = guessing.refund(view(Guesses(0, 3)), whole=False, limits=LIMITS)
    whole = guessing.refund(view(Guesses(0, 3)), whole=True, limits=LIMITS)

    assert one is not None
    assert one.put["guesses"] == Guesses(0, 2)
    assert whole is not None
    assert whole.put["guesses"] == Guesses(0, 0)
    assert guessing.refund(view(Guesses(0, 3), now_ms=60_000), whole=False, limits=LIMITS) is None


def test_a_lane_has_a_partition_of_its_own() -> None:
    assert guessing.guess_partition("abc") == "guess:abc"
