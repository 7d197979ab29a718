"""The judge of the kill test sees every kind of loss; without that its verdict would be worth nothing."""

import pytest

from tests.kill.ledger import Ledger, Place, message


def heard(*numbers: int, sender: str = "ann", last: int | None = None) -> Ledger:
    """A ledger after a game in which four messages of ann's were acknowledged and these arrived."""
    ledger = Ledger()
    conversation = ledger.conversation("ann")
    conversation.acknowledged = 4
    for number in numbers:
        conversation.get(message(sender, number, is_last=number == last, padding=number))
    return ledger


def test_messages_that_arrive_once_and_in_order_are_fine() -> None:
    ledger = heard(0, 1, 2, 3, last=3)

    assert ledger.complaints() == []
    assert ledger.conversation("ann").has_last


@pytest.mark.parametrize(
    ("numbers", "complaint"),
    [
        ((0, 1, 3), "ann: 1 lost or reordered"),
        ((0, 1, 2), "ann: 1 lost at the end"),
        ((), "ann: 4 lost at the end"),
        ((0, 1, 1, 2, 3), "ann: 1 doubled or reordered"),
        ((0, 1, 2, 3, 3), "ann: 1 doubled or reordered"),
        ((0, 2, 1, 3), "ann: 1 lost or reordered"),
    ],
)
def test_a_lost_doubled_or_reordered_message_is_noticed(numbers: tuple[int, ...], complaint: str) -> None:
    assert complaint in heard(*numbers).complaints()


def test_a_message_of_somebody_else_is_noticed() -> None:
    assert "ann: 4 astray" in heard(0, 1, 2, 3, sender="eve").complaints()


def test_one_who_quits_need_not_get_the_rest_but_nothing_twice() -> None:
    ledger = heard(0, 1)
    ledger.conversation("ann").is_cut = True
    assert ledger.complaints() == []

    ledger.conversation("ann").get(message("ann", 1))

    assert ledger.complaints() == ["ann: 1 doubled or reordered"]


GOOD_PLACES = (Place("bob", "server", "KEY-A", 0), Place("ann", "client", "KEY-B", 1))


def met(ann: Place, bob: Place | None) -> Ledger:
    ledger = Ledger()
    ledger.meet("ann", ann)
    if bob is not None:
        ledger.meet("bob", bob)
    return ledger


def test_two_who_were_told_the_same_fit() -> None:
    assert met(*GOOD_PLACES).complaints() == []


@pytest.mark.parametrize(
    "bob",
    [
        None,
        GOOD_PLACES[1]._replace(partner="eve"),
        GOOD_PLACES[1]._replace(role="server"),
        GOOD_PLACES[1]._replace(key="KEY-A"),
        GOOD_PLACES[1]._replace(seat=0),
    ],
)
def test_two_who_were_told_different_things_are_noticed(bob: Place | None) -> None:
    assert "ann" in met(GOOD_PLACES[0], bob).complaints()


def test_an_answer_that_changes_is_noticed() -> None:
    ledger = Ledger()

    ledger.expect("a registration", "0/2/*", told="0/2/*")
    ledger.expect("a registration", "5/*/*", told="0/2/*")

    assert ledger.complaints() == ["a registration: '5/*/*', but earlier '0/2/*'"]


def test_the_summary_has_all_numbers() -> None:
    ledger = heard(0, 0, 1, 2, 3)
    ledger.registrations = 7
    ledger.ends["5,*,KEY-A,0,4.4"] = "0/12/*"
    for name, place in zip(("ann", "bob"), GOOD_PLACES, strict=True):
        ledger.meet(name, place)

    assert ledger.summary() == (
        "acknowledged: 7 registrations, 1 pairings, 4 messages, 1 ends; "
        "lost, doubled or reordered: 1; broken promises: 1"
    )
