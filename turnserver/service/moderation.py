"""What operators do to the live world and to people. Each act stands in the audit before it is carried out.

Source: docs/console.md, "What you can do".
"""

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from turnserver.domain import chat, closing, inbox
from turnserver.domain.accounts import name_key
from turnserver.domain.actions import KICK, Kick, kick_text
from turnserver.domain.audit import Actor
from turnserver.domain.chat import mute_partition
from turnserver.domain.documents import match_partition
from turnserver.domain.inbox import LOG_PARTITION, SERVER, Post
from turnserver.domain.rooms.documents import room_partition
from turnserver.events import Event, tell
from turnserver.messages.reply import Refused
from turnserver.protocol import answers
from turnserver.service.account_sessions import AccountSessions
from turnserver.service.accounts import Accounts
from turnserver.service.context import Context
from turnserver.service.events import Events
from turnserver.service.queues import Queues
from turnserver.service.rights import Rights
from turnserver.service.rooms.store import RoomStore
from turnserver.service.sessions import Sessions
from turnserver.store.seam import StoreDown

if TYPE_CHECKING:  # the records are imported by their first use
    from turnserver.records.bans import BanRow

SUBJECT_LETTERS_MAX = 256
"""What a ban's column holds."""

WORDS_MAX = 500
"""Letters of a ban's reason or a broadcast."""

BAN_S_MAX = 10 * 365 * 86_400
"""The longest ban that is not for good."""

BANS_MAX = 100
"""How many bans are listed, the newest; a table has them all."""

KINDS = ("name", "address")
"""What can be banned from the console."""

_logger = logging.getLogger("turnserver.service")


