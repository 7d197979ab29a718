"""What can go wrong for a player, by what the caller can do about it.

Everything is a `TurnserverError`. `GameEnded` and its kinds are how games end; `Unreachable` and `ServerBusy` pass by
themselves, and calling again goes on where it stopped; the others say what to do in their words.
"""

from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer


class TurnserverError(Exception):
    """The base of all errors of this client."""


class Unreachable(TurnserverError):
    """No reply came for as long as `Timing` allows.

    A text that was being sent stays first in line: the next call sends it, once. Do not hand it in a second time.
    """


class ServerBusy(Unreachable):
    """The server is there and asked to come later (429, 503) for as long as `Timing` allows; see `Unreachable`."""


class ServerFull(TurnserverError):
    """The server has no room for one more player or game; later it may."""


class NoPartner(TurnserverError):
    """No partner was found in the time that the caller gave."""


class WantedPartnerDropped(TurnserverError):
    """The partner who was asked for by name went away before play began."""


class RegistrationEnded(TurnserverError):
    """The server ended the registration again and again before play began."""


class GameEnded(TurnserverError):
    """The game is over for this player."""


class PartnerLeft(GameEnded):
    """The partner quit or fell silent, and all that it sent was received.

    A player that is silent for too long itself finds this too: for the server it was the one who left.
    """


class GameClosed(GameEnded):
    """This player has quit."""


class GameUnknown(GameEnded):
    """The server does not know the game: it ended long ago, or the server lost its state."""


class ProtocolError(TurnserverError):
    """The answer makes no sense here: another server, a proxy's page, or a partner that breaks the protocol."""


_REFUSALS: dict[Answer, type[TurnserverError]] = {
    answers.NOT_REGISTERED: RegistrationEnded,
    answers.AHEAD_OF_STATE: RegistrationEnded,
    answers.REGISTRATIONS_FULL: ServerFull,
    answers.MATCHES_FULL: ServerFull,
    answers.NO_SUCH_GAME: GameUnknown,
    answers.NOT_IN_GAME: GameUnknown,
    answers.PARTNER_LEFT: PartnerLeft,
    answers.WANTED_PARTNER_DROPPED: WantedPartnerDropped,
}


def refusal(reply: Reply) -> TurnserverError:
    """The error that a reply stands for, where no step expects it."""
    kind = _REFUSALS.get(reply.answer)
    if kind is None:
        return ProtocolError(f"unexpected answer {reply.answer.code}: {reply.answer.words}")
    return kind(reply.answer.words)
