"""How large a group is to become."""

from turnserver.store.gathering import ENOUGH_MAX, FILLED_BEFORE_MORE, Gathering


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
