"""Runs tests many times beside a busy loop on each core: what can fail by itself shows here, if anywhere.

``python -m streak_dagster_tests.support.shake TIMES TEST…`` ends with pytest's exit status. Each test is
run that often, in as many workers as usual, while as many other processes as there are cores never pause.
"""

from __future__ import annotations

import os
import subprocess
import sys

BUSY = "while True: pass"


def main(times: str, *tests: str) -> int:
    if not tests:
        print("Say which tests: make shake TESTS=streak_dagster_tests/sync", file=sys.stderr)
        return 2
    loops = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(os.cpu_count() or 1)]
    print(f"{times} times beside {len(loops)} busy loops: {' '.join(tests)}", flush=True)
    try:
        arguments = [sys.executable, "-m", "pytest", "--count", times, *tests]
        return subprocess.run(arguments, check=False).returncode
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
