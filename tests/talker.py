"""People who chat, for tests."""

from tests.room_server import Guest
from tests.text_server import TextServer
from turnserver.messages.chat import ChatLine
from turnserver.wire.chat import parse_chat_item


class Talker:
    """Somebody in a channel, with a cursor that follows the replies."""

    def __init__(self, server: TextServer, key: str, channel: str = "lobby", title: str = "") -> None:
        self.server, self.key, self.channel, self.title = server, key, channel, title
        self.name, self.cursor = "", "*"
        self.heard: list[ChatLine] = []

    @classmethod
    def guest(cls, server: TextServer, channel: str = "lobby", title: str = "") -> "Talker":
        """A guest in a lobby channel."""
        guest = Guest(server)
        talker = cls(server, guest.token, channel, title)
        talker.name = guest.name
        return talker

    def line(self, symbol: int, data: str = "*", cursor: str | None = None) -> str:
        """A line of this talker's."""
        return f"{symbol},{data},{self.key},{self.channel},{self.cursor if cursor is None else cursor}"

    def say(self, text: str, cursor: str | None = None) -> str:
        """The reply to CHAT_SAY."""
        return self.hear(self.server.say(self.line(40, text, cursor), self.title))

    def poll(self, cursor: str | None = None) -> str:
        """The reply to CHAT_POLL."""
        return self.hear(self.server.say(self.line(41, "*", cursor), self.title))

    def who(self) -> str:
        """The reply to CHAT_WHO."""
        return self.server.say(self.line(42), self.title)

    def hear(self, reply: str) -> str:
        """Take a reply in."""
        if reply.startswith(("0/41/", "0/13/")):
            self.cursor, *items = reply[5:].split("|")
            self.heard += map(parse_chat_item, items)
        return reply

    @property
    def texts(self) -> list[str]:
        """What was heard, in order."""
        return [line.text for line in self.heard]
