"""What the host takes from a machine that shares its cores with others: how much a figure can be trusted."""

import os
import time
from pathlib import Path


class Stolen:
    """The time that the cores were ready and not allowed to run, from now on."""

    def __init__(self) -> None:
        self._before_s, self._began_s = _stolen_s(), time.perf_counter()

    def part(self) -> str:
        """Its part of the time of all cores, for a table."""
        there_s = (time.perf_counter() - self._began_s) * (os.cpu_count() or 1)
        return f"{100 * (_stolen_s() - self._before_s) / there_s:.1f} %"


def _stolen_s() -> float:
    first = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0]
    return int(first.split()[8]) / os.sysconf("SC_CLK_TCK")
