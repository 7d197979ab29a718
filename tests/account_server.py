"""Accounts for tests: a server with records in a file, and people who come from somewhere and know a password."""

from dataclasses import replace
from pathlib import Path

from tests.text_server import TextServer
from turnserver.protocol.limits import Limits
from turnserver.records.opened import Records
from turnserver.service.answering import Answering
from turnserver.service.passwords import Passwords
from turnserver.service.peer import PEER
from turnserver.service.reset_sender import ResetSender
from turnserver.store.seam import Store

PASSWORD = "correct horse"


class AccountServer(TextServer):
    """Answers lines, as sent from `address`.

    Args:
        folder: Where the records are.
        limits: The settings.
        store: A store to use in place of a new one.
    """

    def __init__(self, folder: Path, limits: Limits | None = None, *, store: Store | None = None) -> None:
        records = Records(f"sqlite:///{folder}/turnserver.records.db")
        super().__init__(limits, store=store, records=records)
        self.context = replace(self.context, unix_ms=lambda: self.now_ms)
        self.answering = Answering(self.context)
        self.address = "192.0.2.1"
        self.now_ms = 1_000_000

    def say(self, line: str | bytes, title: str = "") -> str:
        """The reply to a line from `address`."""
        before = PEER.set(lambda: self.address)
        try:
            return super().say(line, title)
        finally:
            PEER.reset(before)

    def hash_by(self, passwords: Passwords) -> None:
        """Let passwords be hashed another way from now on."""
        self.context = replace(self.context, passwords=passwords)
        self.answering = Answering(self.context)

    def send_resets_to(self, sender: ResetSender) -> None:
        """Let reset tokens be sent from now on."""
        self.answering = Answering(self.context, sender)

    def at(self, address: str) -> "AccountServer":
        """The same server, asked from somewhere else from now on."""
        self.address = address
        return self

    def create(self, name: str = "ann", password: str = PASSWORD, key: str = "*") -> str:
        """The token of a new account's first session."""
        return token_of(self.say(f"60,{name};{password},{key},*,*"))

    def log_in(self, name: str = "ann", password: str = PASSWORD, key: str = "*") -> str:
        """The token of a new session."""
        return token_of(self.say(f"61,{name};{password},{key},*,*"))

    def try_to_log_in(self, name: str = "ann", password: str = PASSWORD, key: str = "*") -> str:
        """The reply to LOGIN."""
        return self.say(f"61,{name};{password},{key},*,*")

    def guest(self) -> tuple[str, str]:
        """A guest's token and name."""
        token, _, name = self.say("62,*,*,*,*").removeprefix("0/62/").split("|")
        return token, name

    def has_right(self, token: str) -> bool:
        """True for the token of a session that is open."""
        reply = self.say(f"29,*,{token},*,*")
        assert reply in ("0/29/*", "30/*/*")
        return reply == "0/29/*"


def token_of(reply: str) -> str:
    """The token in a reply to ACCOUNT_CREATE or LOGIN."""
    assert reply.startswith(("0/60/", "0/61/")), reply
    return reply.split("/", 2)[2].split("|", maxsplit=1)[0]
