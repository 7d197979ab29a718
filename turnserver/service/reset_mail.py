"""Mails reset tokens to the addresses that accounts have.

Source: docs/accounts.md, "A lost password"; RFC 5321, RFC 8314.
"""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import NamedTuple

from turnserver.service.reset_sender import Reset, SendingFailed
from turnserver.settings import MailTls

PATIENCE_S = 20
"""How long each step of the mail server may take."""

SUBJECT = "A new password for {name}"

TEXT = """Somebody, hopefully you, has asked for a new password for the account {name}.

{token}

sets one, once, and within {minutes} minutes. If you did not ask, do nothing: without it the password stays as it is.
"""
"""The whole mail; `{token}` is the token, behind the link that the operator has set, if there is one."""


class MailServer(NamedTuple):
    """The operator's mail server: where it is, how it is reached, and whom mails come from."""

    host: str
    port: int
    tls: MailTls
    user: str
    password: str
    sender: str
    link: str
    """What stands in front of the token, as `https://example.org/reset?token=`; may be empty."""


class ResetMail:
    """Hands mails to a mail server, with a connection for each.

    Args:
        server: Where to.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def reaches(self, email: str | None) -> bool:
        """See `Way.reaches`: who has given an address."""
        return email is not None

    def deliver(self, reset: Reset) -> None:
        """See `Way.deliver`."""
        server = self._server
        try:
            with self._connected() as smtp:
                if server.user:
                    smtp.login(server.user, server.password)
                smtp.send_message(self._mail(reset))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise SendingFailed(f"the mail server: {_reason(error)}") from error

    def _connected(self) -> smtplib.SMTP:
        server, trusted = self._server, ssl.create_default_context()
        if server.tls is MailTls.TLS:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE_S, context=trusted)
        smtp = smtplib.SMTP(server.host, server.port, timeout=PATIENCE_S)
        if server.tls is MailTls.STARTTLS:
            try:
                smtp.starttls(context=trusted)
            except BaseException:
                smtp.close()
                raise
        return smtp

    def _mail(self, reset: Reset) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._server.sender
        mail["To"] = reset.email
        mail["Subject"] = SUBJECT.format(name=reset.name)
        mail["Date"] = formatdate()
        mail["Message-ID"] = make_msgid(domain=self._server.sender.rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
        token = f"{self._server.link}{reset.token}"
        mail.set_content(TEXT.format(name=reset.name, token=token, minutes=max(1, reset.expires_s // 60)))
        return mail


def _reason(error: Exception) -> str:
    """What went wrong. What the mail server says may repeat the mail: of it, only the number is told."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "it does not take mail for this address"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    return f"{type(error).__name__}: {error}"
