import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from turnserver.cli import main
from turnserver.records.opened import Records
from turnserver.records.operators import OperatorRow
from turnserver.service.passwords import Passwords


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str, password: str = "correct horse") -> Result:
    return CliRunner().invoke(main, ["operator", *words], input=f"{password}\n")


async def found(name: str) -> OperatorRow | None:
    records = Records("sqlite:///turnserver.records.db")
    try:
        return await records.operators.named(name)
    finally:
        await records.close()


def test_an_operator_is_added_with_a_password_from_the_standard_input() -> None:
    assert run("add", "root").output == "operator root may use the console\n"

    row = asyncio.run(found("root"))
    assert row is not None
    assert "horse" not in row.password
    passwords = Passwords(1)
    assert asyncio.run(passwords.verify(row.password, "correct horse")).is_right
    passwords.close()


def test_operators_are_listed_and_removed_by_name() -> None:
    run("add", "root")
    run("add", "ann")

    assert run("list").output == "root\nann\n"
    assert run("remove", "root").exit_code == 0
    assert run("list").output == "ann\n"


@pytest.mark.parametrize(
    ("words", "password", "complaint"),
    [
        (["add", "root"], "correct horse", "there is an operator 'root' already"),
        (["add", "a;b"], "correct horse", "is no name"),
        (["add", "ann"], "short", "less than 8 bytes"),
        (["add", "ann"], "", "less than 8 bytes"),
        (["add", "annabella"], "annabella", "the same as the name"),
        (["add", "ann"], "x" * 257, "more than 256 bytes"),
        (["remove", "nobody"], "", "there is no operator 'nobody'"),
        (["list", "--database", "postgresql+asyncpg://127.0.0.1:1/x"], "", "cannot use the records"),
    ],
)
def test_what_cannot_be_done_is_said(words: list[str], password: str, complaint: str) -> None:
    run("add", "root")

    result = run(*words, password=password)

    assert result.exit_code == 1
    assert complaint in result.output
    assert "Traceback" not in result.output
