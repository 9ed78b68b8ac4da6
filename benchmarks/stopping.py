"""How long from a signal to the end of a refresh, in each state that a refresh can be in.

    .venv/bin/python benchmarks/stopping.py --times 10 --signals INT TERM

Each time is a process of its own: the command copies an account of 150 boxes from a sandbox, gets into the
state, and gets the signal with its whole process group, as a terminal sends it.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from streak_dagster_tests.support.stopped import COMMANDS, STATES, in_state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--signals", nargs="+", default=["INT", "TERM"])
    parser.add_argument("--states", nargs="+", default=list(STATES))
    parser.add_argument("--commands", nargs="+", default=["streak-dagster run"], choices=list(COMMANDS))
    options = parser.parse_args()
    print(f"{'command':<28} {'state':<26} {'signal':<7} {'median':>7} {'worst':>7}  exit")
    for command in options.commands:
        for state in options.states:
            for name in options.signals:
                took, codes = zip(*(once(command, state, name) for _ in range(options.times)), strict=True)
                print(
                    f"{command:<28} {state:<26} SIG{name:<4} {statistics.median(took):6.2f}s "
                    f"{max(took):6.2f}s  {sorted(set(codes))}",
                    flush=True,
                )


def once(command: str, state: str, name: str) -> tuple[float, int]:
    """Seconds from the signal to the end of the process, and its exit status."""
    with (
        tempfile.TemporaryDirectory(prefix="streak-") as folder,
        in_state(state, command, Path(folder)) as scene,
    ):
        began = time.monotonic()
        scene.run.send(getattr(signal, f"SIG{name}"))
        code = scene.run.ends()
        return time.monotonic() - began, code


if __name__ == "__main__":
    main()
