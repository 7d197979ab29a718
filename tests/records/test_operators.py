from tests.records.bench import ACTOR, using
from turnserver.records.opened import Records
from turnserver.records.operators import OperatorRow


def test_operators_are_added_listed_and_removed(url: str) -> None:
    async def work(records: Records) -> None:
        operators = records.operators

        assert not await operators.any()
        assert [await operators.add(name, f"hash of {name}", ACTOR) for name in ("root", "ann", "root")] == [
            True,
            True,
            False,
        ]
        assert await operators.names() == ["root", "ann"]
        assert await operators.named("ann") == OperatorRow(2, "ann", "hash of ann")
        assert [await operators.remove("root", ACTOR) for _ in range(2)] == [True, False]
        assert await operators.names() == ["ann"]
        assert await operators.named("root") is None
        assert await operators.any()

    using(url, work)
