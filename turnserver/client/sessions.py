"""Who a player is, for the synchronous client: a guest or an account, and what that gives the right to."""

import secrets
from collections.abc import Mapping
from typing import Any, Self

from turnserver.client import accounts
from turnserver.client import timing as timings
from turnserver.client.address import address
from turnserver.client.chats import Chat
from turnserver.client.chatting import LOBBY, Chatting, checked_channel
from turnserver.client.connection import Connection, Observer
from turnserver.client.exchange import Steps, T
from turnserver.client.floor import Floor
from turnserver.client.following import Following
from turnserver.client.inboxes import Message, of_inbox
from turnserver.client.membership import Membership
from turnserver.client.rooms import Room
from turnserver.client.seating import Seating, checked_name, checked_room, wishes_of
from turnserver.client.subscription import Subscription
from turnserver.client.timing import Timing
from turnserver.messages.rooms import Filter, Listed

MARK_BYTES = 6
"""A mark tells one session's requests apart: 48 random bits do."""


def new_mark() -> str:
    """Text that nobody else can foresee."""
    return secrets.token_urlsafe(MARK_BYTES)


class Session:
    """Who a player is, to make, join, watch and list rooms. Nothing is posted before the first of these.

    `Session(url)` is a new guest; `Session.login` and `Session.register` give one of an account.

    Args:
        url: The server, for example `http://127.0.0.1:8192`.
        token: A session of before, with its seats; None is a new guest.
        title: The game title in whose list rooms stand.
        timing: All time-outs.
        observe: Called with each request line and its reply line, for logs and demonstrations.

    Raises:
        ValueError: The server would refuse the URL or the title.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        title: str = "",
        timing: Timing = timings.DEFAULT,
        observe: Observer | None = None,
    ) -> None:
        self._address = address(url, title=title)
        self._timing = timing
        self._observe = observe
        self._seating = Seating(token, timing, new_mark)

    @classmethod
    def login(  # noqa: PLR0913  # an option each; all but three can be left out
        cls,
        url: str,
        name: str,
        password: str,
        *,
        token: str | None = None,
        title: str = "",
        timing: Timing = timings.DEFAULT,
        observe: Observer | None = None,
    ) -> Self:
        """A new session of an account.

        Args:
            url: As for `Session`.
            name: The account's; upper and lower case are the same.
            password: The account's.
            token: The latest token that this machine had for the account, also one that is over: with it nobody can
                lock this player out by guessing. It gives no right.
            title: As for `Session`.
            timing: As for `Session`.
            observe: As for `Session`; it sees the password.

        Raises:
            ValueError: The server would refuse the form of an argument.
            WrongPassword: Name and password do not fit.
            NotAllowed: The account is banned.
            TooManyRequests: Too many wrong passwords; `retry_after_s` says when to try again.
            TurnserverError: See `turnserver.client.errors`.
        """
        session = cls(url, title=title, timing=timing, observe=observe)
        session._seating.token = session._perform(accounts.log_in(name, password, known=token, timing=timing))
        return session

    @classmethod
    def register(  # noqa: PLR0913  # an option each; all but three can be left out
        cls,
        url: str,
        name: str,
        password: str,
        *,
        email: str = "",
        guest: str | None = None,
        title: str = "",
        timing: Timing = timings.DEFAULT,
        observe: Observer | None = None,
    ) -> Self:
        """Make an account; its first session.

        Args:
            url: As for `login`.
            name: What others will see.
            password: At least 8 bytes, and not the name.
            email: Where the server may mail a token to, if the password is lost; "" is nowhere.
            guest: The token of a guest who becomes the account, with its seats and its inbox. That token ends.
            title: As for `login`.
            timing: As for `login`.
            observe: As for `login`.

        Raises:
            ValueError: The server would refuse the form of an argument.
            NameTaken: By another account. After `Unreachable` it may be the one that was made: log in, and `set_email`.
            EmailNotSet: The account is there, and its address is not set: go on with the error's `token`.
            WeakPassword: The password is too short, or the name.
            BadRequest: The name is one that accounts cannot have.
            NoRight: The guest's session has ended, or WrongState: it is no guest's.
            NotAllowed: Banned.
            TooManyRequests: Too many accounts were made from here; `retry_after_s` says when to try again.
            TurnserverError: See `turnserver.client.errors`.
        """
        session = cls(url, title=title, timing=timing, observe=observe)
        steps = accounts.register(name, password, email=email, guest=guest, timing=timing)
        session._seating.token = session._perform(steps)
        return session

    def set_email(self, email: str, password: str) -> None:
        """Set where the server may mail a token to, if the password is lost; "" is nowhere.

        Raises:
            ValueError: No mail could be sent there.
            NotAllowed: The password is wrong, or this is a guest.
            TurnserverError: See `turnserver.client.errors`.
        """
        self._perform(accounts.set_email(self.token, password, email, timing=self._timing))

    def logout(self) -> None:
        """End this session, a guest's too; again nothing happens. Who has seats in rooms keeps these.

        Raises:
            Unreachable: The server did not hear it.
        """
        if self._seating.token is not None:
            self._perform(accounts.log_out(self._seating.token, timing=self._timing))

    @property
    def token(self) -> str:
        """The secret that stands for this player; whoever has it has all its seats. Keep it to come back."""
        return self._perform(self._seating.open())

    def create(self, room: Mapping[str, Any], *, name: str | None = None) -> Room:
        """Make a room, and take its first seat.

        Args:
            room: What it is to be: `engine`, `seed`, `players` and what else docs/rooms.md lists.
            name: This player's name; None leaves it to the server.

        Raises:
            ValueError: The server would refuse it.
            TurnserverError: See `turnserver.client.errors`.
        """
        return self._room(self._perform(self._seating.create(wishes_of(room), checked_name(name))))

    def join(self, room: str, *, name: str | None = None) -> Room:
        """Take a seat; or take this session's own seat again, with a new key, wherever the old one is now.

        Raises:
            RoomUnknown: There is none.
            WrongState: The game runs already, and this session has no seat in it.
            ServerFull: All seats are taken.
            NameTaken: By another member.
            TurnserverError: As for `create`.
        """
        return self._room(self._perform(self._seating.join(checked_room(room), checked_name(name))))

    def watch(self, room: str) -> Room:
        """Watch without a seat.

        Raises:
            NotAllowed: The room has no viewers.
            TurnserverError: As for `join`.
        """
        return self._room(self._perform(self._seating.watch(checked_room(room))))

    def list(
        self,
        *,
        engine: str | None = None,
        name: str | None = None,
        state: str | None = None,
        has_seat: bool | None = None,
    ) -> list[Listed]:
        """The open rooms of the title, newest first; what is None does not matter.

        Raises:
            TurnserverError: As for `create`.
        """
        return self._perform(self._seating.list(Filter(engine, name, state, has_seat)))

    def chat(self, channel: str = LOBBY) -> Chat:
        """A lobby channel of the title; rooms and games have a `chat` of their own.

        Args:
            channel: Its name: where the players of the title meet who know it.

        Raises:
            ValueError: It is no name.
            TurnserverError: As for `create`.
        """
        where = checked_channel(channel)
        return Chat(Chatting(self.token, where, self._timing), self._connection(), self._timing)

    def inbox(self, *, after: str | None = None) -> Subscription[Message]:
        """This user's inbox: messages, broadcasts and the server's events. A user has one, and it has one reader.

        Args:
            after: The place to go on from, of a `Message`; None begins with all that is kept.

        Raises:
            ValueError: It is no place.
            TurnserverError: As for `create`.
        """
        following = Following(of_inbox(self.token), after, self._timing)
        return Subscription(following, self._connection(), self._timing)

    def _connection(self) -> Connection:
        return Connection(self._address, self._timing, Floor(), self._observe)

    def _perform(self, steps: Steps[T]) -> T:
        connection = self._connection()
        try:
            return connection.perform(steps)
        finally:
            connection.close()

    def _room(self, member: Membership) -> Room:
        return Room(member, self._address, self._timing, self._observe)
