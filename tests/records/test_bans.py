from tests.records.bench import ACTOR, AT_MS, made, session, using
from turnserver.domain.accounts import NAME_LETTERS_MAX
from turnserver.records.bans import BanRow
from turnserver.records.opened import Records


def test_bans_are_made_listed_and_lifted(url: str) -> None:
    async def work(records: Records) -> None:
        bans = records.bans
        await bans.add("name", "bob", ACTOR, why="spam", ends_ms=None)
        await bans.add("address", "192.0.2.9", ACTOR, why="", ends_ms=AT_MS + 10)

        assert [ban.subject for ban in await bans.latest(at_ms=AT_MS, most=10)] == ["192.0.2.9", "bob"]
        assert [ban.subject for ban in await bans.latest(at_ms=AT_MS, most=1)] == ["192.0.2.9"]
        assert await bans.latest(at_ms=AT_MS + 10, most=10) == [
            BanRow("name", "bob", "spam", ACTOR.name, AT_MS, None),
        ]
        assert [await bans.lift("name", "bob", ACTOR) for _ in range(2)] == [True, False]

    using(url, work)


def test_an_address_is_banned_until_its_time_is_over(url: str) -> None:
    async def work(records: Records) -> None:
        await records.bans.add("address", "192.0.2.9", ACTOR, why="", ends_ms=AT_MS + 10)
        await records.bans.add("name", "192.0.2.10", ACTOR, why="", ends_ms=None)

        asked = [("192.0.2.9", 9), ("192.0.2.9", 10), ("192.0.2.10", 0)]
        assert [await records.bans.has_address(one, at_ms=AT_MS + after) for one, after in asked] == [
            True,
            False,
            False,
        ]

    using(url, work)


def test_the_longest_name_can_be_banned(url: str) -> None:
    name = "n" * NAME_LETTERS_MAX

    async def work(records: Records) -> None:
        await records.bans.add("name", name, ACTOR, why="", ends_ms=None)

        assert [ban.subject for ban in await records.bans.latest(at_ms=AT_MS, most=2)] == [name]

    using(url, work)


def test_a_ban_takes_the_place_of_the_one_before(url: str) -> None:
    async def work(records: Records) -> None:
        for ends_ms in (AT_MS + 10, None):
            await records.bans.add("name", "bob", ACTOR, why="spam", ends_ms=ends_ms)

        assert [ban.ends_ms for ban in await records.bans.latest(at_ms=AT_MS, most=10)] == [None]

    using(url, work)


def test_a_ban_during_a_login_wins(url: str) -> None:
    async def work(records: Records) -> None:
        ann = await made(records, "ann")
        await records.bans.add("name", "ann", ACTOR, why="", ends_ms=AT_MS + 10)
        logins = [
            await records.accounts.log_in(ann, session(f"s{at_ms}"), rehashed=None, at_ms=at_ms, most=9)
            for at_ms in (AT_MS, AT_MS + 10)
        ]

        assert logins == [None, []]

    using(url, work)


def test_who_is_banned_is_known_by_name_by_user_and_by_address(url: str) -> None:
    async def work(records: Records) -> None:
        await made(records, "ann")
        for kind, subject in (("name", "ann"), ("user", "account:ann"), ("address", "192.0.2.9")):
            await records.bans.add(kind, subject, ACTOR, why="", ends_ms=AT_MS + 10)
            address = "192.0.2.9"
            found = [
                (await records.accounts.candidate("ANN", device=None, address=address, at_ms=at_ms)).is_banned
                for at_ms in (AT_MS, AT_MS + 10)
            ]
            stranger = await records.accounts.candidate("bob", device=None, address="192.0.2.1", at_ms=AT_MS)
            await records.bans.lift(kind, subject, ACTOR)

            assert found == [True, False], kind
            assert not stranger.is_banned

    using(url, work)
