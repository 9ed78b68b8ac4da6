"""Run a command and say what the kernel counted of it: a small process between us and a contestant.

``python -S launch.py RESULT COMMAND...`` writes to the file RESULT. Small it has to be: Linux counts what a
process was before it became another program to that one's largest memory, so a child of the benchmark itself
seems as large as the benchmark.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(result: str, command: list[str]) -> None:
    """Seconds from start to end; processor seconds and memory of it and of all that it waited for."""
    began = time.monotonic()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(child, 0)
    took = {
        "seconds": round(time.monotonic() - began, 3),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
        "memory_mb": round(used.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)),
        "status": os.waitstatus_to_exitcode(status),
    }
    with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib is large
        json.dump(took, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
