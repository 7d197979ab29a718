import asyncio
from pathlib import Path

import pytest

from tests.account_server import PASSWORD, AccountServer
from turnserver.protocol.limits import Limits
from turnserver.service.reset_sender import Reset, ResetSender, SendingFailed


class Postman(ResetSender):
    """Keeps what is sent, or fails to send."""

    def __init__(self) -> None:
        super().__init__(())
        self.sent: list[Reset] = []
        self.is_ill = False
        self.knows_addresses_only = False

    def reaches(self, email: str | None) -> bool:
        return email is not None or not self.knows_addresses_only

    async def send(self, reset: Reset) -> None:
        await asyncio.sleep(0)
        if self.is_ill:
            raise SendingFailed("the postman is ill")
        self.sent.append(reset)


@pytest.fixture
def server(tmp_path: Path) -> AccountServer:
    return AccountServer(tmp_path, Limits(reset_token_s=60, name_resets_max=2))


@pytest.fixture
def postman(server: AccountServer) -> Postman:
    found = Postman()
    server.send_resets_to(found)
    return found


def asked(server: AccountServer, postman: Postman, name: str = "ann") -> str:
    """A reset token as the owner of an account gets it."""
    assert server.say(f"66,{name},*,*,*") == "0/66/*"
    return postman.sent[-1].token


def test_who_has_lost_a_password_sets_a_new_one_by_a_token_that_was_sent(
    server: AccountServer, postman: Postman
) -> None:
    lost = server.create("Ann")
    token = asked(server, postman)

    assert postman.sent == [Reset("Ann", None, token, 60)]
    assert server.say(f"67,{token};battery staple,*,*,*") == "0/67/*"
    assert not server.has_right(lost)
    assert server.try_to_log_in() == "30/*/*"
    assert server.has_right(server.log_in(password="battery staple"))


def test_a_reset_token_works_once(server: AccountServer, postman: Postman) -> None:
    server.create()
    token = asked(server, postman)
    server.say(f"67,{token};battery staple,*,*,*")

    assert server.say(f"67,{token};another staple,*,*,*") == "30/*/*"
    assert server.has_right(server.log_in(password="battery staple"))


def test_of_several_that_come_at_once_one_works(server: AccountServer, postman: Postman) -> None:
    server.create()
    token = asked(server, postman)

    async def race() -> list[str]:
        try:
            lines = [f"67,{token};battery staple {number},*,*,*" for number in range(5)]
            return await asyncio.gather(*map(server.answer, lines))
        finally:
            await server.context.records.close()
            server.context.passwords.close()

    assert sorted(server.runs(race())) == ["0/67/*", *["30/*/*"] * 4]


def test_a_reset_token_is_over_after_a_while(server: AccountServer, postman: Postman) -> None:
    server.create()
    token = asked(server, postman)

    assert server.later(60).say(f"67,{token};battery staple,*,*,*") == "30/*/*"
    assert server.has_right(server.log_in())


def test_a_password_that_is_not_good_leaves_the_token_as_it_is(server: AccountServer, postman: Postman) -> None:
    server.create()
    token = asked(server, postman)

    assert server.say(f"67,{token};short,*,*,*") == "36/*/password: less than 8 bytes"
    assert server.say(f"67,{token};battery staple,*,*,*") == "0/67/*"


def test_a_change_of_the_password_ends_the_right_to_reset_it(server: AccountServer, postman: Postman) -> None:
    mine = server.create()
    token = asked(server, postman)
    server.say(f"64,{PASSWORD};battery staple,{mine},*,*")

    assert server.say(f"67,{token};another staple,*,*,*") == "30/*/*"


def test_who_asks_learns_nothing(server: AccountServer, postman: Postman) -> None:
    server.create()

    assert [server.say(f"66,{name},*,*,*") for name in ("ann", "bob")] == ["0/66/*"] * 2
    assert [reset.name for reset in postman.sent] == ["ann"]


def test_a_token_goes_to_the_address_that_the_owner_has_set(server: AccountServer, postman: Postman) -> None:
    postman.knows_addresses_only = True
    mine = server.create()
    assert server.say("66,ann,*,*,*") == "0/66/*"
    assert postman.sent == []

    assert server.say(f"71,{PASSWORD};ann@example.org,{mine},*,*") == "0/71/*"
    token = asked(server, postman)
    assert postman.sent == [Reset("ann", "ann@example.org", token, 60)]

    assert server.say(f"71,{PASSWORD};,{mine},*,*") == "0/71/*"
    assert server.say(f"67,{token};battery staple,*,*,*") == "30/*/*"
    assert server.say("66,ann,*,*,*") == "0/66/*"
    assert len(postman.sent) == 1


def test_an_address_is_set_by_who_knows_the_password_only(server: AccountServer, postman: Postman) -> None:
    mine = server.create()

    assert server.say(f"71,wrong horse;eve@example.org,{mine},*,*") == "31/*/*"
    assert server.say(f"71,{PASSWORD};nowhere,{mine},*,*") == "36/*/address: not one that mail could be sent to"
    asked(server, postman)
    assert postman.sent[0].email is None


def test_an_account_is_not_flooded_with_tokens_and_that_too_tells_nothing(
    server: AccountServer, postman: Postman
) -> None:
    server.create()

    assert [server.say("66,ann,*,*,*") for _ in range(5)] == ["0/66/*"] * 5
    assert len(postman.sent) == 2


def test_one_address_asks_only_so_often(tmp_path: Path) -> None:
    server = AccountServer(tmp_path, Limits(address_guesses_max=2))

    assert [server.say(f"66,{name},*,*,*") for name in "abc"] == ["0/66/*", "0/66/*", "43/*/600"]


def test_a_token_that_cannot_be_sent_is_a_line_in_the_log_without_it(
    server: AccountServer, postman: Postman, caplog: pytest.LogCaptureFixture
) -> None:
    server.create()
    postman.is_ill = True

    assert server.say("66,ann,*,*,*") == "0/66/*"
    (told,) = caplog.records
    assert (told.getMessage(), told.fields) == ("reset not sent", {"reason": "the postman is ill"})  # type: ignore[attr-defined]  # the event's


def test_without_a_sender_only_the_operator_hands_tokens_out(server: AccountServer) -> None:
    server.create()

    assert server.say("66,ann,*,*,*") == "0/66/*"


@pytest.mark.parametrize("token", ["", "x", "x" * 43])
def test_what_is_no_reset_token_gives_no_right(server: AccountServer, token: str) -> None:
    assert server.say(f"67,{token};battery staple,*,*,*") == "30/*/*"
