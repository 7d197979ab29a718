import pytest

from stresstest.checker import GAP_MAX, Checker, Verdict


def verdict(numbers: list[int], *, sent: int = 0) -> Verdict:
    checker = Checker()
    for number in numbers:
        checker.arrived(number)
    return checker.verdict(sent=sent)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], Verdict()),
        ([0, 1, 2], Verdict(received=3)),
        ([0, 1, 1, 2], Verdict(received=3, doubled=1)),
        ([0, 0, 0], Verdict(received=1, doubled=2)),
        ([0, 2], Verdict(received=2, skipped=1)),
        ([3], Verdict(received=1, skipped=3)),
        ([0, 2, 1], Verdict(received=3, reordered=1)),
        ([2, 1, 0], Verdict(received=3, reordered=2)),
        ([0, 2, 1, 1], Verdict(received=3, reordered=1, doubled=1)),
    ],
)
def test_lost_doubled_and_reordered_messages_are_told_apart(numbers: list[int], expected: Verdict) -> None:
    assert verdict(numbers) == expected


def test_a_message_counts_once_however_often_it_comes() -> None:
    checker = Checker()

    assert [checker.arrived(number) for number in (0, 0, 2, 1, 1)] == [True, False, True, True, False]


def test_the_end_of_a_stream_is_lost_when_all_players_are_added_up() -> None:
    sender, receiver = verdict([], sent=5), verdict([0, 1, 2])

    assert (sender + receiver).lost == 2


def test_what_arrived_before_its_sender_knew_that_it_was_accepted_is_not_lost() -> None:
    assert (verdict([], sent=2) + verdict([0, 1, 2])).lost == 0


def test_a_skipped_message_is_lost_even_if_the_sums_agree() -> None:
    assert (verdict([0, 2]) + verdict([0], sent=3)).lost == 1


@pytest.mark.parametrize("fault", ["skipped", "doubled", "reordered", "altered"])
def test_every_fault_makes_a_verdict_unclean(fault: str) -> None:
    assert Verdict(sent=3, received=3).is_clean
    assert not Verdict(sent=3, received=3, **{fault: 1}).is_clean


def test_the_last_message_is_known_even_if_it_overtakes_others() -> None:
    checker = Checker()
    checker.arrived(2, is_last=True)
    checker.arrived(0)

    assert checker.has_last


def test_a_huge_gap_is_counted_without_remembering_each_number() -> None:
    assert verdict([10 * GAP_MAX]) == Verdict(received=1, skipped=10 * GAP_MAX)


def test_a_stream_may_begin_anywhere() -> None:
    checker = Checker(first=7)
    for number in (7, 9):
        checker.arrived(number)

    assert checker.received_verdict() == Verdict(sent=3, received=2, skipped=1)


def test_a_message_that_others_have_read_must_have_come_before_what_they_say_then() -> None:
    checker = Checker()
    checker.arrived(0)
    checker.must_have(0)
    checker.must_have(2)

    assert checker.received_verdict() == Verdict(sent=3, received=1, skipped=2)
    assert checker.arrived(2)
    assert checker.received_verdict() == Verdict(sent=3, received=2, skipped=1, reordered=1)


def test_games_that_differ_are_not_clean() -> None:
    assert not Verdict(sent=1, received=1, diverged=1).is_clean
