"""Inboxes for tests: readers whose cursor follows the replies, and a server key."""

from dataclasses import replace
from itertools import count
from secrets import token_urlsafe

from tests.room_server import Guest
from tests.text_server import TextServer
from turnserver.messages.inbox import Mail
from turnserver.protocol.limits import Limits
from turnserver.service.answering import Answering
from turnserver.service.context import KEY_LETTERS
from turnserver.service.secrets import digest
from turnserver.store.seam import Store
from turnserver.wire.inbox import parse_mail_item

SERVER_KEY = "sk_" + "k" * 43
"""A key that `mail_server` knows."""


def mail_server(limits: Limits | None = None, *, store: Store | None = None) -> TextServer:
    """A server that knows one server key."""
    server = TextServer(limits, store=store)
    holders, numbers = {digest(SERVER_KEY): "world"}, count()

    def new_key() -> str:
        """No two of these give lists the same epoch, as chance might."""
        return f"{next(numbers) % 100:02}{token_urlsafe(12)}"[:KEY_LETTERS]

    server.context = replace(server.context, new_key=new_key, holder_of_key=holders.get)
    server.answering = Answering(server.context)
    return server


def broadcast(server: TextServer, text: str, number: int | str = "*", key: str = SERVER_KEY) -> str:
    """The reply to BROADCAST."""
    return server.say(f'52,news;"{text}",{key},*,{number}')


class Reader:
    """A user with an inbox."""

    def __init__(self, server: TextServer) -> None:
        self.server = server
        guest = Guest(server)
        self.token, self.name = guest.token, guest.name
        self.cursor = "*"
        self.mails: list[Mail] = []

    def line(self, cursor: str | None = None) -> str:
        """A poll."""
        return f"50,*,{self.token},*,{self.cursor if cursor is None else cursor}"

    def poll(self, cursor: str | None = None) -> str:
        """The reply to INBOX_POLL, taken in."""
        return self.hear(self.server.say(self.line(cursor)))

    def hear(self, reply: str) -> str:
        """Take a reply in."""
        if reply.startswith(("0/50/", "0/13/")):
            self.cursor, *items = reply[5:].split("|")
            self.mails += map(parse_mail_item, items)
        return reply

    def send(self, to: str, text: str, number: int | str = "*", action: str = "note") -> str:
        """The reply to INBOX_SEND."""
        return self.server.say(f'51,{action};"{text}",{self.token},{to},{number}')

    @property
    def texts(self) -> list[str]:
        """What was read, in order."""
        return [mail.data.strip('"') for mail in self.mails]
