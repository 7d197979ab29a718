"""REGISTER to MAP_READY: from a name to a partner to the start of play.

Three kinds of partition work together here, each with commits of its own. The pool decides pairs; what follows from a
decision is idempotent, and whoever finds it half done finishes it.
"""

from collections.abc import Callable
from functools import partial

from turnserver.domain import loading, lobby, pool, relay
from turnserver.domain.documents import (
    Forming,
    Phase,
    Player,
    match_partition,
    player_partition,
    pool_partition,
)
from turnserver.domain.game_events import partner_found
from turnserver.domain.games import MATCH, Begun
from turnserver.domain.loading import GameKey
from turnserver.domain.outcome import Held, Outcome
from turnserver.messages.relay import MapInit, MapReady, Register, RequestPair, Unregister
from turnserver.messages.reply import Refused, Reply
from turnserver.partition import Batch, View
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits
from turnserver.service.context import KEY_LETTERS, Context
from turnserver.service.events import Events
from turnserver.service.holding import Answered
from turnserver.service.secrets import derived, key_digest
from turnserver.service.sessions import Sessions
from turnserver.service.turns import Turns
from turnserver.store.seam import StoreDown

PairRule = Callable[..., Outcome]
"""A rule of `domain.loading`: `(view of the match, player, limits=...)` to an outcome."""


