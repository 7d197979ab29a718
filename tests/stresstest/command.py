"""The command in a process of its own, as a user runs it."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
RUN_S_MAX = 120


class Ran(NamedTuple):
    """What came of it."""

    status: int
    out: str
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        """The summary of what `--json -` wrote."""
        summary: dict[str, Any] = json.loads(self.out)["summary"]
        return summary


async def python(*arguments: str, cwd: Path = ROOT) -> Ran:
    """Run `python -m ARGUMENTS` in the repository, or in another folder, until it ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(RUN_S_MAX):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())


async def stresstest(*arguments: str) -> Ran:
    """Run the stress test."""
    return await python("stresstest", *arguments)
