import asyncio
import logging
from pathlib import Path

import pytest
from sqlalchemy import insert

from tests.account_server import PASSWORD, AccountServer, token_of
from tests.text_server import is_quiet
from turnserver.protocol.limits import Limits
from turnserver.records.tables import Ban
from turnserver.service.passwords import Passwords


@pytest.fixture
def server(tmp_path: Path) -> AccountServer:
    return AccountServer(tmp_path)


def test_an_account_begins_with_a_session(server: AccountServer) -> None:
    reply = server.say(f"60,ann;{PASSWORD},*,*,*")
    token, seconds = reply.removeprefix("0/60/").split("|")

    assert len(token) == 43
    assert seconds == "604800"
    assert server.has_right(token)


def test_who_knows_the_password_gets_a_session_of_its_own(server: AccountServer) -> None:
    first = server.create("Ann")

    assert server.try_to_log_in("ann").startswith("0/61/")
    assert server.try_to_log_in("\uff21NN").startswith("0/61/")
    assert server.has_right(first)


def test_a_session_has_the_accounts_name_as_it_was_chosen(server: AccountServer) -> None:
    server.create("Ann")
    token = server.log_in("ann")

    assert server.say(f"40,hi,{token},lobby,*").split("|")[1].startswith("Ann;")


def test_unknown_name_and_wrong_password_get_the_same_answer(server: AccountServer) -> None:
    server.create("ann")

    assert server.try_to_log_in("ann", "wrong horse") == "30/*/*"
    assert server.try_to_log_in("bob") == "30/*/*"


def test_a_name_is_taken_once_whatever_its_case(server: AccountServer) -> None:
    server.create("Ann")

    assert server.say(f"60,aNN;{PASSWORD},*,*,*") == "38/*/*"


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        ("ann;short", "36/*/password: less than 8 bytes"),
        ("annabella;Annabella", "36/*/password: the same as the name"),
        ("guest-7;correct horse", "36/*/name: begins with ~ or guest-"),
        (
            "lobby;correct horse",
            "36/*/name: not 1 to 64 bytes without comma %3B %7C * and control characters",
        ),
        ("ann", "36/*/data: not name%3Bpassword"),
    ],
)
def test_what_cannot_be_an_account_is_refused_with_the_reason(server: AccountServer, data: str, reply: str) -> None:
    assert server.say(f"60,{data},*,*,*") == reply


def test_a_guest_becomes_an_account_and_keeps_what_it_has(server: AccountServer) -> None:
    guest, guest_name = server.guest()
    friend, _ = server.guest()
    server.say(f"51,note;1,{friend},{guest_name},*")
    room = server.say(f'20,{{"engine":"e","seed":"s","players":[1,2]}},{guest},*,7').removeprefix("0/20/").split("|")

    token = server.create("ann", key=guest)
    server.say(f"51,note;2,{friend},ann,*")
    server.say(f"51,note;3,{friend},{guest_name},*")
    mails = server.say(f"50,*,{token},*,*").removeprefix("0/50/").split("|")[1:]
    again = server.say(f"21,{room[0]},{token},*,8").removeprefix("0/21/").split("|")

    assert [mail.split(";")[3] for mail in mails] == ["1", "2", "3"]
    assert again[2] == room[2] == "0"
    assert not server.has_right(guest)


def test_a_guest_becomes_one_account_only(server: AccountServer) -> None:
    guest, _ = server.guest()
    token = server.create("ann", key=guest)

    assert server.say(f"60,bob;{PASSWORD},{guest},*,*") == "30/*/*"
    assert server.say(f"60,bob;{PASSWORD},{token},*,*") == "37/*/*"


def test_an_account_gets_what_is_sent_to_its_name_while_it_is_away(server: AccountServer) -> None:
    token = server.create("ann")
    server.say(f"63,*,{token},*,*")
    friend, _ = server.guest()

    assert server.say(f"51,note;1,{friend},Ann,*") == "0/51/*"
    assert server.say(f"51,note;1,{friend},bob,*") == "32/*/*"
    assert ";note;guest-" in server.say(f"50,*,{server.log_in()},*,*")


def test_logging_out_ends_this_session_only(server: AccountServer) -> None:
    server.create()
    one, other = server.log_in(), server.log_in()

    assert server.say(f"63,*,{one},*,*") == "0/63/*"
    assert (server.has_right(one), server.has_right(other)) == (False, True)
    assert server.say(f"63,*,{one},*,*") == "30/*/*"


def test_a_guest_may_log_out_too(server: AccountServer) -> None:
    guest, _ = server.guest()

    assert server.say(f"63,*,{guest},*,*") == "0/63/*"
    assert not server.has_right(guest)


