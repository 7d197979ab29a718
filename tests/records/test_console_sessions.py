from tests.records.bench import ACTOR, AT_MS, using
from turnserver.records.console_sessions import OpenSession
from turnserver.records.opened import Records

DIGEST = "d" * 64


async def open_session(records: Records, digest: str = DIGEST, ends_ms: int = AT_MS + 100) -> None:
    operator = await records.operators.named("ann")
    assert operator is not None
    await records.console_sessions.open(operator.id, digest, ACTOR, ends_ms=ends_ms)


def test_a_session_is_found_used_and_ended(url: str) -> None:
    async def work(records: Records) -> None:
        await records.operators.add("ann", "hash", ACTOR)
        await open_session(records)
        await records.console_sessions.seen(DIGEST, at_ms=AT_MS + 5)

        assert await records.console_sessions.find(DIGEST) == OpenSession("ann", AT_MS + 5, AT_MS + 100)
        await records.console_sessions.end(DIGEST)
        assert await records.console_sessions.find(DIGEST) is None

    using(url, work)


def test_sessions_end_with_their_operator(url: str) -> None:
    async def work(records: Records) -> None:
        await records.operators.add("ann", "hash", ACTOR)
        await open_session(records)
        await records.operators.remove("ann", ACTOR)

        assert await records.console_sessions.find(DIGEST) is None

    using(url, work)


def test_sessions_whose_time_is_over_go_with_the_next_login(url: str) -> None:
    async def work(records: Records) -> None:
        await records.operators.add("ann", "hash", ACTOR)
        await open_session(records, ends_ms=AT_MS)
        await open_session(records, "e" * 64)

        assert await records.console_sessions.find(DIGEST) is None

    using(url, work)
