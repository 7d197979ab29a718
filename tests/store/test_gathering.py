"""How large a group is to become."""

from turnserver.store.gathering import ENOUGH_MAX, FILLED_BEFORE_MORE, FILLED_BEFORE_MORE_MAX, Gathering


def test_at_first_nobody_waits() -> None:
    assert Gathering().enough == 1


def test_groups_that_fill_become_larger_up_to_a_limit() -> None:
    gathering = Gathering()
    for _ in range(FILLED_BEFORE_MORE):
        gathering.filled()
    assert gathering.enough == 2

    for _ in range(FILLED_BEFORE_MORE * 2 * ENOUGH_MAX):
        gathering.filled()
    assert gathering.enough == ENOUGH_MAX


def test_a_group_that_waited_in_vain_tells_how_many_come() -> None:
    gathering = Gathering()
    gathering.enough = 9

    gathering.in_vain(4)
    assert gathering.enough == 4
    gathering.in_vain(0)
    assert gathering.enough == 1


def test_waiting_in_vain_makes_no_group_larger() -> None:
    gathering = Gathering()
    gathering.in_vain(8)

    assert gathering.enough == 1


def filled_before_more(gathering: Gathering) -> int:
    """How many groups go until they wait for one more."""
    before, filled = gathering.enough, 0
    while gathering.enough == before:
        gathering.filled()
        filled += 1
    return filled


def test_the_more_often_one_more_does_not_come_the_seldomer_it_is_waited_for() -> None:
    gathering = Gathering()

    tried = []
    for _ in range(8):
        tried.append(filled_before_more(gathering) // FILLED_BEFORE_MORE)
        gathering.in_vain(1)

    assert tried == [1, 2, 4, 8, 16, 16, 16, 16]
    assert FILLED_BEFORE_MORE_MAX == 16 * FILLED_BEFORE_MORE


def test_when_one_more_comes_the_next_is_soon_waited_for() -> None:
    gathering = Gathering()
    for _ in range(3):
        filled_before_more(gathering)
        gathering.in_vain(1)
    filled_before_more(gathering)

    gathering.filled(has_waited=True)

    assert filled_before_more(gathering) == FILLED_BEFORE_MORE - 1


def test_who_comes_without_being_waited_for_makes_nobody_wait_sooner() -> None:
    gathering = Gathering()
    filled_before_more(gathering)
    gathering.in_vain(1)
    filled_before_more(gathering)

    gathering.filled()
    gathering.in_vain(1)

    assert filled_before_more(gathering) == 4 * FILLED_BEFORE_MORE


def test_a_usual_group_that_waits_in_vain_does_not_count_against_one_more() -> None:
    gathering = Gathering()
    gathering.enough = 9

    gathering.in_vain(4)

    assert filled_before_more(gathering) == FILLED_BEFORE_MORE
