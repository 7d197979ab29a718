"""A real mail server for tests, on this machine: what it takes it keeps."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.free_port import free_port

USER, PASSWORD = "games", "the mail's password"


class Certificate(NamedTuple):
    """A certificate for this machine that nobody has signed, and its key."""

    file: Path
    key: Path

    @classmethod
    def made(cls, folder: Path) -> "Certificate":
        """A new one."""
        made = cls(folder / "mail.pem", folder / "mail.key")
        words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        files = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(made.file), "-keyout", str(made.key)]
        subprocess.run([*words, *files], check=True, capture_output=True)
        return made

    @property
    def context(self) -> ssl.SSLContext:
        """For a server that shows it."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.file, self.key)
        return context


class Mailbox:
    """Where a mail server puts what it takes.

    Args:
        answer: What it says to a mail.
    """

    def __init__(self, answer: str = "250 taken") -> None:
        self.mails: list[EmailMessage] = []
        self.to: list[str] = []
        self.answer = answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # its name
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.to += envelope.rcpt_tos
        return self.answer


def knows(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, shown: Any) -> AuthResult:
    """Let the one user in."""
    assert isinstance(shown, LoginPassword)
    return AuthResult(success=(shown.login, shown.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@contextmanager
def mail_server(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    """The port of a mail server."""
    controller = Controller(mailbox, "127.0.0.1", free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
