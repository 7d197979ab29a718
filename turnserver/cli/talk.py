"""Two streams of text over one game: input goes out while what the partner sends comes in.

It ends as a connection of two half-closed streams does: who has no more to say tells so (`lines.END`) and listens on;
when both have told so, either may quit and nothing is lost. A partner that knows nothing of this, a game or a `curl`,
ends it by leaving, which cannot be told from one that was cut off.
"""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import Enum

from turnserver.cli import lines
from turnserver.client import Game, GameClosed, GameEnded, PartnerLeft, TurnserverError

IDLE_S = 0.25
"""How long to see, after the partner left, whether there is input that cannot be sent any more."""


class Ending(Enum):
    """How a talk ended, and so whether this side has all that the partner had to say."""

    OVER = "both were done, or this side did not listen any longer"
    PARTNER_LEFT = "the partner said that it was done, and left"
    UNHEARD = "the same, before this side's input had ended"
    CUT_OFF = "the partner left without a word that it was done"


class Undelivered(Exception):
    """The partner left while there was input to send."""


class Talk:
    """One game of texts.

    Args:
        game: Begun, and left to the caller to quit.
        source: Input in chunks, as it comes.
        show: Called with each text that comes in.
        linger_s: How long to listen, once all input was sent, while nothing comes; None is until the partner is done.
    """

    def __init__(
        self, game: Game, source: Iterable[bytes], show: Callable[[str], None], *, linger_s: float | None
    ) -> None:
        self._game = game
        self._source = source
        self._show = show
        self._linger_s = linger_s
        self._change = threading.Lock()
        self._has_sent_all = False
        self._partner_is_done = False
        self._failure: Exception | None = None

    def run(self, *, on_partner_done: Callable[[], None]) -> Ending:
        """Talk until both are done, or one has left.

        Args:
            on_partner_done: Called when the partner has no more to say.

        Raises:
            Undelivered: The partner left before it was sent all input.
            UnicodeDecodeError: The input is not UTF-8.
            TurnserverError: As the game's methods raise.
        """
        sender = threading.Thread(target=self._send_all, daemon=True)  # nobody can wake who waits for a key
        sender.start()
        partner_left = False
        try:
            self._listen(on_partner_done)
        except PartnerLeft:
            partner_left = True
            sender.join(IDLE_S)
        if self._failure is not None:
            raise self._failure
        if not partner_left:
            return Ending.OVER
        if not self._partner_is_done:
            return Ending.CUT_OFF
        return Ending.PARTNER_LEFT if self._has_sent_all else Ending.UNHEARD

    def _listen(self, on_partner_done: Callable[[], None]) -> None:
        wait_s = 20.0 if self._linger_s is None else max(1.0, self._linger_s)
        with suppress(GameClosed):
            while True:
                texts = self._game.receive(wait_s=wait_s)
                for text in texts:
                    written = lines.incoming(text)
                    if written is not None:
                        self._show(written)
                    elif self._is_over(partner_is_done=True):
                        return
                    else:
                        on_partner_done()
                if not texts and self._linger_s is not None and self._has_sent_all:
                    return

    def _send_all(self) -> None:
        """Send the input; afterwards, or when that fails, make `_listen` return if there is nothing left to do."""
        try:
            for text in lines.outgoing(self._source):
                self._game.send(text)
            with suppress(PartnerLeft):  # who leaves has heard enough
                self._game.send(lines.END)
            if not self._is_over(has_sent_all=True) and self._linger_s != 0:
                return
        except GameClosed:
            return
        except GameEnded as end:
            self._failure = Undelivered(str(end))
        except (TurnserverError, UnicodeDecodeError, OSError) as error:
            self._failure = error
        with suppress(TurnserverError):
            self._game.quit()

    def _is_over(self, *, has_sent_all: bool = False, partner_is_done: bool = False) -> bool:
        """Note what is new; True if neither has more to say."""
        with self._change:
            self._has_sent_all = self._has_sent_all or has_sent_all
            self._partner_is_done = self._partner_is_done or partner_is_done
            return self._has_sent_all and self._partner_is_done
