import asyncio
import gc

from turnserver.service.turns import Turns


async def works(turns: Turns, name: str, log: list[str], label: str) -> None:
    async with turns.of(name):
        log.append(f"{label} begins")
        await asyncio.sleep(0)
        log.append(f"{label} ends")


def worked(*names: str) -> list[str]:
    async def all_work() -> list[str]:
        turns, log = Turns(), list[str]()
        await asyncio.gather(*(works(turns, name, log, f"{at}") for at, name in enumerate(names)))
        return log

    return asyncio.run(all_work())


def test_one_works_at_a_time_in_the_order_in_which_they_came() -> None:
    assert worked("pool:", "pool:") == ["0 begins", "0 ends", "1 begins", "1 ends"]


def test_different_partitions_do_not_wait_for_each_other() -> None:
    assert worked("pool:", "pool:chess") == ["0 begins", "1 begins", "0 ends", "1 ends"]


def test_a_turn_that_nobody_takes_is_forgotten() -> None:
    turns = Turns()
    turns.of("pool:")
    gc.collect()

    assert len(turns._locks) == 0
