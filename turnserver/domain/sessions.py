"""Sessions: who holds a token, and for how long.

A session is a partition named by the SHA-256 of its token, so that the store never holds what a client can show. Each
use prolongs it; it ends by itself.

    session:SHA256    "session": Session; a guest's also found as guest:ID

Source: docs/protocol.md, "Accounts".
"""

from msgspec import Struct, structs

from turnserver.messages.reply import Refused
from turnserver.partition import Batch, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits


class Session(Struct, frozen=True, array_like=True, gc=False, tag="session"):
    """A session. `user` tells users apart and never changes; `name` is what others see.

    `since` is the offset of the first broadcast that was made after the user came. `farewell` is what an ended session
    answers with, for a while; empty while it lives.
    """

    user: str
    name: str
    since: int = 0
    farewell: str = ""


_GUEST_NAME = "guest-"

KICKED = "kicked"
"""The farewell of a session that was ended by `kick`; a reason follows behind a colon."""

DELETED = "deleted"
"""Why sessions end whose account is deleted."""


def session_partition(digest: str) -> str:
    """The partition of a session, by the SHA-256 of its token."""
    return f"session:{digest}"


def open_guest(*, user: str, sessions: int, limits: Limits, since: int = 0) -> tuple[Session, Batch]:
    """A new session of a new guest.

    Args:
        user: A fresh random id; it is the guest's name, too.
        sessions: How many sessions there are.
        limits: `sessions_max` and `session_s` count.
        since: As in `Session`.

    Raises:
        Refused: FULL.
    """
    if sessions >= limits.sessions_max:
        raise Refused(answers.FULL)
    session = Session(f"guest:{user}", f"{_GUEST_NAME}{user}", since)
    put = {"session": session}
    return session, Batch(expect={"session": 0}, put=put, ttl_ms=_ttl_ms(limits), aliases=(session.user,))


def open_account(*, user: str, name: str, since: int, sessions: int, limits: Limits) -> Batch:
    """A new session of an account.

    Args:
        user: Who the account is in live state.
        name: The account's name.
        since: As in `Session`.
        sessions: How many sessions there are.
        limits: `sessions_max` and `session_s` count.

    Raises:
        Refused: FULL.
    """
    if sessions >= limits.sessions_max:
        raise Refused(answers.FULL)
    session = Session(user, name, since)
    return Batch(expect={"session": 0}, put={"session": session}, ttl_ms=_ttl_ms(limits))


def ended() -> Batch:
    """The batch that ends a session: its token gives no right any more."""
    return Batch(ends=True)


def guest_named(name: str) -> str | None:
    """The user of that name, if it is a guest's: also a name of its session's partition."""
    return f"guest:{name.removeprefix(_GUEST_NAME)}" if name.startswith(_GUEST_NAME) else None


def opened(view: View) -> Session:
    """The session that a token stands for.

    Raises:
        Refused: NO_RIGHT; the details say so where the session was kicked.
    """
    session: Session | None = view.value("session")
    if session is None:
        raise Refused(answers.NO_RIGHT)
    if session.farewell:
        raise Refused(answers.NO_RIGHT, session.farewell)
    return session


def is_open(session: Session) -> bool:
    """True until the session is kicked."""
    return not session.farewell


def kicked(view: View, why: str, limits: Limits) -> Batch | None:
    """The batch that ends a session and lets it say why for a while; None if it has ended.

    Args:
        view: The session.
        why: The reason, encoded as the fields of items are; empty for none.
        limits: `kicked_s` counts.
    """
    session: Session | None = view.value("session")
    if session is None or session.farewell:
        return None
    put = {"session": structs.replace(session, farewell=f"{KICKED}: {why}" if why else KICKED)}
    return Batch({"session": view.counter("session")}, put, ttl_ms=round(1000 * limits.kicked_s))


def used(limits: Limits) -> Batch:
    """The batch that prolongs a session: it is in use."""
    return Batch(ttl_ms=_ttl_ms(limits), lasting=False)


def _ttl_ms(limits: Limits) -> int:
    return round(1000 * limits.session_s)
