import asyncio

from sqlalchemy import insert

from tests.records.bench import ACTOR, AT_MS, digests, made, session, using
from turnserver.domain.accounts import NAME_LETTERS_MAX, Account, Made, NewAccount
from turnserver.records.accounts import AccountRow, Candidate
from turnserver.records.opened import Records
from turnserver.records.tables import Ban


def test_an_account_is_found_by_its_name_in_any_case_and_by_who_it_is(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records, "Ann")

        assert ann == Account(ann.id, "account:Ann", "Ann", "hash of Ann", 3)
        assert await records.accounts.named("aNN") == ann
        assert await records.accounts.of_user("account:Ann") == ann
        assert await records.accounts.named("bob") is None
        assert await records.accounts.of_user("account:ann") is None

    using(url, work)


def test_the_longest_name_has_its_place_and_its_row_in_the_audit(url: str) -> None:
    name = "n" * NAME_LETTERS_MAX

    async def work(records: Records) -> None:
        new = NewAccount("account:n", name, "x", 0, None)
        actor = ACTOR._replace(name=f"account {name}")

        assert await records.accounts.create(new, session("n"), actor) is Made.DONE
        found = await records.accounts.named(name.upper())
        assert found is not None
        assert found.name == name

    using(url, work)


def test_an_address_is_set_by_who_knows_the_password_and_voids_what_was_sent(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records)
        await records.accounts.add_reset(ann, "digest", ACTOR, ends_ms=AT_MS + 10)

        assert not await records.accounts.change_email(ann._replace(password="old"), "eve@example.org", ACTOR)
        assert await records.accounts.of_reset("digest", at_ms=AT_MS) == ann
        assert await records.accounts.change_email(ann, "ann@example.org", ACTOR)
        assert await records.accounts.of_reset("digest", at_ms=AT_MS) is None
        assert await records.accounts.named("ann") == ann._replace(email="ann@example.org")
        assert await records.accounts.change_email(ann, None, ACTOR)
        assert await records.accounts.named("ann") == ann

    using(url, work)


def test_an_account_begins_with_an_open_session(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records)

        assert [row.digest for row in await records.sessions.of_account(ann.id)] == digests("ann")

    using(url, work)


def test_a_name_or_a_user_is_taken_once(url: str) -> None:
    async def work(records: Records) -> None:
        await made(records)
        same_name = NewAccount("account:other", "ANN", "x", 0, None)
        same_user = NewAccount("account:ann", "other", "x", 0, None)

        assert await records.accounts.create(same_name, session("b"), ACTOR) is Made.NAME_TAKEN
        assert await records.accounts.create(same_user, session("b"), ACTOR) is Made.USER_TAKEN

    using(url, work)


def test_of_many_who_want_a_name_at_once_one_gets_it(url: str) -> None:
    async def work(records: Records) -> None:
        wishes = [NewAccount(f"account:{number}", "ann", "x", 0, None) for number in range(8)]
        found = await asyncio.gather(*(records.accounts.create(wish, session(wish.user[-1]), ACTOR) for wish in wishes))

        assert sorted(one.value for one in found) == sorted([Made.DONE.value] + [Made.NAME_TAKEN.value] * 7)

    using(url, work)


def test_a_guest_who_becomes_an_account_loses_its_session_as_a_guest(url: str) -> None:
    async def work(records: Records) -> None:
        await made(records, guest="g" * 64)

        assert await records.sessions.ending(most=9) == ["g" * 64]

    using(url, work)


def test_what_is_known_of_who_logs_in(url: str) -> None:
    async def work(records: Records) -> None:
        ann, bob = await made(records), await made(records, "bob")

        async def candidate(name: str, device: str | None = None) -> Candidate:
            return await records.accounts.candidate(name, device=device, address="192.0.2.1", at_ms=AT_MS)

        assert await candidate("Ann") == Candidate(ann, is_known_device=False, is_banned=False)
        assert (await candidate("ann", digests("ann")[0])).is_known_device
        assert not (await candidate("ann", digests("bob")[0])).is_known_device
        assert await candidate("nobody", digests("bob")[0]) == Candidate(None, is_known_device=False, is_banned=False)
        await records.sessions.end(bob.id, "revoked", at_ms=AT_MS)
        assert (await candidate("bob", digests("bob")[0])).is_known_device

    using(url, work)


def test_a_ban_holds_until_it_is_over(url: str) -> None:
    async def work(records: Records) -> None:
        await made(records)
        row = {"why": "", "operator": "root", "made_ms": 0}
        async with records.database.transaction() as connection:
            await connection.execute(insert(Ban).values(kind="user", subject="account:ann", ends_ms=None, **row))
            await connection.execute(insert(Ban).values(kind="address", subject="::1", ends_ms=AT_MS, **row))

        async def is_banned(name: str, address: str, at_ms: int) -> bool:
            found = await records.accounts.candidate(name, device=None, address=address, at_ms=at_ms)
            return found.is_banned

        assert await is_banned("ann", "192.0.2.1", AT_MS)
        assert await is_banned("bob", "::1", AT_MS - 1)
        assert not await is_banned("bob", "::1", AT_MS)
        assert not await is_banned("bob", "192.0.2.1", AT_MS)

    using(url, work)


