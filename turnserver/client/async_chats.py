"""Chat for the asynchronous client: one task may wait for lines while others speak."""

from turnserver.client.async_connection import Connection
from turnserver.client.async_subscription import Subscription
from turnserver.client.chatting import Chatting
from turnserver.client.timing import Timing
from turnserver.messages.chat import ChatLine


class Chat(Subscription[ChatLine]):
    """A channel; see `turnserver.client.chats.Chat`. A call that is cancelled is settled by the next."""

    def __init__(self, chatting: Chatting, connection: Connection, timing: Timing) -> None:
        super().__init__(chatting, connection, timing)
        self._chatting = chatting

    async def say(self, text: str) -> None:
        """Say a line; see `turnserver.client.chats.Chat.say`.

        Who cancels it has said it all the same: it stays in line, unless 100 are there already.
        """
        steps = self._chatting.say(text)
        async with self._connection.for_sending():
            await self._connection.perform(steps)

    async def people(self) -> list[str]:
        """The names of those who are there; see `turnserver.client.chats.Chat.people`."""
        async with self._connection.for_sending():
            return await self._connection.perform(self._chatting.people())
