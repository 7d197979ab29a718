"""The repository keeps its style, and each check of it is able to fail."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tidy
from tests.markdown import anchors, blocks, links
from tests.tidy import Check

ROOT = Path(__file__).parent.parent

# Modules without a test file of their own, and why.
UNMIRRORED = {
    "turnserver/__main__.py": "one line, run by every test that starts a server",
    "turnserver/records/migrations/env.py": "run by Alembic; tests/records/test_schema.py runs Alembic",
    "turnserver/records/migrations/versions/r0001_first.py": "a step of the schema: tests/records/test_schema.py",
    "turnserver/records/migrations/versions/r0002_email.py": "the next: tests/records/test_schema.py",
}

CODE = ("turnserver/", "benchmarks/", "examples/", "stresstest/", "tests/")
DOCUMENTED = ("turnserver/", "benchmarks/", "stresstest/")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/")
RUNNABLE = {"bash", "console", "python"}
SHOWN = {"text", "toml", "json", "http", "ini", "markdown", "mermaid", "javascript"}


def tracked(*, under: tuple[str, ...] = ("",), ending: str = "") -> Iterator[str]:
    """Paths of all files that are in the repository or about to be, relative to its root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return (path for path in sorted(set(listed)) if path.startswith(under) and path.endswith(ending) and _is_text(path))


def _is_text(path: str) -> bool:
    return (ROOT / path).is_file() and b"\0" not in (ROOT / path).read_bytes()


def complaints(check: Check, paths: Iterator[str]) -> list[str]:
    return [f"{path}:{complaint}" for path in paths for complaint in check((ROOT / path).read_text(encoding="utf-8"))]


@pytest.mark.parametrize("check", [tidy.long_functions, tidy.long_file, tidy.bare_suppressions])
def test_all_code_keeps_the_style(check: Check) -> None:
    assert complaints(check, tracked(ending=".py")) == []


@pytest.mark.parametrize("check", [tidy.postponed, tidy.machine_paths, tidy.package_indexes])
def test_all_files_are_finished_and_fit_every_machine(check: Check) -> None:
    assert complaints(check, tracked()) == []


def test_what_is_public_has_a_docstring() -> None:
    assert complaints(tidy.missing_docstrings, tracked(under=DOCUMENTED, ending=".py")) == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    assert complaints(tidy.skipped_tests, tracked(under=("tests/",), ending=".py")) == []


def test_every_module_is_named_after_what_it_does() -> None:
    assert tidy.vague_names(tracked(ending=".py")) == []


def test_every_module_has_a_test_file_of_its_own() -> None:
    assert tidy.unmirrored(tracked(ending=".py"), UNMIRRORED) == []


def test_every_exception_has_a_reason() -> None:
    assert all(len(reason.split()) > 2 for reason in UNMIRRORED.values())


def test_every_link_inside_the_repository_leads_somewhere() -> None:
    broken = [f"{path}:{link}" for path in tracked(under=DOCUMENTS, ending=".md") for link in broken_links(ROOT / path)]

    assert broken == []


def broken_links(document: Path) -> list[str]:
    text = document.read_text(encoding="utf-8")
    inside = (link for link in links(text) if "://" not in link.target and not link.target.startswith("mailto:"))
    return [f"{link.line}: {link.target} leads nowhere" for link in inside if not leads(document, link.target)]


def leads(document: Path, target: str) -> bool:
    name, _, fragment = target.partition("#")
    found = document.parent / name if name else document
    return found.exists() and (not fragment or fragment in anchors(found.read_text(encoding="utf-8")))


def test_every_block_of_code_names_a_language_that_is_run_or_only_shown() -> None:
    unknown = [
        f"{path}:{block.line}: {block.language!r}"
        for path in tracked(under=DOCUMENTS, ending=".md")
        for block in blocks((ROOT / path).read_text(encoding="utf-8"))
        if block.language not in RUNNABLE | SHOWN
    ]

    assert unknown == []


def lines_of_code(count: int) -> str:
    return "def f():\n" + "    f()\n" * (count - 1)


@pytest.mark.parametrize(
    ("check", "good"),
    [
        (tidy.long_functions, lines_of_code(60)),
        (tidy.long_file, "x = 1\n" * 400),
        (
            tidy.missing_docstrings,
            '"""M."""\ndef f():\n    """F."""\n    def g(): pass\ndef _h(): pass\nclass _C: pass\n',
        ),
        (tidy.bare_suppressions, "x = 1  # type: ignore[misc]  # because\n"),
        (tidy.bare_suppressions, "x = 1  # noqa: S101, D100  # because\n"),
        (tidy.bare_suppressions, "x = '# noqa'\n# types are ignored\n"),
        (tidy.skipped_tests, "skip = 1\nprint('xfail', skip)\n"),
        (tidy.postponed, "To do is to be.\n"),
        (tidy.machine_paths, "see docs/work/x, https://example.org/root/x, ~/.venv\n"),
        (tidy.package_indexes, "pip install -c constraints.txt .\nhttps://example.org/simply\n"),
    ],
)
def test_good_style_passes(check: Check, good: str) -> None:
    assert check(good) == []


