import asyncio
import os
import threading
from collections.abc import Awaitable

import pytest

from turnserver.messages.reply import Refused
from turnserver.protocol import answers
from turnserver.service.passwords import NICENESS, Passwords, Verdict

RIGHT = Verdict(is_right=True, is_outdated=False)
WRONG = Verdict(is_right=False, is_outdated=False)


def cheap(*, waiting_max: int = 9, passes: int = 1, threads: int = 1) -> Passwords:
    return Passwords(waiting_max, memory_kib=8, passes=passes, threads=threads)


def verdict(passwords: Passwords, hashed: str | None, password: str) -> Verdict:
    try:
        return asyncio.run(passwords.verify(hashed, password))
    finally:
        passwords.close()


def test_a_password_is_right_or_wrong() -> None:
    passwords = cheap()
    hashed = passwords.hash_now("correct horse")

    assert "horse" not in hashed
    assert hashed.startswith("$argon2id$")
    assert verdict(passwords, hashed, "correct horse") == RIGHT
    assert verdict(passwords, hashed, "correct horse ") == WRONG
    assert verdict(passwords, "no hash", "correct horse") == WRONG


def test_what_is_hashed_is_what_the_password_means() -> None:
    passwords = cheap()

    assert verdict(passwords, passwords.hash_now("caf\u00e9 au lait"), "cafe\u0301 au lait") == RIGHT


def test_where_nobody_is_every_password_is_wrong_and_is_compared_all_the_same() -> None:
    passwords = cheap()

    assert verdict(passwords, None, "correct horse") == WRONG
    assert "_nobodys" in vars(passwords)


def test_two_hashes_of_one_password_differ() -> None:
    passwords = cheap()

    assert passwords.hash_now("correct horse") != passwords.hash_now("correct horse")


def test_a_hash_of_another_cost_is_told() -> None:
    hashed = cheap().hash_now("correct horse")

    assert verdict(cheap(passes=2), hashed, "correct horse") == Verdict(is_right=True, is_outdated=True)


def test_the_cost_is_the_one_that_is_recommended() -> None:
    hashed = Passwords(1).hash_now("correct horse")

    assert "m=19456,t=2,p=1" in hashed


def test_when_too_many_wait_the_next_is_told_for_how_long() -> None:
    async def crowd() -> list[object]:
        passwords = cheap(waiting_max=3)
        hashes: list[Awaitable[str]] = [passwords.hash("correct horse") for _ in range(4)]
        try:
            return await asyncio.gather(*hashes, return_exceptions=True)
        finally:
            passwords.close()

    found = asyncio.run(crowd())

    assert [isinstance(one, str) for one in found] == [True, True, True, False]
    assert isinstance(found[3], Refused)
    assert found[3].answer is answers.TOO_MANY_REQUESTS
    assert found[3].details == "1"


def test_passwords_are_hashed_beside_the_event_loop_and_behind_it() -> None:
    async def look() -> tuple[bool, int]:
        passwords = cheap()
        try:
            return await passwords._run(
                lambda: (
                    threading.current_thread() is threading.main_thread(),
                    os.getpriority(os.PRIO_PROCESS, threading.get_native_id()),
                )
            )
        finally:
            passwords.close()

    is_main, niceness = asyncio.run(look())

    assert not is_main
    assert niceness == max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0))


def test_after_closing_it_can_be_used_again() -> None:
    passwords = cheap()
    hashed = asyncio.run(passwords.hash("correct horse"))
    passwords.close()

    with pytest.raises(Refused):
        asyncio.run(cheap(waiting_max=0).hash("correct horse"))
    assert verdict(passwords, hashed, "correct horse") == RIGHT