def test_the_oldest_sessions_make_room_for_a_new_one(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records)
        gone = [
            await records.accounts.log_in(ann, session(name), rehashed=None, at_ms=AT_MS + number, most=2)
            for number, name in enumerate("bcd", start=1)
        ]

        assert gone == [[], digests("ann"), digests("b")]
        assert [row.digest for row in await records.sessions.of_account(ann.id)] == digests("c", "d")

    using(url, work)


def test_who_logs_in_with_a_password_that_has_just_changed_gets_no_session(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records)
        await records.accounts.change_password(ann, "new hash", ACTOR, keeps=None)

        assert await records.accounts.log_in(ann, session("b"), rehashed="x", at_ms=AT_MS, most=9) is None
        assert await records.sessions.of_account(ann.id) == []

    using(url, work)


def test_a_login_may_bring_a_newer_hash_of_the_same_password(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records)
        await records.accounts.log_in(ann, session("b"), rehashed="newer", at_ms=AT_MS, most=9)

        assert await records.accounts.named("ann") == ann._replace(password="newer")

    using(url, work)


def test_a_new_password_ends_the_other_sessions(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records)
        await records.accounts.log_in(ann, session("b"), rehashed=None, at_ms=AT_MS, most=9)

        ended = await records.accounts.change_password(ann, "new", ACTOR, keeps=digests("b")[0])

        assert ended == digests("ann")
        assert await records.sessions.ending(most=9) == digests("ann")
        assert await records.accounts.change_password(ann, "third", ACTOR, keeps=None) is None

    using(url, work)


def test_a_deleted_account_is_gone_and_its_sessions_can_still_be_ended(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records)

        assert await records.accounts.delete(ann, ACTOR) == digests("ann")
        assert await records.accounts.named("ann") is None
        assert await records.sessions.ending(most=9) == digests("ann")
        assert await records.accounts.delete(ann, ACTOR) is None
        assert (await made(records, "Ann")).name == "Ann"

    using(url, work)


def test_accounts_are_listed_newest_first_and_by_a_part_of_their_name(url: str) -> None:
    async def work(records: Records) -> None:
        for name in ("Bob", "ann", "a_b", "Ann-Marie", "a%b"):
            await made(records, name)

        async def names(like: str = "", most: int = 9) -> list[str]:
            return [row.name for row in await records.accounts.listed(like=like, most=most)]

        assert await names() == ["a%b", "Ann-Marie", "a_b", "ann", "Bob"]
        assert await names("ANN") == ["Ann-Marie", "ann"]
        assert await names("\uff42") == ["a%b", "a_b", "Bob"]
        assert await names("_") == ["a_b"]
        assert await names("%") == ["a%b"]
        assert await names(most=2) == ["a%b", "Ann-Marie"]
        assert await records.accounts.listed(like="bob", most=9) == [AccountRow("Bob", AT_MS, AT_MS)]

    using(url, work)


def test_a_right_to_reset_works_once_and_for_a_while(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records)
        await records.accounts.add_reset(ann, "r" * 64, ACTOR, ends_ms=AT_MS + 10)

        assert await records.accounts.of_reset("r" * 64, at_ms=AT_MS + 9) == ann
        assert await records.accounts.of_reset("r" * 64, at_ms=AT_MS + 10) is None
        assert await records.accounts.of_reset("s" * 64, at_ms=AT_MS) is None
        assert await records.accounts.use_reset(ann, "r" * 64, "new", ACTOR) == digests("ann")
        assert await records.accounts.use_reset(ann, "r" * 64, "third", ACTOR) is None
        assert await records.accounts.named("ann") == ann._replace(password="new")

    using(url, work)


def test_rights_to_reset_end_with_the_password_with_the_account_and_with_time(url: str) -> None:
    async def work(records: Records) -> None:
        for name, end in (("ann", "password"), ("bob", "delete"), ("eve", "time")):
            account = await made(records, name)
            await records.accounts.add_reset(account, name.ljust(64, "r"), ACTOR, ends_ms=AT_MS + 10)
            if end == "password":
                await records.accounts.change_password(account, "new", ACTOR, keeps=None)
            elif end == "delete":
                await records.accounts.delete(account, ACTOR)
            else:
                later = ACTOR._replace(at_ms=AT_MS + 10)
                await records.accounts.add_reset(account, "other".ljust(64, "r"), later, ends_ms=AT_MS + 20)

            assert await records.accounts.of_reset(name.ljust(64, "r"), at_ms=AT_MS) is None

    using(url, work)
