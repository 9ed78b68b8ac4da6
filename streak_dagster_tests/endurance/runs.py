"""The README's command as a process group of its own, which can be killed at a chosen moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

EVERYTHING = ["dagster", "asset", "materialize", "-m", "streak_dagster", "--select", 'key:"streak/*"']
LONGEST = 120.0
"""Seconds after which a run hangs."""


class Run:
    """A running command; the end of its output is kept."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def output(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-5000:]

    def ends(self) -> int:
        """Its exit code, once it ended by itself."""
        return self.process.wait(timeout=LONGEST)

    def kill_once(self, comes: Callable[[], bool]) -> None:
        """SIGKILL to the whole group as soon as ``comes`` holds. Fails where the run ends before."""
        deadline = time.monotonic() + LONGEST
        while not comes():
            assert self.process.poll() is None, f"the run ended before it could be killed: {self.output}"
            assert time.monotonic() < deadline, f"the moment to kill never came: {self.output}"
            time.sleep(0.002)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the whole group."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def signal(self, number: int) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)


def eventually(holds: Callable[[], bool], of: Run, *, pause: float = 0.02, longest: float = LONGEST) -> None:
    """Wait until something holds, which the command ``of`` brings about."""
    deadline = time.monotonic() + longest
    while not holds():
        assert time.monotonic() < deadline, of.output
        time.sleep(pause)


@contextmanager
def running(values: dict[str, str], cwd: Path, arguments: list[str] | None = None) -> Iterator[Run]:
    """A command of this environment's ``bin``; whatever is left of it at the end of the block is killed."""
    command = arguments or EVERYTHING
    program = Path(sys.executable).with_name(command[0])
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("STREAK_", "DAGSTER_"))
    }
    home = {"DAGSTER_DISABLE_TELEMETRY": "1", "TMPDIR": str(cwd)}
    log = cwd / f"run-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(program), *command[1:]],
            env={**clean, **home, **values},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    run = Run(process, log)
    try:
        yield run
    finally:
        run.kill()
