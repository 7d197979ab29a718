"""Documents that are tests: what a block of a document shows is what happens.

`bash` and `python` blocks must end without an error. `console` blocks are transcripts: each line that begins with `$ `
is a command, what follows is what it prints. Everything runs in a folder of its own, against a server of its own that
stands in for the documented address. Blocks of one document are one story: later ones use the keys of earlier ones.

A key (16 URL-safe letters) is another one in each run. The first time that a key of the document is met in expected
output, it is bound to the key that was really printed; from then on it stands for that one, in commands and in output.
Which of two players is 0 and which is 1 is chance as well: it is learnt with the game key that it stands behind.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.markdown import Block, blocks

DOCUMENTED_ADDRESS = "http://127.0.0.1:8192"
RUN_S_MAX = 120

_KEY = re.compile(r"(?<![\w-])(?P<key>[\w-]{16})(?![\w-])(?:(?P<bar>[|,])(?P<player>[01])(?![\w.]))?", re.ASCII)
_OTHER = {"0": "1", "1": "0", None: ""}
_NOT_RUN = re.compile(r"<!-- not run: (.*) -->")


class Step(NamedTuple):
    """A command of a transcript and what it prints, without the last line feed."""

    command: str
    output: str


def steps(transcript: str) -> list[Step]:
    r"""The commands of a console block. A command goes on in the next line after a `\` at its end.

    Raises:
        ValueError: Something stands before the first command.
    """
    found: list[Step] = []
    for line in transcript.splitlines():
        if found and found[-1].command.endswith("\\") and not found[-1].output:
            found[-1] = Step(f"{found[-1].command}\n{line}", "")
        elif line.startswith("$ "):
            found.append(Step(line[2:], ""))
        elif not found:
            raise ValueError(f"a transcript begins with '$ ', not with {line!r}")
        else:
            found[-1] = Step(found[-1].command, found[-1].output + line + "\n")
    return [Step(step.command, step.output.removesuffix("\n")) for step in found]


class Keys:
    """Which real key, and which real player number, each key of the document stands for."""

    def __init__(self) -> None:
        self._real: dict[str, tuple[str, bool]] = {}

    def fill(self, text: str) -> str:
        """The text with every known key, and the player number behind it, replaced by the real one."""
        return _KEY.sub(self._filled, text)

    def _filled(self, found: re.Match[str]) -> str:
        real, is_other = self._real.get(found["key"], (found["key"], False))
        return real + (found["bar"] or "") + (_OTHER[found["player"]] if is_other else found["player"] or "")

    def bind(self, shown: str, printed: str) -> None:
        """Learn the keys of a text from what was really printed, where both have the same form."""
        if _KEY.sub("", shown) != _KEY.sub("", printed):
            return
        for key, real in zip(_KEY.finditer(shown), _KEY.finditer(printed), strict=True):
            if key["key"] not in self._real and all(real["key"] != taken for taken, _ in self._real.values()):
                self._real[key["key"]] = (real["key"], key["player"] != real["player"])


def reason_not_to_run(block: Block) -> str | None:
    """Why a block is not run, as the comment directly above it says; None for one that is."""
    found = _NOT_RUN.fullmatch(block.above)
    return found[1].strip() if found else None


class Reader:
    """Somebody who reads a document and does all that it says.

    Args:
        folder: Where commands are run; a home without any settings but for a quiet curl.
        address: The server that stands in for the documented one.
    """

    def __init__(self, folder: Path, address: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".curlrc").write_text("silent\nshow-error\n")
        self._folder = folder
        self._address = address
        self._keys = Keys()

    def differences(self, document: str) -> Iterator[str]:
        """What does not happen as the document shows it; nothing if all is well."""
        for block in blocks(document):
            if reason_not_to_run(block) is None:
                for difference in self._block(block):
                    yield f"line {block.line}: {difference}"

    def _block(self, block: Block) -> Iterator[str]:
        if block.language == "console":
            yield from (found for step in steps(block.text) if (found := self._step(step)))
        elif block.language in ("bash", "python"):
            shell = ["bash", "-euo", "pipefail", "-c"] if block.language == "bash" else [sys.executable, "-c"]
            status, printed = self._run(shell, block.text)
            if status != 0:
                yield f"ended with {status}:\n{printed}"

    def _step(self, step: Step) -> str | None:
        _, printed = self._run(["bash", "-c"], step.command)
        self._keys.bind(step.output, printed)
        expected = self._keys.fill(step.output)
        return None if printed == expected else f"$ {step.command}\nshown:\n{expected}\nprinted:\n{printed}"

    def _run(self, shell: list[str], code: str) -> tuple[int, str]:
        """The exit status, and what a person would have seen, with the documented address in it."""
        code = self._keys.fill(code).replace(DOCUMENTED_ADDRESS, self._address)
        ended = subprocess.run(
            [*shell, code],
            cwd=self._folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=RUN_S_MAX,
            text=True,
            check=False,
        )
        return ended.returncode, ended.stdout.replace(self._address, DOCUMENTED_ADDRESS).removesuffix("\n")

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return {"PATH": path, "HOME": str(self._folder), "LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}
