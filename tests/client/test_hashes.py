"""Hashes are made where they are worth it, and compared."""

import pytest

from turnserver.client.errors import Diverged
from turnserver.client.hashes import HASHES_KEPT, Hashes, hash_text
from turnserver.messages.items import Packet


def agreed(generation: int | None, told: str = "") -> Packet:
    return Packet(99, None, None, generation, told, ())


def test_a_hash_by_parts_is_one_text() -> None:
    assert hash_text({"units": "1f", "map": "07"}) == "units=1f&map=07"
    assert hash_text("1f") == "1f"


def test_hashes_are_made_every_so_often_and_wherever_others_agreed() -> None:
    hashes = Hashes(5)
    hashes.agreed(agreed(7, "x"))
    hashes.agreed(agreed(None))

    assert [g for g in range(1, 12) if hashes.is_wanted(g, is_news=True)] == [5, 7, 10]
    assert [g for g in range(1, 12) if hashes.is_wanted(g, is_news=False)] == [7]


def test_the_newest_hash_is_reported_once() -> None:
    hashes = Hashes(1)
    hashes.made(1, "a")
    hashes.made(2, "b")
    hashes.reported(1)
    assert hashes.unreported == (2, "b")

    hashes.reported(2)
    assert hashes.unreported is None


@pytest.mark.parametrize("seat", [0, None])
def test_a_hash_that_others_do_not_share_is_a_divergence(seat: int | None) -> None:
    hashes = Hashes(1)
    hashes.made(3, "mine")
    hashes.agreed(agreed(3, "theirs"))

    with pytest.raises(Diverged) as told:
        hashes.check(seat)

    assert (told.value.generation, told.value.hashes) == (3, {-1 if seat is None else seat: "mine", None: "theirs"})


def test_what_is_shared_or_was_never_made_is_no_divergence() -> None:
    hashes = Hashes(1)
    for generation in range(1, HASHES_KEPT + 2):
        hashes.made(generation, "same")
    hashes.agreed(agreed(1, "long ago"))
    hashes.agreed(agreed(2, "same"))

    hashes.check(0)
    hashes.made(HASHES_KEPT + 2, "same")
    hashes.check(0)