def test_a_new_password_counts_and_ends_the_other_sessions(server: AccountServer) -> None:
    mine, other = server.create(), server.log_in()

    assert server.say(f"64,{PASSWORD};battery staple,{mine},*,*") == "0/64/*"
    assert (server.has_right(mine), server.has_right(other)) == (True, False)
    assert server.try_to_log_in() == "30/*/*"
    assert server.has_right(server.log_in(password="battery staple"))


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        ("wrong horse;battery staple", "31/*/*"),
        (f"{PASSWORD};short", "36/*/password: less than 8 bytes"),
        (f"{PASSWORD}", "36/*/data: not old%3Bnew"),
    ],
)
def test_a_password_is_not_changed_without_the_old_one(server: AccountServer, data: str, reply: str) -> None:
    token = server.create()

    assert server.say(f"64,{data},{token},*,*") == reply
    assert server.has_right(server.log_in())


def test_a_guest_has_no_password_and_no_account(server: AccountServer) -> None:
    guest, _ = server.guest()

    assert server.say(f"64,{PASSWORD};battery staple,{guest},*,*") == "31/*/*"
    assert server.say(f"65,{PASSWORD},{guest},*,*") == "31/*/*"


def test_a_deleted_account_is_gone_with_all_its_sessions_and_its_name_is_free(server: AccountServer) -> None:
    mine, other = server.create(), server.log_in()
    server.say(f"51,note;1,{mine},ann,*")

    assert server.say(f"65,wrong horse,{mine},*,*") == "31/*/*"
    assert server.say(f"65,{PASSWORD},{mine},*,*") == "0/65/*"
    assert not server.has_right(mine)
    assert not server.has_right(other)
    assert server.try_to_log_in() == "30/*/*"
    assert is_quiet(server.say(f"50,*,{server.create()},*,*"))


def test_an_account_has_so_many_sessions_and_the_oldest_make_room(tmp_path: Path) -> None:
    server = AccountServer(tmp_path, Limits(account_sessions_max=2))
    first = server.create()
    second, third = server.later(1).log_in(), server.later(1).log_in()

    assert [server.has_right(token) for token in (first, second, third)] == [False, True, True]


def test_a_server_that_holds_all_the_sessions_it_can_says_so(tmp_path: Path) -> None:
    server = AccountServer(tmp_path, Limits(sessions_max=1))
    server.create()

    assert server.try_to_log_in() == "33/*/*"
    assert server.say(f"60,bob;{PASSWORD},*,*,*") == "33/*/*"


def test_a_session_lives_on_while_it_is_used_and_ends_when_it_is_not(tmp_path: Path) -> None:
    server = AccountServer(tmp_path, Limits(session_s=60))
    token = server.create()

    assert server.later(59).has_right(token)
    assert server.later(59).has_right(token)
    assert not server.later(61).has_right(token)


def test_who_guesses_too_often_waits_and_is_not_looked_at(tmp_path: Path) -> None:
    server = AccountServer(tmp_path, Limits(guesses_max=3, guess_window_s=60))
    server.create()
    for name in ("ann", "nobody"):
        replies = [server.try_to_log_in(name, "wrong horse") for _ in range(5)]
        assert replies == ["30/*/*"] * 3 + ["43/*/60"] * 2

    assert server.try_to_log_in() == "43/*/60"
    assert server.later(60).try_to_log_in().startswith("0/61/")


def test_no_stranger_locks_an_account_out(tmp_path: Path) -> None:
    limits = Limits(guesses_max=3, name_guesses_max=5, address_guesses_max=100, first_guesses_max=2)
    server = AccountServer(tmp_path, limits)
    token = server.create()
    server.say(f"63,*,{token},*,*")
    for host in range(20):
        server.at(f"198.51.100.{host}")
        for _ in range(5):
            server.try_to_log_in("ann", "wrong horse")

    assert server.try_to_log_in() == "43/*/600"
    assert server.try_to_log_in(key=token).startswith("0/61/")
    assert server.at("203.0.113.9").try_to_log_in().startswith("0/61/")


def test_a_token_that_was_never_this_accounts_sets_nobody_apart(tmp_path: Path) -> None:
    server = AccountServer(tmp_path, Limits(guesses_max=2))
    server.create("ann")
    other = server.create("bob")
    guesses = [server.try_to_log_in("ann", "wrong horse", key=other) for _ in range(3)]

    assert guesses == ["30/*/*", "30/*/*", "43/*/600"]


def test_one_address_makes_so_many_accounts_and_tries_so_many_names(tmp_path: Path) -> None:
    server = AccountServer(tmp_path, Limits(address_accounts_max=2, address_guesses_max=3))
    made = [server.say(f"60,{name};{PASSWORD},*,*,*")[:2] for name in ("ann", "bob", "eve")]
    tried = [server.try_to_log_in(name, "wrong horse")[:2] for name in ("a", "b", "c", "d")]

    assert made == ["0/", "0/", "43"]
    assert tried == ["30", "30", "30", "43"]


