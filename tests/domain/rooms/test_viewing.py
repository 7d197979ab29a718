import pytest

from tests.domain.rooms.room_views import ANN, BOB, CID, seat, view
from turnserver.domain.rooms.documents import Viewer, Viewers
from turnserver.domain.rooms.viewing import SEEN_MS, first_hidden, sign_of_life, stop, watch
from turnserver.messages.reply import Refused
from turnserver.partition import Document, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LIMITS = Limits(room_viewers_max=2)


def watched(*viewers: Viewer, now_ms: int = 0, state: str = "running", ended_ms: int | None = None) -> View:
    room = view(seat(), rules={"viewers": 0}, now_ms=now_ms, state=state, ended_ms=ended_ms)
    return View({**room.documents, "viewers": Document(1, Viewers(viewers))}, room.streams, now_ms, 0)


def test_who_watches_again_has_a_new_key_and_the_old_one_is_dead() -> None:
    change = watch(
        watched(Viewer(BOB.user, "old", 0), Viewer(CID.user, "cK", 0), now_ms=9), BOB, digest="new", limits=LIMITS
    )

    assert change is not None
    assert change.put["viewers"] == Viewers((Viewer(BOB.user, "new", 9, ("old",)), Viewer(CID.user, "cK", 0)))
    assert (change.aliases, change.drops) == (("roomkey:new",), ("roomkey:old",))


def test_a_repeat_changes_nothing_and_a_late_copy_is_refused() -> None:
    room = watched(Viewer(BOB.user, "new", 0, ("old",)))

    assert watch(room, BOB, digest="new", limits=LIMITS) is None
    with pytest.raises(Refused) as caught:
        watch(room, BOB, digest="old", limits=LIMITS)
    assert caught.value.answer is answers.TOO_OLD


def test_who_was_not_seen_for_long_makes_room_for_others() -> None:
    viewers = (Viewer(ANN.user, "aK", 0), Viewer(BOB.user, "bK", 1))

    with pytest.raises(Refused) as caught:
        watch(watched(*viewers, now_ms=2 * SEEN_MS), CID, digest="cK", limits=LIMITS)
    assert caught.value.answer is answers.FULL
    change = watch(watched(*viewers, now_ms=2 * SEEN_MS + 1), CID, digest="cK", limits=LIMITS)
    assert change is not None
    assert [one.key for one in change.put["viewers"].viewers] == ["bK", "cK"]
    assert change.drops == ("roomkey:aK",)


def test_nobody_is_sent_away_while_there_is_room() -> None:
    change = watch(watched(Viewer(ANN.user, "aK", 0), now_ms=10**9), CID, digest="cK", limits=LIMITS)

    assert change is not None
    assert change.drops == ()


def test_an_ended_room_takes_no_new_viewers() -> None:
    with pytest.raises(Refused) as caught:
        watch(watched(state="ended/left", ended_ms=0), CID, digest="cK", limits=LIMITS)

    assert caught.value.answer is answers.WRONG_STATE


def test_signs_of_life_are_noted_now_and_then() -> None:
    other = Viewer(ANN.user, "aK", 0)

    assert sign_of_life(watched(other, now_ms=SEEN_MS), "aK") is None
    change = sign_of_life(watched(other, Viewer(BOB.user, "bK", 0), now_ms=SEEN_MS + 1), "bK")
    assert change is not None
    assert change.put == {"viewers": Viewers((other, Viewer(BOB.user, "bK", SEEN_MS + 1)))}
    assert not change.lasting


def test_who_stops_is_forgotten() -> None:
    change = stop(watched(Viewer(ANN.user, "aK", 0), Viewer(BOB.user, "bK", 0)), "aK")

    assert change.put == {"viewers": Viewers((Viewer(BOB.user, "bK", 0),))}
    assert change.drops == ("roomkey:aK",)


@pytest.mark.parametrize(
    ("room", "hidden"),
    [
        (view(seat(), rules={"viewers": 0}, pace={"generation": 9}), None),
        (view(seat(), rules={"viewers": 2}, pace={"generation": 9}), 8),
        (view(seat(), rules={"viewers": 2}, pace={"generation": 1}), 1),
        (view(seat(), rules={"viewers": 2}, began=None, state="setup"), None),
        (view(seat(), rules={"viewers": 2}, pace={"generation": 9}, state="ended/left", ended_ms=0), None),
    ],
)
def test_late_viewers_see_all_but_the_newest_packets_until_the_end(room: View, hidden: int | None) -> None:
    assert first_hidden(room) == hidden
