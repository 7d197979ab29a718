from tests.records.bench import ACTOR, AT_MS, digests, made, session, using
from turnserver.records.opened import Records
from turnserver.records.sessions import SessionRow


def test_the_open_sessions_of_an_account_oldest_first(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records)
        await made(records, "bob")
        await records.accounts.log_in(ann, session("b", "::1"), rehashed=None, at_ms=AT_MS + 5, most=9)

        assert await records.sessions.of_account(ann.id) == [
            SessionRow("ann", digests("ann")[0], AT_MS, "192.0.2.1"),
            SessionRow("b", digests("b")[0], AT_MS + 5, "::1"),
        ]

    using(url, work)


def test_a_session_is_ending_until_its_right_is_taken(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records)
        mine = digests("ann")

        assert await records.sessions.is_open(mine[0])
        assert await records.sessions.end(ann.id, "revoked", at_ms=AT_MS) == mine
        assert not await records.sessions.is_open(mine[0])
        assert await records.sessions.ending(most=9) == mine
        await records.sessions.done(mine)
        assert await records.sessions.ending(most=9) == []
        assert await records.sessions.end(ann.id, "revoked", at_ms=AT_MS) == []

    using(url, work)


def test_those_that_end_for_one_reason_are_found_by_it(url: str) -> None:
    async def work(records: Records) -> None:
        ann, bob = await made(records), await made(records, "bob")
        await records.sessions.end(bob.id, "kicked", at_ms=AT_MS)
        await records.accounts.delete(ann, ACTOR)

        assert await records.sessions.ending(most=9, why="deleted") == digests("ann")
        assert sorted(await records.sessions.ending(most=9)) == sorted(digests("ann", "bob"))

    using(url, work)


def test_one_session_is_ended_or_all_but_one(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records)
        for name in ("b", "c", "d"):
            await records.accounts.log_in(ann, session(name), rehashed=None, at_ms=AT_MS, most=9)

        assert await records.sessions.end(ann.id, "revoked", at_ms=AT_MS, only="b") == digests("b")
        assert await records.sessions.end(ann.id, "revoked", at_ms=AT_MS, only="b") == []
        rest = await records.sessions.end(ann.id, "revoked", at_ms=AT_MS, but=digests("c")[0])
        assert sorted(rest) == sorted(digests("ann", "d"))

    using(url, work)


def test_nobody_ends_anothers(url: str) -> None:
    async def work(records: Records) -> None:
        await made(records)
        bob = await made(records, "bob")

        assert await records.sessions.end(bob.id, "revoked", at_ms=AT_MS, only="ann") == []
        assert await records.sessions.is_open(digests("ann")[0])

    using(url, work)


def test_what_has_ended_by_itself_is_noted(url: str) -> None:
    async def work(records: Records) -> None:
        await made(records)

        await records.sessions.end_one(digests("ann")[0], "expired", at_ms=AT_MS)
        await records.sessions.end_one("nobody's".ljust(64), "expired", at_ms=AT_MS)

        assert not await records.sessions.is_open(digests("ann")[0])
        assert await records.sessions.ending(most=9) == []

    using(url, work)


def test_a_session_that_is_not_there_is_not_open(url: str) -> None:
    async def work(records: Records) -> None:
        assert not await records.sessions.is_open("x" * 64)
        assert await records.sessions.of_account(7) == []
        await records.sessions.done([])

    using(url, work)
