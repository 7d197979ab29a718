"""Chat for the synchronous client.

One thread may wait for lines while others speak: a line that is handed in ends the wait at once, and the wait goes on
after it.
"""

from turnserver.client.chatting import Chatting
from turnserver.client.connection import Connection
from turnserver.client.subscription import Subscription
from turnserver.client.timing import Timing
from turnserver.messages.chat import ChatLine


class Chat(Subscription[ChatLine]):
    """A channel: first what is kept of it, then what is said, one's own lines among it, each once and in order.

    Whoever has asked or said anything there within a minute is there; so waiting in `receive` is being there.
    """

    def __init__(self, chatting: Chatting, connection: Connection, timing: Timing) -> None:
        super().__init__(chatting, connection, timing)
        self._chatting = chatting

    def say(self, text: str) -> None:
        """Say a line; when this returns, it stands in the channel, once. It waits where one speaks too fast.

        Args:
            text: 1 to 1,024 bytes without a line break, of any other characters.

        Raises:
            ValueError: It is no such text.
            NotAllowed: This user is muted.
            Unreachable: It is not known whether it stands there. It stays in line: the next `say` or `receive` settles
                it. Do not say it a second time.
            NotDelivered: A line of before was refused, or 100 are in line and cannot be settled now; this one was not
                said.
            TurnserverError: As for `receive`.
        """
        steps = self._chatting.say(text)
        with self._connection.floor.for_sending():
            self._connection.perform(steps)

    def people(self) -> list[str]:
        """The names of those who are there, in the order in which they came.

        Raises:
            TurnserverError: As for `receive`.
        """
        with self._connection.floor.for_sending():
            return self._connection.perform(self._chatting.people())