def test_a_wrong_old_password_is_slowed_too(tmp_path: Path) -> None:
    server = AccountServer(tmp_path, Limits(guesses_max=2))
    token = server.create()

    replies = [server.say(f"65,wrong horse,{token},*,*") for _ in range(3)]

    assert replies == ["31/*/*", "31/*/*", "43/*/600"]


def test_an_attempt_that_finds_no_place_to_be_looked_at_does_not_count(tmp_path: Path) -> None:
    server = AccountServer(tmp_path, Limits(guesses_max=2))
    server.create()
    cheap = server.context.passwords
    server.hash_by(Passwords(0))
    replies = [server.try_to_log_in("ann", "wrong horse") for _ in range(5)]
    server.hash_by(cheap)

    assert replies == ["43/*/1"] * 5
    assert server.try_to_log_in().startswith("0/61/")


async def ban(server: AccountServer, kind: str, subject: str, ends_ms: int | None = None) -> None:
    async with server.context.records.database.transaction() as connection:
        row = {"kind": kind, "subject": subject, "why": "cheats", "operator": "root", "made_ms": 0, "ends_ms": ends_ms}
        await connection.execute(insert(Ban).values(**row))
    await server.context.records.close()


def test_who_is_banned_is_told_so_only_with_the_right_password(server: AccountServer) -> None:
    guest, name = server.guest()
    server.create(key=guest)
    server.runs(ban(server, "user", f"guest:{name.removeprefix('guest-')}"))

    assert server.try_to_log_in() == "31/*/*"
    assert server.try_to_log_in(password="wrong horse") == "30/*/*"


def test_from_a_banned_address_nobody_logs_in_until_the_ban_is_over(server: AccountServer) -> None:
    server.create()
    server.runs(ban(server, "address", "192.0.2.1", ends_ms=server.now_ms + 1000))

    assert server.try_to_log_in() == "31/*/*"
    assert server.say(f"60,bob;{PASSWORD},*,*,*") == "31/*/*"
    assert server.at("192.0.2.2").try_to_log_in().startswith("0/61/")
    assert server.at("192.0.2.1").later(1).try_to_log_in().startswith("0/61/")


def test_a_password_is_hashed_anew_when_the_cost_changes(server: AccountServer) -> None:
    server.create()
    server.hash_by(Passwords(9, memory_kib=16, passes=1, threads=1))

    server.log_in()
    account = server.runs(_account(server))

    assert "m=16," in account
    assert server.has_right(server.log_in())


async def _account(server: AccountServer) -> str:
    found = await server.context.records.accounts.named("ann")
    await server.context.records.close()
    assert found is not None
    return found.password


def test_of_logins_and_a_change_of_the_password_at_once_no_session_of_the_old_one_is_left(
    server: AccountServer,
) -> None:
    mine = server.create()

    async def storm() -> list[str]:
        try:
            return await asyncio.gather(
                *(server.answer(f"61,ann;{PASSWORD},{mine},*,*") for _ in range(5)),
                server.answer(f"64,{PASSWORD};battery staple,{mine},*,*"),
                *(server.answer(f"61,ann;{PASSWORD},{mine},*,*") for _ in range(5)),
            )
        finally:
            await server.context.beside.close()
            await server.context.records.close()
            server.context.passwords.close()

    replies = server.runs(storm())
    opened = [token_of(reply) for reply in replies if reply.startswith("0/61/")]

    assert "0/64/*" in replies
    assert not [token for token in opened if server.has_right(token)]
    assert server.has_right(mine)


def test_the_store_and_the_records_hold_nothing_that_a_client_can_show(server: AccountServer, tmp_path: Path) -> None:
    tokens = [server.create(), server.log_in()]
    names = server.done(server.store.scan("session"))
    kept = (tmp_path / "turnserver.records.db").read_bytes()

    assert len(names) == 2
    for secret in (*tokens, PASSWORD):
        assert secret.encode() not in kept
        assert not [name for name in names if secret in name]


def test_logins_are_told_without_what_may_be_a_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server = AccountServer(tmp_path)
    server.create("ann")
    server.log_in("ann")
    server.say("61,ANN;wrong horse,*,*,*")
    server.say("61,my password by mistake;ann,*,*,*")

    told = [(record.getMessage(), vars(record)["fields"]) for record in caplog.records]
    assert told == [
        ("login", {"account": "ann", "address": server.address}),
        ("login refused", {"account": "ann", "address": server.address, "why": "wrong password"}),
        ("login refused", {"address": server.address, "why": "no such name"}),
    ]
