"""The README's commands as processes of their own: run to their end, or killed at a chosen moment."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from streak_dagster_tests.support.waiting import MAX_WAIT, eventually

LINES = 20
EVERYTHING = ["dagster", "asset", "materialize", "-m", "streak_dagster", "--select", 'key:"streak/*"']


class Run:
    """A running command."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def said(self) -> str:
        """All that it wrote."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def output(self) -> str:
        """The last lines that it wrote: why it failed stands there, and what led to it in the file."""
        lines = self.said.splitlines()
        return "\n".join([f"the end of {self._log}:", *lines[-LINES:]])

    def ends(self) -> int:
        """Its exit code, once it ended by itself."""
        return self.process.wait(timeout=MAX_WAIT)

    def awaits(self, comes: Callable[[], object], *, pause: float = 0.02, longest: float = MAX_WAIT) -> None:
        """Wait until something comes that the command brings about. Fails where it ends before."""
        eventually(
            comes,
            going_on=lambda: self.process.poll() is None,
            told=lambda: self.output,
            pause=pause,
            longest=longest,
        )

    def kill_once(self, comes: Callable[[], object]) -> None:
        """SIGKILL to the whole group as soon as ``comes`` holds. Fails where the run ends before."""
        self.awaits(comes, pause=0.002)
        self.kill()

    def kill_at(self, moment: Callable[[], object]) -> bool:
        """SIGKILL at a moment that soon passes. Says whether it was met, or the run got to its end."""
        while not (met := bool(moment())) and self.process.poll() is None:
            time.sleep(0.0002)
        self.kill()
        return met

    def send(self, number: int) -> None:
        """A signal to the whole group, as a terminal sends it."""
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """SIGKILL to the whole group, of which some may be left where its leader has ended."""
        # macOS says of a group in which all have ended that it may not be signalled.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def program(name: str) -> str:
    """A program of this environment's ``bin``."""
    return str(Path(sys.executable).with_name(name))


def surroundings(values: Mapping[str, str]) -> dict[str, str]:
    """The environment of a command: with nothing of the developer's settings."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("STREAK_", "DAGSTER_"))}
    return {**own, "DAGSTER_DISABLE_TELEMETRY": "1", **values}


@contextmanager
def running(values: Mapping[str, str], cwd: Path, arguments: list[str] | None = None) -> Iterator[Run]:
    """A command, by default the load of everything; what is left of it at the end of the block is killed."""
    name, *more = arguments or EVERYTHING
    log = cwd / f"run-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program(name), *more],
            env=surroundings({"TMPDIR": str(cwd), **values}),
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


def command(arguments: list[str], values: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command run to its end, with what it wrote."""
    name, *more = arguments
    return subprocess.run(
        [program(name), *more],
        env=surroundings(values),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=MAX_WAIT,
        check=False,
    )