class Lobby:
    """The use cases before play."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits
        self._sessions = sessions
        self._events = Events(context)
        self._turns = Turns()

    async def register(self, request: Register, title: str, _held: Held) -> Answered:
        """Make a registration; see `domain.lobby.register`."""
        key = self._context.new_key()
        partition = player_partition(key_digest(key))
        user = "" if request.token is None else (await self._sessions.resolve(request.token)).user
        count = await self._store.count("player")
        outcome = lobby.register(request, title=title, key=key, registrations=count, limits=self._limits, user=user)
        assert outcome.batch is not None
        if not await self._store.commit(partition, outcome.batch):
            raise StoreDown("a fresh key was taken")
        return Answered(outcome)

    async def unregister(self, request: Unregister, _title: str, _held: Held) -> Answered:
        """End a registration; a pair that loads breaks, a game goes on."""
        await self._end(_player_id(request.key), answers.UNREGISTERED)
        return Answered(Outcome(Reply(answers.UNREGISTERED)))

    async def request_pair(self, request: RequestPair, _title: str, _held: Held) -> Answered:
        """Find a partner, or say whom was found."""
        me = _player_id(request.key)
        for _ in range(self._limits.conflicts_max):
            view, player = await self._registered(me)
            answered: Answered | None = None
            if player.phase is Phase.PAIRED:
                answered = await self._in_pair(me, view, player, loading.partner)
            elif player.phase is not Phase.DROPPED:
                answered = await self._ask(me, view, player)
            elif await self._store.commit(player_partition(me), lobby.told(view, self._limits)):
                raise Refused(answers.PARTNER_DROPPED)
            if answered is not None:
                return answered
        raise StoreDown("the pool is overtaken by other commits all the time")

    async def map_init(self, request: MapInit, _title: str, _held: Held) -> Answered:
        """Note that the player knows its role and loads."""
        return await self._load(_player_id(request.key), loading.map_init)

    async def map_ready(self, request: MapReady, _title: str, _held: Held) -> Answered:
        """Note that the player has loaded; play begins when both have."""

        def rule(view: View, player: Player, *, limits: Limits) -> Outcome:
            # Not drawn but derived: who repeats the request gets the same, and the store needs not know it.
            secret = derived("game", request.key, player.match_id, letters=KEY_LETTERS)
            return loading.map_ready(view, player, key=GameKey(secret, key_digest(secret)), limits=limits)

        return await self._load(_player_id(request.key), rule)

    async def _load(self, me: str, rule: PairRule) -> Answered:
        for _ in range(self._limits.conflicts_max):
            view, player = await self._registered(me)
            try:
                lobby.must_be_paired(player)
                answered = await self._in_pair(me, view, player, rule)
            except Refused as refused:
                if refused.answer is answers.AHEAD_OF_STATE:
                    await self._end(me, answers.AHEAD_OF_STATE)
                else:
                    await self._store.commit(player_partition(me), lobby.sign_of_life(player, self._limits))
                raise
            if answered is not None:
                return answered
        raise StoreDown("the pair is overtaken by other commits all the time")

    async def _registered(self, me: str) -> tuple[View, Player]:
        view = await self._store.read(player_partition(me))
        return view, lobby.registered(view)

    async def _in_pair(self, me: str, view: View, player: Player, rule: PairRule) -> Answered | None:
        """What a rule answers in the player's pair; None if anything moved meanwhile: look again."""
        partition = match_partition(player.match_id)
        match_view = await self._store.read(partition)
        end = relay.end_by_silence(match_view, limits=self._limits)
        if end is not None:
            await self._store.commit(partition, end)
            await self._events.settle(partition)
            return None
        if loading.is_broken(match_view):
            await self._store.commit(player_partition(me), lobby.dropped(view, self._limits))
            return None
        outcome = rule(match_view, player, limits=self._limits)
        if outcome.batch is not None and not await self._store.commit(partition, outcome.batch):
            return None
        if outcome.reply.answer is answers.PLAY and outcome.batch is not None and outcome.batch.lasting:
            self._note_begun(player, match_view)
        await self._store.commit(player_partition(me), lobby.sign_of_life(player, self._limits))
        return Answered(outcome, partition, match_view)

    def _note_begun(self, player: Player, view: View) -> None:
        """Both have loaded, this one last: play begins now."""
        names = view.value("match").names
        self._context.begun.append(Begun(MATCH, player.match_id, player.title, names, self._context.unix_ms()))

    async def _ask(self, me: str, view: View, player: Player) -> Answered | None:
        """Pair the player or let it wait; None if a pair formed or anything moved meanwhile: look again."""
        partition = pool_partition(player.title, player.name, player.partner)
        async with self._turns.of(partition):
            return await self._ask_in_turn(me, view, player, partition)

    async def _ask_in_turn(self, me: str, view: View, player: Player, partition: str) -> Answered | None:
        pool_view = await self._store.read(partition)
        if undone := pool.forming(pool_view):
            for decided in undone:
                await self._form(partition, decided)
            return None
        asked = await self._ask_pool(me, player, pool_view)
        if asked is None:
            return None
        if not await self._store.commit(partition, asked.batch or pool.sign_of_life(self._limits)):
            return None
        if asked.pair is not None:
            await self._form(partition, asked.pair)
        if asked.pair is not None or asked.looks_on:
            return None
        outcome = Outcome(Reply(answers.NO_PARTNER_YET), lobby.asked(view, self._limits), ("player",))
        assert outcome.batch is not None
        if not await self._store.commit(player_partition(me), outcome.batch):
            return None
        return Answered(outcome, player_partition(me), view)

    async def _ask_pool(self, me: str, player: Player, view: View) -> pool.Asked | None:
        """What the line has for the player; None if it has a partner by now.

        Who is found in the line is looked at after the line, and so is the player itself: whatever the line has decided
        on until then is carried out, and whatever it decides on later lets the commit fail.
        """
        candidates = pool.candidates(view, me, player, limits=self._limits)
        if candidates and not await self._is_waiting(me):
            return None
        alive = {other.id: await self._is_waiting(other.id) for other in candidates}
        if any(alive.values()) and await self._store.count("match") >= self._limits.matches_max:
            await self._store.commit(player_partition(me), lobby.sign_of_life(player, self._limits))
            raise Refused(answers.MATCHES_FULL)
        return pool.ask(
            view,
            me,
            player,
            alive=alive,
            draw=pool.Draw(self._context.new_key(), self._context.coin()),
            limits=self._limits,
        )

    async def _is_waiting(self, player_id: str) -> bool:
        return lobby.is_waiting(await self._store.read(player_partition(player_id)))

    async def _form(self, partition: str, pair: Forming) -> None:
        """Carry a decided pair out: the match, both registrations, and the pool's note. Again is harmless."""
        view = await self._store.read(partition)
        form = loading.form(pair, now_ms=view.now_ms, limits=self._limits)
        await self._store.commit(match_partition(pair.match_id), form)
        for user, event in partner_found(pair):  # before the players know it themselves: then nobody would come back
            await self._events.tell((user,), event)
        for one in pair.players:
            await self._context.change(player_partition(one), partial(self._paired, pair, one))
        await self._context.change(partition, lambda view: pool.formed(view, pair, limits=self._limits))

    def _paired(self, pair: Forming, me: str, view: View) -> Batch | None:
        return lobby.paired(view, pair, me, self._limits)

    async def _end(self, me: str, farewell: Answer) -> None:
        """End a registration wherever it stands: out of the line, out of its pair."""
        for _ in range(self._limits.conflicts_max):
            view, player = await self._registered(me)
            if player.phase is Phase.PAIRED:
                await self._context.change(match_partition(player.match_id), partial(self._left, player))
                await self._events.settle(match_partition(player.match_id))
            elif await self._leave_pool(me, player):
                continue
            if await self._store.commit(player_partition(me), lobby.ended(view, farewell, self._limits)):
                return
        raise StoreDown("the registration is overtaken by other commits all the time")

    async def form_all(self) -> None:
        """Carry out the pairs that a killed server has decided on; for the start of a server.

        Raises:
            StoreDown: The store's failure.
        """
        for kind in ("pool", "couple"):
            for name in await self._store.scan(kind):
                for pair in pool.forming(await self._store.read(name)):
                    await self._form(name, pair)

    def _left(self, player: Player, view: View) -> Batch | None:
        return loading.leave(view, player, limits=self._limits)

    async def _leave_pool(self, me: str, player: Player) -> bool:
        """Take a player out of its line; True if it was just paired instead."""
        partition = pool_partition(player.title, player.name, player.partner)
        async with self._turns.of(partition):
            return await self._leave_in_turn(me, partition)

    async def _leave_in_turn(self, me: str, partition: str) -> bool:
        view = await self._store.read(partition)
        mine = [pair for pair in pool.forming(view) if me in pair.players]
        for pair in mine:
            await self._form(partition, pair)
        await self._context.change(partition, lambda view: pool.leave(view, me, limits=self._limits))
        return bool(mine)


def _player_id(key: str) -> str:
    if len(key) != KEY_LETTERS:
        raise Refused(answers.NOT_REGISTERED)
    return key_digest(key)