@pytest.mark.parametrize(
    ("check", "bad", "complaint"),
    [
        (tidy.long_functions, lines_of_code(61), "1: f has 61 lines, 60 are allowed"),
        (tidy.long_functions, "class C:\n async def f(self):\n" + "  f()\n" * 60, "2: f has 61 lines, 60 are allowed"),
        (tidy.long_file, "x = 1\n" * 401, "401: 400 lines are allowed"),
        (tidy.missing_docstrings, "x = 1\n", "1: the module has no docstring"),
        (tidy.missing_docstrings, '"""M."""\ndef f(): pass\n', "2: f has no docstring"),
        (tidy.missing_docstrings, '"""M."""\nclass C:\n  """C."""\n  def f(self): pass\n', "4: f has no docstring"),
    ],
)
def test_bad_style_is_named_with_its_line(check: Check, bad: str, complaint: str) -> None:
    assert check(bad) == [complaint]


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        (tidy.bare_suppressions, "x = 1  # type: " + "ignore\n"),
        (tidy.bare_suppressions, "x = 1  # type: " + "ignore[misc]\n"),
        (tidy.bare_suppressions, "x = 1  # type: " + "ignore  # because\n"),
        (tidy.bare_suppressions, "x = 1  # no" + "qa\n"),
        (tidy.bare_suppressions, "x = 1  # no" + "qa: S101\n"),
        (tidy.bare_suppressions, "x = 1  # pragma: " + "no cover\n"),
        (tidy.bare_suppressions, "# ruff: " + "noqa: S101  # because\n"),
        (tidy.bare_suppressions, "# mypy: " + "ignore-errors\n"),
        (tidy.skipped_tests, "import pytest\n@pytest.mark.skip\ndef test(): pass\n"),
        (tidy.skipped_tests, "import pytest\n@pytest.mark.skipif(True, reason='no')\ndef test(): pass\n"),
        (tidy.skipped_tests, "import pytest\n@pytest.mark.xfail(strict=True)\ndef test(): pass\n"),
        (tidy.skipped_tests, "import pytest\nx = pytest.importorskip('x')\n"),
        (tidy.skipped_tests, "import pytest\ndef test():\n    pytest.skip('no')\n"),
        (tidy.postponed, "# TO" + "DO: later\n"),
        (tidy.postponed, "It works (FIX" + "ME).\n"),
        (tidy.machine_paths, "cd /wo" + "rk/main\n"),
        (tidy.machine_paths, "open('/ro" + "ot/.cache')\n"),
        (tidy.machine_paths, "PATH=/ho" + "me/ann/bin\n"),
        (tidy.package_indexes, "--index" + "-url=https://example.org\n"),
        (tidy.package_indexes, "https://example.org/simp" + "le/\n"),
        (tidy.package_indexes, "see pyp" + "i.org\n"),
    ],
)
def test_bad_style_is_found(check: Check, bad: str) -> None:
    assert len(check(bad)) == 1


@pytest.mark.parametrize("path", ["turnserver/utils.py", "turnserver/common/keys.py", "tests/helpers.py"])
def test_vague_names_are_found(path: str) -> None:
    assert tidy.vague_names([path, "turnserver/wire/paths.py"]) == [f"{path}: name it after what it does"]


@pytest.mark.parametrize(
    ("module", "test_file"),
    [
        ("turnserver/wire/paths.py", "tests/wire/test_paths.py"),
        ("turnserver/settings.py", "tests/test_settings.py"),
        ("turnserver/client/aio/game.py", "tests/client/aio/test_game.py"),
    ],
)
def test_the_test_files_mirror_the_modules(module: str, test_file: str) -> None:
    assert tidy.mirror(module) == test_file
    assert tidy.unmirrored([module, test_file], {}) == []
    assert tidy.unmirrored([module], {}) == [f"{module}: {test_file} is missing"]


def test_an_exception_lasts_only_while_it_is_needed() -> None:
    exceptions = {"turnserver/a.py": "a reason that stands"}

    assert tidy.unmirrored(["turnserver/a.py", "turnserver/__init__.py"], exceptions) == []
    assert tidy.unmirrored(["turnserver/a.py", "tests/test_a.py"], exceptions) == [
        "turnserver/a.py: not an exception any more"
    ]
    assert tidy.unmirrored([], exceptions) == ["turnserver/a.py: not an exception any more"]


@pytest.mark.parametrize("target", ["missing.md", "other.md#missing", "#missing"])
def test_broken_links_are_found(tmp_path: Path, target: str) -> None:
    (tmp_path / "other.md").write_text("# There\n")
    document = tmp_path / "document.md"
    document.write_text(f"# Here\n\n[a]({target}) [b](other.md#there) [c](#here) [d](https://example.org/x)\n")

    assert broken_links(document) == [f"3: {target} leads nowhere"]
