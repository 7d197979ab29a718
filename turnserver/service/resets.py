"""RESET_ASK and RESET_USE: a new password for who has lost the old one.

A reset token goes to the operator (`turnserver account reset NAME`) or to the configured sender, never to who asks. The
answer to RESET_ASK comes before anybody has looked whether there is such an account, so it tells nothing.

Source: docs/accounts.md, "A lost password"
"""

import logging

from turnserver.domain import accounts
from turnserver.domain.accounts import Account, name_key
from turnserver.domain.audit import SERVER, Actor
from turnserver.domain.guessing import ADDRESS, RESETTING, Lane
from turnserver.domain.outcome import Held, Outcome
from turnserver.events import Event, tell
from turnserver.messages.accounts import ResetAsk, ResetUse
from turnserver.messages.reply import Refused, Reply
from turnserver.protocol import answers
from turnserver.service.context import TOKEN_LETTERS, Context
from turnserver.service.guard import Guard
from turnserver.service.holding import Answered
from turnserver.service.peer import peer_address
from turnserver.service.reset_sender import Reset, ResetSender, SendingFailed
from turnserver.service.rights import Rights
from turnserver.service.secrets import digest
from turnserver.store.seam import StoreDown

_logger = logging.getLogger("turnserver.accounts")


class Resets:
    """The use cases of lost passwords.

    Args:
        context: What every use case works with.
        sender: Sends reset tokens to those whose accounts they are for, if it can reach them; None where only the
            operator hands them out.
    """

    def __init__(self, context: Context, sender: ResetSender | None) -> None:
        self._context = context
        self._limits = context.limits
        self._records = context.records
        self._sender = sender
        self._guard = Guard(context)
        self._rights = Rights(context)

    async def ask(self, request: ResetAsk, _title: str, _held: Held) -> Answered:
        """Have a reset token sent to whoever has the account of a name."""
        return Answered(Outcome(await self._context.on_records(lambda: self._ask(request))))

    async def use(self, request: ResetUse, _title: str, _held: Held) -> Answered:
        """Set a new password by a reset token."""
        return Answered(Outcome(await self._context.on_records(lambda: self._use(request))))

    async def _ask(self, request: ResetAsk) -> Reply:
        await self._guard.charge([Lane(ADDRESS, peer_address())])
        if self._sender is not None:
            actor = self._context.actor(SERVER)
            self._context.beside.start(lambda: self._send(request.name, actor))
        return Reply(answers.RESET_ASKED)

    async def _send(self, name: str, actor: Actor) -> None:
        """Send a token, if there is an account of that name that was not sent many lately."""
        assert self._sender is not None
        try:
            account = await self._records.accounts.named(name)
            if account is not None and self._sender.reaches(account.email):
                await self._guard.charge([Lane(RESETTING, name_key(name))])
                token = await self._new(account, actor)
                await self._sender.send(Reset(account.name, account.email, token, round(self._limits.reset_token_s)))
                tell(_logger, Event.RESET_SENT, account=account.name, address=actor.address)
        except Refused:  # enough were sent
            return
        except (StoreDown, SendingFailed) as error:
            tell(_logger, Event.RESET_NOT_SENT, reason=str(error))

    async def _new(self, account: Account, actor: Actor) -> str:
        """A fresh reset token."""
        token = self._context.new_token()
        ends_ms = actor.at_ms + round(1000 * self._limits.reset_token_s)
        await self._records.accounts.add_reset(account, digest(token), actor, ends_ms=ends_ms)
        return token

    async def _use(self, request: ResetUse) -> Reply:
        if len(request.reset_token) != TOKEN_LETTERS:
            raise Refused(answers.NO_RIGHT)
        secret = digest(request.reset_token)
        account = await self._records.accounts.of_reset(secret, at_ms=self._context.unix_ms())
        if account is None:
            raise Refused(answers.NO_RIGHT)
        accounts.check_new_password(request.password, name=account.name, limits=self._limits)
        hashed = await self._context.passwords.hash(request.password)
        actor = self._context.actor(f"account {account.name}")
        sessions = await self._records.accounts.use_reset(account, secret, hashed, actor)
        if sessions is None:
            raise Refused(answers.NO_RIGHT)
        await self._rights.take(sessions)
        return Reply(answers.RESET_USED)
