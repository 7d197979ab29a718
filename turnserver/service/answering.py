"""One request in, one reply out: which use case serves which request, and who is held."""

from collections.abc import Awaitable, Callable
from typing import Any

from turnserver.domain.outcome import Held
from turnserver.messages.chat import ChatPoll, ChatSay, ChatWho
from turnserver.messages.inbox import Broadcast, InboxPoll, InboxSend
from turnserver.messages.relay import (
    GameQuit,
    GameUpdate,
    MapInit,
    MapReady,
    Register,
    RequestPair,
    Unregister,
)
from turnserver.messages.reply import Refused, Reply
from turnserver.messages.requests import Request
from turnserver.messages.rooms import (
    RoomCreate,
    RoomEvent,
    RoomJoin,
    RoomLeave,
    RoomList,
    RoomPoll,
    RoomReady,
    RoomSetup,
    RoomTurn,
    RoomWatch,
)
from turnserver.messages.sessions import Guest
from turnserver.service.chat import Chat
from turnserver.service.context import Context
from turnserver.service.distant import DistantRelay
from turnserver.service.holding import Answered, Holding
from turnserver.service.inbox import Inboxes
from turnserver.service.lobby import Lobby
from turnserver.service.relay import Relay
from turnserver.service.rooms.archive import RoomArchive
from turnserver.service.rooms.playing import RoomPlaying
from turnserver.service.rooms.seating import RoomSeating
from turnserver.service.sessions import Sessions

UseCase = Callable[[Any, str, Held], Awaitable[Answered]]
"""`(request, title, held)`: every use case has this shape."""


class Answering:
    """Answers the requests of the text protocol."""

    def __init__(self, context: Context) -> None:
        lobby = Lobby(context)
        relay = Relay(context) if context.store.is_immediate else DistantRelay(context)
        self.sessions = sessions = Sessions(context)
        self.archive = RoomArchive(context, sessions)
        seating, playing = RoomSeating(context, sessions), RoomPlaying(context)
        chat, inboxes = Chat(context, sessions), Inboxes(context, sessions)
        self.holding = Holding(context.store, context.limits)
        self._use_cases: dict[type, UseCase] = {
            Register: lobby.register,
            Unregister: lobby.unregister,
            RequestPair: lobby.request_pair,
            MapInit: lobby.map_init,
            MapReady: lobby.map_ready,
            GameQuit: relay.quit,
            GameUpdate: relay.update,
            Guest: sessions.guest,
            RoomCreate: seating.create,
            RoomJoin: seating.join,
            RoomWatch: seating.watch,
            RoomList: seating.list,
            RoomSetup: playing.setup,
            RoomReady: playing.ready,
            RoomTurn: playing.turn,
            RoomPoll: playing.poll,
            RoomEvent: playing.event,
            RoomLeave: playing.leave,
            ChatSay: chat.say,
            ChatPoll: chat.poll,
            ChatWho: chat.who,
            InboxPoll: inboxes.poll,
            InboxSend: inboxes.send,
            Broadcast: inboxes.broadcast,
        }

    async def answer(self, request: Request, title: str, wait_s: float = 0) -> Reply:
        """The reply to one request.

        Args:
            request: What the client wants.
            title: The game title of the path; "" is the default one.
            wait_s: How long the client is willing to wait for something to say.

        Raises:
            StoreDown: The store's failure; nothing may be acknowledged.
        """
        use_case = self._use_cases[type(request)]
        try:
            answered = await use_case(request, title, Held.NO)
            if wait_s and answered.outcome.watch:
                return await self.holding.hold(lambda held: use_case(request, title, held), answered, wait_s)
        except Refused as refused:
            return refused.reply
        return answered.outcome.reply
