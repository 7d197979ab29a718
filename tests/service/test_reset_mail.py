from typing import Any

import pytest

from tests.free_port import free_port
from tests.mail_server import PASSWORD, USER, Certificate, Mailbox, knows, mail_server
from turnserver.service.reset_mail import MailServer, ResetMail
from turnserver.service.reset_sender import Reset, SendingFailed
from turnserver.settings import MailTls

RESET = Reset("Ann Smith", "ann@example.org", "secret-token", 3600)


def send(port: int, tls: MailTls, *, password: str = PASSWORD, user: str = USER, link: str = "") -> None:
    server = MailServer("127.0.0.1", port, tls, user, password, "games@example.org", link)
    ResetMail(server).deliver(RESET)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.made(tmp_path_factory.mktemp("mail"))


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """A certificate that this machine trusts, for once."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    return certificate


def options(certificate: Certificate, tls: MailTls) -> dict[str, Any]:
    if tls is MailTls.TLS:
        return {"ssl_context": certificate.context}
    return {"tls_context": certificate.context, "require_starttls": True, "authenticator": knows, "auth_required": True}


@pytest.mark.parametrize("tls", [MailTls.STARTTLS, MailTls.TLS])
def test_a_mail_with_the_token_goes_to_the_account_s_address_in_secret(trusted: Certificate, tls: MailTls) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, **options(trusted, tls)) as port:
        send(port, tls, user=USER if tls is MailTls.STARTTLS else "", link="https://example.org/reset?token=")

    (mail,) = mailbox.mails
    assert mailbox.to == [mail["To"]] == ["ann@example.org"]
    assert (mail["From"], mail["Subject"]) == ("games@example.org", "A new password for Ann Smith")
    assert mail["Message-ID"].endswith("@example.org>")
    assert "\nhttps://example.org/reset?token=secret-token\n" in mail.get_content().replace("\r", "")
    assert "within 60 minutes" in mail.get_content()


def test_a_server_on_this_machine_may_ask_for_nothing() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        send(port, MailTls.NONE, user="")

    assert "\nsecret-token\n" in mailbox.mails[0].get_content().replace("\r", "")


@pytest.mark.parametrize("tls", [MailTls.STARTTLS, MailTls.TLS])
def test_a_certificate_that_nobody_vouches_for_gets_no_password_and_no_token(
    certificate: Certificate, tls: MailTls
) -> None:
    mailbox = Mailbox()
    with (
        mail_server(mailbox, **options(certificate, tls)) as port,
        pytest.raises(SendingFailed, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        send(port, tls)

    assert mailbox.mails == []


def test_a_server_without_starttls_gets_nothing_where_it_is_wanted() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port, pytest.raises(SendingFailed, match="STARTTLS"):
        send(port, MailTls.STARTTLS)

    assert mailbox.mails == []


def test_a_wrong_password_is_told_without_it(trusted: Certificate) -> None:
    with (
        mail_server(Mailbox(), **options(trusted, MailTls.STARTTLS)) as port,
        pytest.raises(SendingFailed, match="SMTPAuthenticationError 535") as caught,
    ):
        send(port, MailTls.STARTTLS, password="wrong")

    assert "wrong" not in str(caught.value)


def test_a_server_that_does_not_take_the_mail_is_told_without_the_token() -> None:
    with mail_server(Mailbox("554 secret-token is spam")) as port, pytest.raises(SendingFailed) as caught:
        send(port, MailTls.NONE, user="")

    assert str(caught.value) == "the mail server: SMTPDataError 554"


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(SendingFailed, match="ConnectionRefusedError"):
        send(free_port(), MailTls.STARTTLS)


def test_only_who_has_an_address_is_reached() -> None:
    way = ResetMail(MailServer("127.0.0.1", 25, MailTls.NONE, "", "", "games@example.org", ""))

    assert [way.reaches(None), way.reaches("ann@example.org")] == [False, True]
