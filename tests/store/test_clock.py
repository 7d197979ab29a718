"""A clock goes on where the last process stopped."""

from turnserver.store.clock import going_on


def test_it_goes_on_from_where_it_was_in_step_with_the_machine() -> None:
    machine_ns = [7_000_000_999]
    clock = going_on(1_000, lambda: machine_ns[0])

    assert clock() == 1_000
    machine_ns[0] += 2_500_000
    assert clock() == 1_002