class Moderation:
    """The acts of operators.

    Args:
        context: What every use case works with.
        sessions: Knows guests.
    """

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits
        self._records = context.records
        self._sessions = sessions
        self._account_sessions = AccountSessions(context, Accounts(context, sessions))
        self._rights = Rights(context)
        self._rooms = RoomStore(context)
        self._queues = Queues(context)
        self._events = Events(context)

    async def end_match(self, operator: str, match_id: str) -> None:
        """End a match for both players; each still gets what is buffered for it.

        Raises:
            Refused: NOT_THERE; WRONG_STATE for one that has ended.
            StoreDown: A store's failure.
        """
        partition = match_partition(match_id)
        rule = partial(closing.close_match, limits=self._limits)
        match = rule(await self._store.read(partition)).put["match"]
        await self._note(operator, "match_closed", match_id, players=match.names)
        await self._context.change(partition, rule)
        await self._events.settle(partition)
        await self._store.settle()

    async def end_room(self, operator: str, room_id: str) -> None:
        """End a room; its members see `ended/closed`.

        Raises:
            Refused: NOT_THERE; WRONG_STATE for one that has ended.
            StoreDown: A store's failure.
        """
        partition = room_partition(room_id)
        closing.close_room(await self._rooms.read(partition), limits=self._limits)
        await self._note(operator, "room_closed", room_id)
        for _ in range(self._limits.conflicts_max):
            view = await self._rooms.read(partition)
            if await self._rooms.commit(partition, view, closing.close_room(view, limits=self._limits)):
                return await self._store.settle()
        raise StoreDown("the room is overtaken by other commits all the time")

    async def kick(self, operator: str, name: str, *, why: str) -> None:
        """End all sessions of a guest or an account, whose polls say so and why; an account's inbox tells it, too.

        Raises:
            Refused: NOT_THERE; BAD_DATA.
            StoreDown: A store's failure.
        """
        _check_words(why, most=self._limits.kick_why_letters_max)
        session = await self._sessions.named(name)
        await self._note(operator, "kicked", session.name, why=why)
        await self._sessions.kick(session.user, keep="", why=why)
        tell(_logger, Event.KICKED, name=session.name, by=f"operator {operator}")
        post = Post(KICK, SERVER, kick_text(Kick(why)), None)
        await self._queues.opened(session, None)
        await self._queues.put(session.user, partial(inbox.deliver, post=post, limits=self._limits))
        await self._store.settle()

    async def mute(self, operator: str, name: str, *, seconds: int) -> None:
        """Let a guest or an account say nothing in any channel for so many seconds; 0 lets it speak again.

        Raises:
            Refused: NOT_THERE; BAD_DATA.
            StoreDown: A store's failure.
        """
        if not 0 <= seconds <= self._limits.chat_mute_s_max:
            raise Refused(answers.BAD_DATA, f"how long: up to {self._limits.chat_mute_s_max:g} seconds")
        session = await self._sessions.named(name)
        await self._note(operator, "muted" if seconds else "unmuted", session.name, seconds=seconds)
        await self._context.change(mute_partition(session.user), partial(chat.mute, seconds=seconds))
        await self._store.settle()

    async def broadcast(self, operator: str, text: str) -> None:
        """Put a word of the operator's into everybody's inbox.

        Raises:
            Refused: BAD_DATA where there are no words, or too many.
            StoreDown: A store's failure.
        """
        _check_words(text, least=1)
        await self._note(operator, "broadcast", SERVER, text=text)
        post = Post("srv_msg", SERVER, msgspec.json.encode(text).decode(), None)
        await self._queues.log()
        await self._context.change(LOG_PARTITION, partial(inbox.broadcast, post=post, limits=self._limits))
        await self._store.settle()

    async def ban(self, operator: str, kind: str, subject: str, *, why: str, seconds: int | None) -> int:
        """Ban a name or an address: no login and no registration; of a name, all sessions end.

        Args:
            operator: Who does it.
            kind: One of `KINDS`.
            subject: A name as people write it, or an address.
            why: For other operators.
            seconds: How long; None for good.

        Returns:
            How many sessions ended.

        Raises:
            Refused: BAD_DATA.
            StoreDown: A store's failure.
        """
        _check_words(why)
        compared = self._compared(kind, subject)
        if seconds is not None and not 0 < seconds <= BAN_S_MAX:
            raise Refused(answers.BAD_DATA, "how long: from a second to ten years")
        return await self._context.on_records(lambda: self._ban(operator, kind, compared, why, seconds))

    async def _ban(self, operator: str, kind: str, subject: str, why: str, seconds: int | None) -> int:
        actor = self._actor(operator, "banned", subject)
        ends_ms = None if seconds is None else actor.at_ms + 1000 * seconds
        await self._records.bans.add(kind, subject, actor, why=why, ends_ms=ends_ms)
        account = await self._records.accounts.named(subject) if kind == "name" else None
        return 0 if account is None else await self._account_sessions.revoke(account, "banned")

    async def delete_account(self, operator: str, name: str) -> None:
        """Delete an account as its owner could: its sessions end, and its name is free.

        Raises:
            Refused: NOT_THERE.
            StoreDown: A store's failure.
        """
        await self._context.on_records(lambda: self._delete(operator, name))

    async def _delete(self, operator: str, name: str) -> None:
        for _ in range(self._limits.conflicts_max):
            account = await self._records.accounts.named(name)
            if account is None:
                raise Refused(answers.NOT_THERE)
            digests = await self._records.accounts.delete(
                account, self._actor(operator, "account_deleted", account.name)
            )
            if digests is not None:
                return await self._rights.take(digests)
        raise StoreDown("the account's password changes all the time")

    async def lift(self, operator: str, kind: str, subject: str) -> None:
        """Lift a ban.

        Raises:
            Refused: BAD_DATA; NOT_THERE.
            StoreDown: The database fails.
        """
        compared = self._compared(kind, subject)
        actor = self._actor(operator, "ban_lifted", compared)
        if not await self._context.on_records(lambda: self._records.bans.lift(kind, compared, actor)):
            raise Refused(answers.NOT_THERE)

    async def bans(self) -> "list[BanRow]":
        """The bans that count now, the newest first.

        Raises:
            StoreDown: The database fails.
        """
        at_ms = self._context.unix_ms()
        return await self._context.on_records(lambda: self._records.bans.latest(at_ms=at_ms, most=BANS_MAX))

    def _compared(self, kind: str, subject: str) -> str:
        if kind not in KINDS:
            raise Refused(answers.BAD_DATA, "kind: name or address")
        compared = name_key(subject) if kind == "name" else subject
        if not 0 < len(compared) <= SUBJECT_LETTERS_MAX or not compared.isprintable():
            raise Refused(answers.BAD_DATA, f"{kind}: 1 to {SUBJECT_LETTERS_MAX} letters")
        return compared

    async def _note(self, operator: str, act: str, subject: str, **details: Any) -> None:
        actor = self._actor(operator, act, subject)
        await self._context.on_records(lambda: self._records.audit.note(actor, act, subject, **details))

    def _actor(self, operator: str, act: str, subject: str) -> Actor:
        tell(_logger, Event.OPERATOR_ACT, operator=operator, act=act, subject=subject)
        return self._context.actor(f"operator {operator}")


def _check_words(text: str, *, least: int = 0, most: int = WORDS_MAX) -> None:
    if not least <= len(text) <= most:
        raise Refused(answers.BAD_DATA, f"text: {least} to {most} letters")
