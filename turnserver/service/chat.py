"""CHAT_SAY to CHAT_MUTE: whoever holds the key of a channel speaks and reads there."""

import logging
from functools import lru_cache

from turnserver.domain import chat
from turnserver.domain.chat import LINES, Voice, said_of
from turnserver.domain.documents import game_partition
from turnserver.domain.feed import news
from turnserver.domain.outcome import Held, Outcome
from turnserver.domain.rooms.documents import key_partition
from turnserver.events import Event, tell
from turnserver.messages.chat import ChatLine, ChatMute, ChatPoll, ChatSay, ChatWho, InChannel
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Refused, Reply
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.service.context import KEY_LETTERS, Context
from turnserver.service.feed import nothing_new
from turnserver.service.holding import Answered
from turnserver.service.posting import Posting
from turnserver.service.secrets import digest, key_digest
from turnserver.service.sessions import Sessions, Watched
from turnserver.store.seam import StoreDown
from turnserver.wire.chat import chat_item, names_body
from turnserver.wire.cursor import LIST_EPOCH_LETTERS
from turnserver.wire.room_replies import items_body

_logger = logging.getLogger("turnserver.service")

MARK_LETTERS = 16
"""64 bits of a secret's SHA-256: enough to tell the few apart who speak in one channel."""


class Chat:
    """The use cases of chat."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits
        self._sessions = sessions
        self._posting = Posting(context, sessions)

    async def say(self, request: ChatSay, title: str, _held: Held) -> Answered:
        """Say one line, and answer with what the speaker has not seen yet; see `domain.chat.say`."""
        voice, _watched = await self._voice(request, title)
        chat.check_mute(await self._store.read(chat.mute_partition(voice.user)))
        for _ in range(self._limits.conflicts_max):
            view = await self._opened(voice)
            batch = chat.say(view, voice, request, unix_ms=self._context.unix_ms(), limits=self._limits)
            if batch is None or await self._store.commit(voice.partition, batch):
                return await self._news(voice, request.cursor, await self._store.read(voice.partition), {})
        raise StoreDown("the channel is overtaken by other commits all the time")

    async def poll(self, request: ChatPoll, title: str, _held: Held) -> Answered:
        """What was said."""
        voice, watched = await self._voice(request, title)
        return await self._news(voice, request.cursor, await self._opened(voice), watched)

    async def who(self, request: ChatWho, title: str, _held: Held) -> Answered:
        """Who is there."""
        voice, _watched = await self._voice(request, title)
        view = await self._store.read(voice.partition)
        return Answered(Outcome(Reply(answers.CHAT_WHO, names_body(chat.present(view, limits=self._limits)))))

    async def mute(self, request: ChatMute, _title: str, _held: Held) -> Answered:
        """Let a user say nothing, in all channels, for some time."""
        if not self._posting.is_server_key(request.key):
            await self._sessions.resolve(request.key)
            raise Refused(answers.NOT_ALLOWED)
        session = await self._sessions.named(request.name)
        act = "muted" if request.seconds else "unmuted"
        tell(_logger, Event.OPERATOR_ACT, key=self._posting.holder(request.key), act=act, subject=session.name)
        await self._context.change(chat.mute_partition(session.user), lambda view: chat.mute(view, request.seconds))
        return Answered(Outcome(Reply(answers.CHAT_MUTED)))

    async def _voice(self, request: InChannel, title: str) -> tuple[Voice, Watched]:
        """Who asks, and where: the one place where a key gives the right to a channel.

        What a held request watches beside the channel is its session, which may be ended.
        """
        full = digest(request.key)
        key = full[:MARK_LETTERS]
        if request.channel not in ("room", "game"):
            session, watched = await self._sessions.watched(request.key)
            return chat.in_lobby(session, title=title, channel=request.channel, key=key), watched
        if len(request.key) != KEY_LETTERS:
            raise Refused(answers.NO_RIGHT)
        if request.channel == "room":
            return chat.in_room(await self._store.read(key_partition(full)), full, key=key), {}
        of_game = key_digest(request.key)
        return chat.in_game(await self._store.read(game_partition(of_game)), of_game, key=key), {}

    async def _opened(self, voice: Voice) -> View:
        """The channel, which comes into being with the first who asks."""
        for _ in range(self._limits.conflicts_max):
            view = await self._store.read(voice.partition)
            if view.exists:
                return view
            if voice.is_in_lobby and await self._store.count("chat") >= self._limits.chat_channels_max:
                raise Refused(answers.FULL)
            epoch = self._context.new_key()[:LIST_EPOCH_LETTERS]
            await self._store.commit(voice.partition, chat.opening(epoch, limits=self._limits))
        raise StoreDown("the channel ends all the time")

    async def _news(self, voice: Voice, cursor: Cursor | None, view: View, watched: Watched) -> Answered:
        """The lines after the cursor; asking is being there."""
        new = news(view.stream(LINES), view.value("channel").epoch, cursor)
        await self._store.commit(voice.partition, chat.visit(view, voice, limits=self._limits))
        if not new.items and not new.is_lost:
            return Answered(
                Outcome(nothing_new(answers.CHAT_LINES, new, cursor), None, (LINES,)), voice.partition, view, watched
            )
        body = items_body(new.cursor, [_item(item) for item in new.items])
        return Answered(Outcome(Reply(answers.LOST if new.is_lost else answers.CHAT_LINES, body)))


@lru_cache(maxsize=4096)
def _item(item: bytes) -> bytes:
    """A line as it travels; all readers of a channel share it."""
    said = said_of(item)
    return chat_item(ChatLine(said.name, said.unix_ms, said.text))
