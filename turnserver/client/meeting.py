"""Pairing as steps to perform: which request is posted when, until play begins."""

from turnserver.client.errors import NoPartner
from turnserver.client.exchange import Answer, Steps, exchange
from turnserver.client.pairing import Paired, Pairing, Phase
from turnserver.client.timing import Timing
from turnserver.messages.relay import Register, Unregister


class Meeting:
    """The search for a partner. It remembers the pairing key, so that it can be given up in good order."""

    def __init__(self, wish: Register, timing: Timing) -> None:
        self._timing = timing
        self._pairing = Pairing(wish=wish)

    def meet(self, *, pair_s: float | None) -> Steps[Paired]:
        """Register, ask, load and be ready, until play begins.

        Args:
            pair_s: How long to look for a partner; None is as long as it takes.

        Raises:
            NoPartner: The time is up.
            TurnserverError: As `Pairing.answered` and `exchange` raise.
        """
        left_s = float("inf") if pair_s is None else pair_s
        rest_s = 0.0
        while True:
            before = self._pairing
            answer = yield from self._ask(left_s, rest_s)
            after = before.answered(answer.reply)
            if isinstance(after, Paired):
                return after
            self._pairing = after
            left_s -= answer.took_s
            if left_s <= 0:
                raise NoPartner(f"no partner came within {pair_s:g} s")
            rest_s = self._rest_s(answer) if after == before else 0.0

    def _ask(self, left_s: float, rest_s: float) -> Steps[Answer]:
        first = self._pairing.registrations == 0
        give_up_s = self._timing.first_reply_s if first else self._timing.give_up_s
        is_held = self._pairing.phase in (Phase.ASK, Phase.READY)
        wait_s = int(min(self._timing.hold_s, left_s)) if is_held else 0
        pause_s = min(rest_s, left_s)
        return exchange(self._pairing.request, self._timing, give_up_s=give_up_s, wait_s=wait_s, pause_s=pause_s)

    def _rest_s(self, answer: Answer) -> float:
        """The pause before asking the same again: none if the server held the question."""
        return answer.retry_after_s or max(0.0, self._timing.rest_s - answer.took_s)

    def leave(self) -> Steps[None]:
        """End the registration, if there is one: nobody is paired with a player who is gone."""
        if self._pairing.key:
            yield from exchange(Unregister(self._pairing.key), self._timing, give_up_s=self._timing.quit_s)
