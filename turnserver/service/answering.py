"""One request in, one reply out: which use case serves which request, and who is held."""

from turnserver.domain.outcome import Held
from turnserver.messages.accounts import (
    AccountCreate,
    AccountDelete,
    AccountEmail,
    Login,
    Logout,
    PasswordChange,
    ResetAsk,
    ResetUse,
    SessionEnd,
    SessionList,
)
from turnserver.messages.chat import ChatMute, ChatPoll, ChatSay, ChatWho
from turnserver.messages.inbox import (
    Broadcast,
    InboxClose,
    InboxPoll,
    InboxSend,
    QueuePoll,
    QueueSend,
    TopicPoll,
    TopicPublish,
)
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
from turnserver.messages.world import WorldStats
from turnserver.protocol import answers
from turnserver.service.account_sessions import AccountSessions
from turnserver.service.accounts import Accounts
from turnserver.service.census import Censuses
from turnserver.service.chat import Chat
from turnserver.service.context import Context
from turnserver.service.distant import DistantRelay
from turnserver.service.events import Events
from turnserver.service.holding import Hold, Holding, UseCase
from turnserver.service.inbox import Inboxes
from turnserver.service.lobby import Lobby
from turnserver.service.relay import Relay
from turnserver.service.reset_sender import ResetSender
from turnserver.service.resets import Resets
from turnserver.service.rooms.archive import RoomArchive
from turnserver.service.rooms.playing import RoomPlaying
from turnserver.service.rooms.seating import RoomSeating
from turnserver.service.sessions import Sessions
from turnserver.service.topics import Topics
from turnserver.service.usage import Counts, command_of
from turnserver.service.world import World
from turnserver.store.seam import StoreDown


class Answering:
    """Answers the requests of the text protocol.

    Args:
        context: What every use case works with.
        reset_sender: Sends reset tokens; None where only the operator hands them out.
    """

    def __init__(self, context: Context, reset_sender: ResetSender | None = None) -> None:
        self.usage = context.usage
        self.sessions = sessions = Sessions(context)
        self._lobby, self._events = Lobby(context, sessions), Events(context)
        lobby, relay = self._lobby, Relay(context) if context.store.is_immediate else DistantRelay(context)
        self.archive = RoomArchive(context, sessions)
        self.seating = seating = RoomSeating(context, sessions)
        playing = RoomPlaying(context)
        chat, inboxes, topics = Chat(context, sessions), Inboxes(context, sessions), Topics(context, sessions)
        accounts, resets = Accounts(context, sessions), Resets(context, reset_sender)
        account_sessions = AccountSessions(context, accounts)
        self.census = Censuses(context.store, context.monotonic_s)
        self.holding = Holding(context.store, context.limits, context.usage)
        use_cases: dict[type, UseCase] = {
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
            ChatMute: chat.mute,
            InboxPoll: inboxes.poll,
            InboxSend: inboxes.send,
            Broadcast: inboxes.broadcast,
            TopicPublish: topics.publish,
            TopicPoll: topics.poll,
            QueueSend: topics.send,
            QueuePoll: topics.listen,
            InboxClose: inboxes.close,
            WorldStats: World(context, self.census).stats,
            AccountCreate: accounts.create,
            Login: accounts.log_in,
            Logout: accounts.log_out,
            PasswordChange: accounts.change_password,
            AccountDelete: accounts.delete,
            ResetAsk: resets.ask,
            ResetUse: resets.use,
            SessionList: account_sessions.list,
            SessionEnd: account_sessions.end,
            AccountEmail: accounts.change_email,
        }
        self._commands: dict[type, tuple[UseCase, Counts]] = {
            request: (use_case, self.usage.command(command_of(request))) for request, use_case in use_cases.items()
        }

    async def recover(self) -> None:
        """Finish what a server that was killed had begun, and tell what it owes; for the start of a server.

        Raises:
            StoreDown: The store's failure.
        """
        await self._lobby.form_all()
        await self._events.settle_all()

    async def answer(self, request: Request, title: str, wait_s: float = 0) -> Reply:
        """The reply to one request.

        Args:
            request: What the client wants.
            title: The game title of the path; "" is the default one.
            wait_s: How long the client is willing to wait for something to say.

        Raises:
            StoreDown: The store's failure; nothing may be acknowledged.
        """
        if wait_s:
            return await self._answer_in_time(request, title, wait_s)
        use_case, counts = self._commands[type(request)]
        try:
            reply = (await use_case(request, title, Held.NO)).outcome.reply
        except Refused as refused:
            reply = refused.reply
        except StoreDown:
            counts[answers.STORE_DOWN.prefix] += 1
            raise
        counts[reply.answer.prefix] += 1
        return reply

    async def _answer_in_time(self, request: Request, title: str, wait_s: float) -> Reply:
        hold = self.hold(request, title, wait_s)
        while (reply := await self.take(hold)) is None:
            await self.holding.wait(hold)
        return reply

    def hold(self, request: Request, title: str, wait_s: float) -> Hold:
        """A request that is willing to wait, to be taken."""
        use_case, counts = self._commands[type(request)]
        return Hold(use_case, request, title, counts, wait_s)

    async def take(self, hold: Hold) -> Reply | None:
        """The reply to a request that is willing to wait, or None while it is to wait: then it is taken again.

        Raises:
            StoreDown: The store's failure; nothing may be acknowledged.
        """
        counts = hold.counts
        try:
            answered = await hold.step()
            if self.holding.holds(hold, answered):
                return None
            reply = answered.outcome.reply
        except Refused as refused:
            reply = refused.reply
        except StoreDown:
            counts[answers.STORE_DOWN.prefix] += 1
            raise
        counts[reply.answer.prefix] += 1
        return reply
