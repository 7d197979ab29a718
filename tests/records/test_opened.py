import asyncio
import subprocess
import sys
from pathlib import Path

from turnserver.records.opened import Records


def test_all_records_share_one_database(tmp_path: Path) -> None:
    async def work() -> None:
        records = Records(f"sqlite:///{tmp_path}/x.db")

        assert not records.is_there
        assert await records.operators.names() == []
        assert await records.accounts.named("ann") is None
        assert await records.sessions.ending(most=1) == []
        assert records.is_there
        await records.close()

    asyncio.run(work())


def test_closing_what_was_never_used_is_harmless() -> None:
    asyncio.run(Records().close())


def test_records_in_memory_are_never_there_before_and_a_servers_always(tmp_path: Path) -> None:
    assert not Records().is_there
    assert Records("postgresql+asyncpg://127.0.0.1:1/x").is_there
    assert not Records(f"sqlite:///{tmp_path}/x.db").is_there


def test_a_server_that_needs_no_records_imports_nothing_for_them() -> None:
    code = "import sys, turnserver.build; print(*{'sqlalchemy', 'argon2', 'alembic'} & set(sys.modules))"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout == "\n"
