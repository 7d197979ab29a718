import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from turnserver.cli.process_file import announce, path_of, process_of

PORT = 1


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def test_a_process_is_found_by_its_port_while_it_serves() -> None:
    with ExitStack() as closing:
        announce(PORT, closing)
        assert process_of(PORT) == os.getpid()

    assert process_of(PORT) is None
    assert not path_of(PORT).exists()


def test_a_file_that_was_left_behind_misleads_nobody() -> None:
    path_of(PORT).write_text("4711\n")

    assert process_of(PORT) is None


def test_a_link_that_somebody_laid_is_not_followed(folder: Path) -> None:
    (folder / "other").write_text("precious")
    path_of(PORT).symlink_to(folder / "other")

    with ExitStack() as closing:
        announce(PORT, closing)

    assert (folder / "other").read_text() == "precious"


def test_without_a_place_for_the_file_the_server_serves_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/no/such/folder")

    with ExitStack() as closing:
        announce(PORT, closing)

    assert process_of(PORT) is None
