"""`make stress`: the largest load that one server holds, and then that load for a minute, every message checked.

The server has the first core and default settings, the stress test the last one. What it is not asked to do here it
takes as options: `python -m benchmarks.stress --scenario rooms --hold 60`.
"""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks import servers

RAMP = ("--players", "200", "--seconds", "10", "--game-seconds", "5", "--ramp", "--ramp-p99", "100")


def main() -> None:
    """Ramp, hold, and end with the status of the stress test."""
    cores = sorted(os.sched_getaffinity(0))
    with servers.turnserver() as server:
        os.sched_setaffinity(0, {cores[-1]})
        command = [sys.executable, "-m", "stresstest", "--server", f"http://127.0.0.1:{server.port}", *RAMP]
        ended = subprocess.run([*command, *sys.argv[1:]], check=False, cwd=Path(__file__).parent.parent)
    sys.exit(ended.returncode)


if __name__ == "__main__":
    main()
