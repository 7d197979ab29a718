"""What can go wrong for a player, by what the caller can do about it.

Everything is a `TurnserverError`. `GameEnded` and its kinds are how games end; `Unreachable` and `ServerBusy` pass by
themselves, and calling again goes on where it stopped; the others say what to do in their words.
"""

from collections.abc import Mapping

from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.symbols import UNUSED
from turnserver.wire import percent


class TurnserverError(Exception):
    """The base of all errors of this client."""


class Unreachable(TurnserverError):
    """No reply came for as long as `Timing` allows.

    A text that was being sent stays in line: the next call sends it, once. Do not hand it in a second time.
    """


class ServerBusy(Unreachable):
    """The server is there and asked to come later (429, 503) for as long as `Timing` allows; see `Unreachable`.

    Attributes:
        retry_after_s: How long it asked to wait, in seconds; 0 if it did not say.
    """

    def __init__(self, words: str, *, retry_after_s: int = 0) -> None:
        super().__init__(words)
        self.retry_after_s = retry_after_s


class TooManyRequests(ServerBusy):
    """This player has asked too often (429), as with wrong passwords; `retry_after_s` says when to come again."""


class ServerFull(TurnserverError):
    """The server, or the room that was to be joined, takes no more; later it may."""


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


class Closed(TurnserverError):
    """A chat, an inbox or another list was closed by this program; or an inbox from elsewhere, as the words say."""


class ProtocolError(TurnserverError):
    """The answer makes no sense here: another server, a proxy's page, or a partner that breaks the protocol."""


class NoRight(TurnserverError):
    """The session has ended, or the seat has a newer key: somebody joined again with the same session."""


class WrongPassword(NoRight):
    """Name and password do not fit; a name that nobody has is told alike."""


class NotAllowed(TurnserverError):
    """This member or user may not do that: the room has no viewers, the event is for others to send, or a ban."""


class RoomUnknown(TurnserverError):
    """There is no such room, or no longer."""


class WrongState(TurnserverError):
    """The room does not take this now: it runs already, or its state chart has no such event here.

    Of an account: the guest who was to become it has one already.
    """


class NameTaken(TurnserverError):
    """Another member of the room, or another account, has this name."""


class BadRequest(TurnserverError):
    """The server finds fault with what was asked; the words say where, if it is not the size."""


class WeakPassword(BadRequest):
    """The server takes no such password for an account; the words say why."""


class EmailNotSet(TurnserverError):
    """The account was made, but the address of its owner could not be set; the cause says why.

    Attributes:
        token: Of the account's first session: `Session(url, token=...)` goes on with it.
    """

    def __init__(self, words: str, *, token: str) -> None:
        super().__init__(words)
        self.token = token


class MessagesLost(TurnserverError):
    """Messages were let go of before they were read: too old, too many, or a server that lost its state.

    Reading on gives what came after the gap.
    """


class NotDelivered(TurnserverError):
    """An *earlier* message, whose call raised `Unreachable`, was refused; what this call was to send was not sent.

    The cause says why. The next call sends again. Also: too many texts, lines or messages are in line already.
    """


class RoomEnded(GameEnded):
    """The room has ended: `left`, `closed` or `expired`."""


class SeatLost(GameEnded):
    """The room goes on without this seat: it was silent for too long, or it was given up."""


class Diverged(GameEnded):
    """The players' games are no longer the same.

    Attributes:
        generation: The first generation after which the states were found to differ.
        hashes: What each seat reported. Where this client alone found that it differs from what the players agreed on,
            its own stands under its seat (-1 for a viewer), and theirs under None.
        minority: The seats that differ from the majority; empty where there is none.
        parts: The names of the parts that differ, where all hashes have parts.
    """

    def __init__(
        self,
        generation: int,
        hashes: Mapping[int | None, str],
        minority: tuple[int, ...] = (),
        parts: tuple[str, ...] = (),
    ) -> None:
        super().__init__(generation, hashes, minority, parts)
        self.generation, self.hashes, self.minority, self.parts = generation, hashes, minority, parts

    def __str__(self) -> str:
        told = ", ".join(f"{'the others' if seat is None else seat}: {one}" for seat, one in self.hashes.items())
        parts = f" in {', '.join(self.parts)}" if self.parts else ""
        return f"the games differ{parts} after generation {self.generation} ({told})"


_REFUSALS: dict[Answer, type[TurnserverError]] = {
    answers.NOT_REGISTERED: RegistrationEnded,
    answers.AHEAD_OF_STATE: RegistrationEnded,
    answers.REGISTRATIONS_FULL: ServerFull,
    answers.MATCHES_FULL: ServerFull,
    answers.NO_SUCH_GAME: GameUnknown,
    answers.NOT_IN_GAME: GameUnknown,
    answers.PARTNER_LEFT: PartnerLeft,
    answers.WANTED_PARTNER_DROPPED: WantedPartnerDropped,
    answers.NO_RIGHT: NoRight,
    answers.NOT_ALLOWED: NotAllowed,
    answers.NOT_THERE: RoomUnknown,
    answers.FULL: ServerFull,
    answers.BAD_DATA: BadRequest,
    answers.WRONG_STATE: WrongState,
    answers.NAME_TAKEN: NameTaken,
    answers.TOO_LARGE: BadRequest,
    answers.BODY_TOO_LONG: BadRequest,
}


def refusal(reply: Reply) -> TurnserverError:
    """The error that a reply stands for, where no step expects it."""
    kind = _REFUSALS.get(reply.answer)
    if kind is None:
        return ProtocolError(f"unexpected answer {reply.answer.code}: {reply.answer.words}")
    details = percent.decode(reply.body.decode(errors="replace"))
    return kind(reply.answer.words if details == UNUSED else f"{reply.answer.words}: {details}")
