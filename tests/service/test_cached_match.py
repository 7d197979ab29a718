"""A cached match: which updates are usual, and what each changes; the fast paths' tests hold it to the rules."""

from collections.abc import Mapping

import pytest

from turnserver.domain.documents import SEATS, STREAMS, Match, Step
from turnserver.domain.documents import Seat as SeatDocument
from turnserver.messages.relay import GameUpdate
from turnserver.partition import EMPTY, Document, Stream
from turnserver.protocol.limits import Limits
from turnserver.service.cached_match import CachedMatch, CachedMatches, Seat, is_played
from turnserver.service.secrets import key_digest
from turnserver.store.memory import Cache

OPENS_ITS_STORES = True

ANN, BOB = "a" * 16, "b" * 16
LIMITS = Limits(buffer_bytes_max=10, body_bytes_max=60)
SILENCE_MS = LIMITS.match_silence_ms_min


class Place:
    """Where a match is kept: ann has sent 3 updates, of which bob has acknowledged one and was handed out another."""

    def __init__(self, *, left: int | None = None, step: Step = Step.READY) -> None:
        keys = key_digest(ANN), key_digest(BOB)
        match = Match("id", ("p1", "p2"), ("ann", "bob"), by_name=False, server=0, left=left, game_keys=keys)
        self.documents: Mapping[str, Document] = {
            "match": Document(1, match),
            SEATS[0]: Document(7, SeatDocument(Step.READY, 1000, 2, 0)),
            SEATS[1]: Document(5, SeatDocument(step, 1000, 1, 2)),
        }
        self.streams: Mapping[str, Stream] = {STREAMS[0]: EMPTY.appended([b"m0", b"m1", b"m2"]).released(1)}
        self.cache: Cache | None = None


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def matches(place: Place) -> CachedMatches[Place]:
    found = CachedMatches(lambda digest: place if digest in (key_digest(ANN), key_digest(BOB)) else None, LIMITS)
    for key, player in ((ANN, 0), (BOB, 1)):
        found.learn(GameUpdate(key, player, 0, None, b""))
    return found


def taken(matches: CachedMatches[Place], line: str) -> tuple[Seat[Place], bytes]:
    found = matches.next_update(line.encode())
    assert found is not None
    return found


@pytest.mark.parametrize(
    "line",
    [
        f"6,,{ANN},0,2",
        f"6,,{ANN},0,4",
        f"6,,{ANN},0,3.0",
        f"6,,{ANN},1,3",
        f"5,,{ANN},0,3",
        f"6,,{'c' * 16},0,3",
        f"6,a\nb,{ANN},0,3",
        f"6,a\rb,{ANN},0,3",
        f"6,{'x' * 60},{ANN},0,3",
        f"6,\udcff,{ANN},0,3",
        "",
        "6,,3",
    ],
)
def test_only_the_next_update_of_a_known_player_is_usual(matches: CachedMatches[Place], line: str) -> None:
    assert matches.next_update(line.encode(errors="surrogateescape")) is None


def test_the_next_update_is_known_by_its_counter_and_gives_its_data(matches: CachedMatches[Place]) -> None:
    mine, text = taken(matches, f"6,grüße, you,{ANN},0,3")

    assert (mine.name, text) == ("0", "grüße, you".encode())


def test_an_update_hands_out_what_is_unread_and_the_next_acknowledges_it(
    matches: CachedMatches[Place], place: Place
) -> None:
    bob, _ = taken(matches, f"6,,{BOB},1,2")

    assert bob.take(1, (b"yes",), 4, 2000) == [b"m2"]
    assert bob.take(1, (), 0, 3000) == []

    bob.match.write_back()
    assert place.documents["1"] == Document(7, SeatDocument(Step.READY, 3000, 3, 3))
    assert (place.streams["from0"].first, place.streams["from0"].next) == (3, 3)
    assert place.streams["from1"].after(0) == [b"yes"]
    assert matches.next_update(f"6,,{BOB},1,4".encode()) is not None


def test_several_at_once_acknowledge_what_the_first_is_told(matches: CachedMatches[Place], place: Place) -> None:
    bob, _ = taken(matches, f"6,,{BOB},1,2")

    assert bob.take(3, (), 0, 2000) == [b"m2"]

    bob.match.write_back()
    assert (place.documents["1"].version, place.streams["from0"].first) == (8, 3)


def test_the_exact_form_waits_for_exact_counters(matches: CachedMatches[Place]) -> None:
    matches.learn(GameUpdate(BOB, 1, 1, 1, b""))

    assert matches.next_update(f"6,,{BOB},1,2".encode()) is None
    bob, _ = taken(matches, f"6,,{BOB},1,2.2")
    bob.take(1, (), 0, 2000)
    assert matches.next_update(f"6,,{BOB},1,3.3".encode()) is not None


@pytest.mark.parametrize(
    ("now_ms", "items_bytes", "usual"),
    [
        (1000, 5, True),
        (1000, 6, False),  # m1 and m2 take six bytes with their bars, and the last needs none
        (1000 + SILENCE_MS - 1, 0, True),
        (1000 + SILENCE_MS, 0, False),
    ],
)
def test_silence_and_full_buffers_are_not_usual(
    matches: CachedMatches[Place], now_ms: int, items_bytes: int, *, usual: bool
) -> None:
    ann, _ = taken(matches, f"6,,{ANN},0,3")

    assert matches.is_usual(ann, items_bytes, now_ms) is usual


def test_whatever_somebody_else_changes_makes_nothing_usual_until_it_is_learnt(
    matches: CachedMatches[Place], place: Place
) -> None:
    assert place.cache is not None
    place.cache.invalidate()
    assert matches.next_update(f"6,,{ANN},0,3".encode()) is None

    matches.learn(GameUpdate(ANN, 0, 2, None, b""))
    assert matches.next_update(f"6,,{ANN},0,3".encode()) is not None


def test_the_end_of_a_match_forgets_its_players(matches: CachedMatches[Place], place: Place) -> None:
    assert matches.known == 2
    assert place.cache is not None

    place.cache.forget()

    assert matches.known == 0


@pytest.mark.parametrize("place", [Place(left=1), Place(step=Step.LOADING)])
def test_a_match_that_is_not_played_by_both_is_not_cached(place: Place) -> None:
    matches = CachedMatches(lambda _digest: place, LIMITS)
    matches.learn(GameUpdate(ANN, 0, 2, None, b""))

    assert not is_played(place)
    assert (place.cache, matches.known) == (None, 0)


def test_a_key_is_not_learnt_for_the_partners_seat(place: Place) -> None:
    matches = CachedMatches(lambda _digest: place, LIMITS)

    matches.learn(GameUpdate(ANN, 1, 0, None, b""))

    assert matches.known == 0


def test_a_match_can_be_cached_as_something_more(place: Place) -> None:
    class More(CachedMatch[Place]):
        """With something that one fast path needs."""

    matches = CachedMatches(lambda _digest: place, LIMITS, More)
    matches.learn(GameUpdate(ANN, 0, 2, None, b""))

    assert isinstance(taken(matches, f"6,,{ANN},0,3")[0].match, More)
