"""The way from REGISTER to play."""

import pytest

from turnserver.client.errors import ProtocolError, RegistrationEnded, ServerFull, WantedPartnerDropped
from turnserver.client.pairing import REGISTRATIONS_MAX, Paired, Pairing, Role, wish
from turnserver.client.seat import Seat
from turnserver.messages.relay import Register
from turnserver.wire import replies, requests

FRESH = Pairing(wish=wish("ann", "bob"))
ASKING = ("0/0/KEY",)
LOADING = (*ASKING, "0/3/bob")
READY = (*LOADING, "0/5/")


def after(*lines: str) -> Pairing:
    pairing = FRESH
    for line in lines:
        answered = pairing.answered(replies.parse(line.encode()))
        assert isinstance(answered, Pairing)
        pairing = answered
    return pairing


def request(*lines: str) -> str:
    return requests.line(after(*lines).request).decode()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), "0,ann,*,bob,*"),
        (ASKING, "2,*,KEY,*,*"),
        ((*ASKING, "0/2/*"), "2,*,KEY,*,*"),
        (LOADING, "3,*,KEY,*,*"),
        ((*ASKING, "0/4/bob"), "3,*,KEY,*,*"),
        (READY, "4,*,KEY,*,*"),
        ((*LOADING, "0/6/"), "4,*,KEY,*,*"),
        ((*READY, "0/7/*"), "4,*,KEY,*,*"),
    ],
)
def test_each_reply_leads_to_the_next_request(lines: tuple[str, ...], expected: str) -> None:
    assert request(*lines) == expected


@pytest.mark.parametrize("lines", [ASKING, LOADING, READY])
def test_who_lost_a_partner_before_play_asks_again(lines: tuple[str, ...]) -> None:
    assert request(*lines, "9/2/*") == "2,*,KEY,*,*"


@pytest.mark.parametrize("lines", [ASKING, LOADING, READY])
@pytest.mark.parametrize("lost", ["5/*/*", "10/*/*"])
def test_who_lost_the_registration_registers_again(lines: tuple[str, ...], lost: str) -> None:
    assert request(*lines, lost) == "0,ann,*,bob,*"
    assert request(*lines, lost, "0/0/NEW") == "2,*,NEW,*,*"


def test_registering_again_and_again_comes_to_an_end() -> None:
    lost = ("0/0/KEY", "10/*/*") * (REGISTRATIONS_MAX - 1)

    with pytest.raises(RegistrationEnded):
        after(*lost, "0/0/KEY", "10/*/*")


@pytest.mark.parametrize(
    ("lines", "refusal", "kind"),
    [
        ((), "11/*/*", ServerFull),
        ((), "6/*/*", ProtocolError),
        ((), "5/*/*", ProtocolError),
        (ASKING, "12/*/*", ServerFull),
        (ASKING, "17/*/*", WantedPartnerDropped),
        (LOADING, "17/*/*", WantedPartnerDropped),
        (LOADING, "0/8/GAME|0", ProtocolError),
        (READY, "12/*/*", ServerFull),
        (READY, "17/*/*", WantedPartnerDropped),
        (READY, "0/8/GAME", ProtocolError),
        (READY, "0/8/|0", ProtocolError),
        (READY, "0/8/GAME|2", ProtocolError),
    ],
)
def test_other_answers_are_errors(lines: tuple[str, ...], refusal: str, kind: type[Exception]) -> None:
    pairing = after(*lines)
    kinds = (kind, RegistrationEnded) if refusal == "5/*/*" else kind

    with pytest.raises(kinds):
        pairing.answered(replies.parse(refusal.encode()))


@pytest.mark.parametrize(("code", "role"), [("0/3", Role.SERVER), ("0/4", Role.CLIENT)])
def test_play_begins_with_a_seat_a_partner_and_a_role(code: str, role: Role) -> None:
    pairing = after("0/0/KEY", f"{code}/bob", "0/5/")

    paired = pairing.answered(replies.parse(b"0/8/GAME|1"))

    assert paired == Paired(Seat(key="GAME", player=1), "bob", role)


def test_a_new_partner_brings_a_new_role() -> None:
    paired = after(*READY, "9/2/*", "0/4/cleo", "0/6/").answered(replies.parse(b"0/8/GAME|0"))

    assert paired == Paired(Seat(key="GAME", player=0), "cleo", Role.CLIENT)


def test_a_wish_names_one_partner_or_nobody() -> None:
    assert wish("ann", None) == Register("ann", None, long_timeout=False)
    assert wish("ann", "bob") == Register("ann", "bob", long_timeout=False)
    assert wish("ann", None, "t" * 43) == Register("ann", None, long_timeout=False, token="t" * 43)


@pytest.mark.parametrize("token", ["", "t" * 42, "t" * 44, "t" * 42 + ","])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="43 letters"):
        wish("ann", None, token)


@pytest.mark.parametrize(
    ("name", "partner"),
    [
        ("", None),
        ("*", None),
        ("a,b", None),
        ("a\nb", None),
        ("a" * 65, None),
        ("\ud800", None),
        ("ann", ""),
        ("ann", "*"),
        ("ann", "b,c"),
        ("ann", "é" * 33),
    ],
)
def test_names_that_the_server_would_refuse_or_misread_are_refused(name: str, partner: str | None) -> None:
    with pytest.raises(ValueError, match="cannot register"):
        wish(name, partner)
