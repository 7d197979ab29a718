import asyncio

import pytest

from turnserver.service.reset_sender import SENDING_MAX, Reset, ResetSender, SendingFailed

ANN, BOB = Reset("ann", "ann@example.org", "secret-token", 60), Reset("bob", None, "secret-token", 60)


class Bag:
    """Takes tokens of those with an address, or of all."""

    def __init__(self, *, takes_all: bool = False, is_torn: bool = False) -> None:
        self.takes_all, self.is_torn = takes_all, is_torn
        self.taken: list[Reset] = []

    def reaches(self, email: str | None) -> bool:
        return self.takes_all or email is not None

    def deliver(self, reset: Reset) -> None:
        if self.is_torn:
            raise SendingFailed("the bag is torn")
        self.taken.append(reset)


def send(ways: list[Bag], *resets: Reset) -> None:
    async def sent() -> None:
        sender = ResetSender(ways)
        try:
            await asyncio.gather(*map(sender.send, resets))
        finally:
            sender.close()

    asyncio.run(sent())


def test_each_way_is_gone_that_reaches_the_account() -> None:
    some, everybody = Bag(), Bag(takes_all=True)
    send([some, everybody], ANN, BOB)

    assert (some.taken, everybody.taken) == ([ANN], [ANN, BOB])


@pytest.mark.parametrize(("ways", "reached"), [([], False), ([Bag()], False), ([Bag(), Bag(takes_all=True)], True)])
def test_it_knows_whether_an_account_without_an_address_can_be_reached(ways: list[Bag], *, reached: bool) -> None:
    sender = ResetSender(ways)

    assert sender.reaches(None) is reached
    sender.close()


def test_a_way_that_fails_is_told_and_the_others_are_gone() -> None:
    good = Bag()
    with pytest.raises(SendingFailed, match=r"^the bag is torn$"):
        send([Bag(is_torn=True), good], ANN)

    assert good.taken == [ANN]


def test_only_so_many_wait() -> None:
    bag = Bag()
    with pytest.raises(SendingFailed, match="too many"):
        send([bag], *[ANN] * (SENDING_MAX + 1))

    assert len(bag.taken) <= SENDING_MAX
