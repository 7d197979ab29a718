import json

from sqlalchemy import select

from tests.records.bench import ACTOR, AT_MS, made, using
from turnserver.records.audit import note
from turnserver.records.opened import Records
from turnserver.records.tables import Audit


async def acts(records: Records) -> list[tuple[str, str, str]]:
    async with records.database.transaction() as connection:
        rows = await connection.execute(select(Audit.act, Audit.subject, Audit.actor).order_by(Audit.id))
        return [(act, subject, actor) for act, subject, actor in rows]


def test_each_act_is_a_row_in_the_order_of_the_acts(url: str) -> None:
    async def work(records: Records) -> list[tuple[str, str, str]]:
        ann = await made(records)
        await records.accounts.change_password(ann, "new", ACTOR, keeps=None)
        await records.accounts.change_password(ann, "not done", ACTOR, keeps=None)
        await records.operators.add("root", "x", ACTOR)
        await records.operators.add("root", "x", ACTOR)
        return await acts(records)

    assert using(url, work) == [
        ("account_created", "ann", "account ann"),
        ("password_changed", "ann", "account ann"),
        ("operator_added", "root", "account ann"),
    ]


def test_an_act_that_is_undone_leaves_no_row(url: str) -> None:
    async def work(records: Records) -> list[tuple[str, str, str]]:
        async def regret() -> None:
            async with records.database.transaction() as connection:
                await note(connection, ACTOR, "thought_better", "ann")
                raise ValueError("enough")

        try:
            await regret()
        except ValueError:
            return await acts(records)
        return [("never", "", "")]

    assert using(url, work) == []


def test_details_are_json_and_say_when_and_from_where(url: str) -> None:
    async def work(records: Records) -> tuple[str, str, int]:
        async with records.database.transaction() as connection:
            await note(connection, ACTOR, "tried", "ann", name="é|;\n", count=3)
            rows = await connection.execute(select(Audit.details, Audit.address, Audit.at_ms))
            details, address, at_ms = rows.one()
        return details, address, at_ms

    details, address, at_ms = using(url, work)

    assert json.loads(details) == {"name": "é|;\n", "count": 3}
    assert (address, at_ms) == ("192.0.2.1", AT_MS)
