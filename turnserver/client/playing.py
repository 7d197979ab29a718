"""A game as steps to perform: send, poll and quit, each of which goes on where a failed one stopped."""

from collections import deque

from turnserver.client import texts
from turnserver.client.errors import GameClosed, GameEnded, NotDelivered, ProtocolError
from turnserver.client.exchange import Answer, Steps, exchange
from turnserver.client.seat import Seat
from turnserver.client.timing import Timing
from turnserver.protocol import answers

UNSENT_MAX = 1_000
"""How many texts may be in line, whose calls go on, or were given up or cancelled."""

_GOODBYES = (answers.QUIT, answers.PARTNER_LEFT, answers.NO_SUCH_GAME, answers.NOT_IN_GAME)


class Playing:
    """One player's game: its seat, and the texts that came and were not taken yet.

    Steps of one game are performed one after the other. Steps that fail or are dropped half-way leave the update under
    way where it is, and texts in line; the next ones settle these first. All else may be called at any time.
    """

    def __init__(self, seat: Seat, timing: Timing) -> None:
        self._seat = seat
        self._timing = timing
        self._texts: deque[str] = deque()
        self._unsent: deque[bytes] = deque()  # in line behind the update under way
        self._rest_s = 0.0
        self._end: GameEnded | None = None

    @property
    def key(self) -> str:
        """The game key: who knows it plays and talks as this player."""
        return self._seat.key

    @property
    def has_texts(self) -> bool:
        """True while texts wait to be taken."""
        return bool(self._texts)

    def take(self) -> list[str]:
        """All texts that wait, oldest first."""
        return [self._texts.popleft() for _ in range(len(self._texts))]

    def take_one(self) -> str | None:
        """The oldest text that waits, or None."""
        return self._texts.popleft() if self._texts else None

    def send(self, text: str) -> Steps[None]:
        """Put a text in line; the steps are over when the server has it, and all before it.

        Raises:
            ValueError: The text cannot be sent; see `texts.data`.
            NotDelivered: Too many are in line; this one is not.
            GameEnded: The game is over. If the text had to be repeated, the partner may have got it before it left.
            TurnserverError: As `Seat.answered` and `exchange` raise.
        """
        data = texts.data(text)
        self._must_go_on()
        if len(self._unsent) >= UNSENT_MAX:
            raise NotDelivered(f"{UNSENT_MAX:,} texts are in line already")
        self._unsent.append(data)
        return self._settle()

    def poll(self, wait_s: int) -> Steps[None]:
        """Ask once for what the partner has sent; what is in line goes first, and may bring it already.

        Args:
            wait_s: How long the server may hold the answer if there is nothing.

        Raises:
            TurnserverError: As for `send`.
        """
        self._must_go_on()
        if self._unsent:
            yield from self._settle()
            if self._texts:
                return
        if self._seat.data is None:
            self._seat = self._seat.begin(b"")
        count = len(self._texts)
        answer = yield from self._post(wait_s=wait_s, pause_s=self._rest_s)
        is_pointless = len(self._texts) == count and self._seat.data is None
        too_soon_s = self._timing.rest_s - answer.took_s
        self._rest_s = (answer.retry_after_s or max(0.0, too_soon_s)) if is_pointless and wait_s else 0.0

    def quit(self) -> Steps[None]:
        """Leave the game; again, or after its end, nothing happens.

        Raises:
            Unreachable: The server did not hear it; the partner will notice the silence.
            ProtocolError: The answer makes no sense.
        """
        if self._end is not None:
            return
        self._end = GameClosed("this player has quit the game")
        answer = yield from exchange(self._seat.farewell, self._timing, give_up_s=self._timing.quit_s)
        if answer.reply.answer not in _GOODBYES:
            raise ProtocolError(f"unexpected answer to GAME_QUIT: {answer.reply.answer.words}")

    def _must_go_on(self) -> None:
        if self._end is not None:
            raise type(self._end)(*self._end.args)

    def _settle(self) -> Steps[None]:
        """Post the update under way until it is answered, then the texts in line."""
        self._must_go_on()
        while self._seat.data is not None or self._unsent:
            if self._seat.data is None:
                self._seat = self._seat.begin(self._unsent.popleft())
            yield from self._settle_one()

    def _settle_one(self) -> Steps[None]:
        """Post the update under way until it is answered, making room where the partner's buffer is full."""
        pauses = self._timing.pauses()
        while self._seat.data is not None:
            pause_s = min(next(pauses), self._timing.rest_s) if self._seat.is_blocked else 0.0
            yield from self._post(wait_s=0, pause_s=pause_s)

    def _post(self, *, wait_s: int, pause_s: float) -> Steps[Answer]:
        timing = self._timing
        request = self._seat.request
        answer = yield from exchange(request, timing, give_up_s=timing.give_up_s, wait_s=wait_s, pause_s=pause_s)
        try:
            self._seat, items = self._seat.answered(answer.reply)
        except GameEnded as end:
            self._end = end
            raise
        self._texts.extend(map(texts.text, items))
        return answer
