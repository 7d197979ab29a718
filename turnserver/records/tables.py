"""The tables, as typed models. All times are Unix milliseconds; a secret stands here as its SHA-256 or argon2id hash.

A change here needs a migration in `turnserver/records/migrations/versions`; a test holds the two alike.

Source: docs/accounts.md, "What is stored".
"""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER column

DIGEST_LETTERS = 64
"""A SHA-256 in hexadecimal."""

NAME_LETTERS = 256
"""More than any setting allows a name; names are bounded where they come in."""


EMAIL_LETTERS = 254
"""The longest address that mail can be sent to, by RFC 5321."""


class Base(DeclarativeBase):
    """What all tables share: names of constraints that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Account(Base):
    """Somebody with a name and a password. `user` is who it is in live state: rooms and inboxes go by it."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    user: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LETTERS))
    name_key: Mapped[str] = mapped_column(String(NAME_LETTERS), unique=True)
    """The name as it is compared: names that look alike by case or width are one."""
    password: Mapped[str] = mapped_column(String(256))
    """argon2id, with its salt and parameters."""
    since: Mapped[int] = mapped_column(BigInteger)
    """The first broadcast that the inbox gets, as in `domain.sessions.Session`."""
    created_ms: Mapped[int] = mapped_column(BigInteger)
    seen_ms: Mapped[int] = mapped_column(BigInteger)
    """The latest login."""
    email: Mapped[str | None] = mapped_column(String(EMAIL_LETTERS))
    """Where reset tokens are mailed to; shown to nobody."""


class AccountSession(Base):
    """A session of an account. Its right lives in live state under the same digest; this row is how it is found there.

    A row that is `ending` has lost its right here and may still have it there: whoever finds it finishes that.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "account_id", "state"), Index(None, "state"))

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(_BIG, ForeignKey("accounts.id", ondelete="SET NULL"))
    digest: Mapped[str] = mapped_column(String(DIGEST_LETTERS), unique=True)
    opened_ms: Mapped[int] = mapped_column(BigInteger)
    address: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8))
    """`open`, `ending` or `ended`."""
    ended_ms: Mapped[int | None] = mapped_column(BigInteger)
    why: Mapped[str | None] = mapped_column(String(16))


class ResetToken(Base):
    """The right to set a new password, once and for a while. The row goes when it is used."""

    __tablename__ = "reset_tokens"

    digest: Mapped[str] = mapped_column(String(DIGEST_LETTERS), primary_key=True)
    account_id: Mapped[int] = mapped_column(_BIG, ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    made_ms: Mapped[int] = mapped_column(BigInteger)
    ends_ms: Mapped[int] = mapped_column(BigInteger, index=True)


class Operator(Base):
    """Somebody who may use the console."""

    __tablename__ = "operators"

    id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LETTERS), unique=True)
    password: Mapped[str] = mapped_column(String(256))
    created_ms: Mapped[int] = mapped_column(BigInteger)


class ConsoleSession(Base):
    """An operator's session in the console."""

    __tablename__ = "console_sessions"

    digest: Mapped[str] = mapped_column(String(DIGEST_LETTERS), primary_key=True)
    operator_id: Mapped[int] = mapped_column(_BIG, ForeignKey("operators.id", ondelete="CASCADE"), index=True)
    opened_ms: Mapped[int] = mapped_column(BigInteger)
    seen_ms: Mapped[int] = mapped_column(BigInteger)
    ends_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    address: Mapped[str] = mapped_column(String(64))


class Ban(Base):
    """A name, a user or an address that may not log in or register, until some time or for good."""

    __tablename__ = "bans"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    """`name`, `user` or `address`."""
    subject: Mapped[str] = mapped_column(String(NAME_LETTERS))
    """As in `Account.name_key` or `Account.user`, or the address."""
    why: Mapped[str] = mapped_column(Text)
    operator: Mapped[str] = mapped_column(String(NAME_LETTERS))
    made_ms: Mapped[int] = mapped_column(BigInteger)
    ends_ms: Mapped[int | None] = mapped_column(BigInteger)


class Audit(Base):
    """What was done to accounts and by operators: one row for each act, never changed."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "subject", "at_ms"), Index(None, "at_ms"))

    id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(NAME_LETTERS))
    """`account NAME`, `operator NAME`, `command line`, or `*` for the server."""
    act: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(NAME_LETTERS))
    address: Mapped[str] = mapped_column(String(64))
    details: Mapped[str] = mapped_column(Text)
    """JSON; an empty object where words say enough."""


class Game(Base):
    """A match or room: written when it begins, completed when it has ended."""

    __tablename__ = "games"
    __table_args__ = (Index(None, "ended_ms", "id"),)

    id: Mapped[int] = mapped_column(_BIG, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    """`match` or `room`."""
    game_id: Mapped[str] = mapped_column(String(32), unique=True)
    title: Mapped[str] = mapped_column(String(32))
    players: Mapped[str] = mapped_column(Text)
    """Their names, as a JSON list in seat order; an empty seat is null."""
    began_ms: Mapped[int] = mapped_column(BigInteger)
    ended_ms: Mapped[int | None] = mapped_column(BigInteger)
    how: Mapped[str | None] = mapped_column(String(16))
    """How it ended: `left` for a match, the state after `ended/` for a room, `forgotten` if nobody was there."""
