"""A command on a terminal of its own, at which a test is the person: it reads what is shown, and types."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from streak_dagster_tests.support.runs import program, surroundings
from streak_dagster_tests.support.waiting import MAX_WAIT

_TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A terminal, and the command that runs on it."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self._process = process
        self._descriptor = descriptor
        self.raw = b""
        """All that was shown, as it came."""

    @property
    def shown(self) -> str:
        """What was shown, without colors."""
        return _STYLES.sub("", self.raw.decode("utf-8", "replace")).replace("\r\n", "\n")

    def awaits(self, text: str) -> None:
        """Read until a text is shown. Fails where the command ends before."""
        while text not in self.shown:
            assert self._read(), f"it ended before it said {text!r}: {self.shown}"

    def types(self, line: str) -> None:
        """Type a line, and Return."""
        os.write(self._descriptor, line.encode() + b"\n")

    def presses(self, key: bytes) -> None:
        os.write(self._descriptor, key)

    def awaits_hidden(self) -> None:
        """Wait until what is typed isn't shown: a moment after the prompt, as the terminal is told last."""
        deadline = time.monotonic() + MAX_WAIT
        while termios.tcgetattr(self._descriptor)[3] & termios.ECHO:
            assert time.monotonic() < deadline, self.shown
            time.sleep(0.01)

    def interrupted(self) -> int:
        """Press Ctrl-C at a prompt until the command ends; its exit status.

        Python sees one that comes just before it waits for a line only after that line.
        """
        while True:
            self.presses(b"\x03")
            while select.select([self._descriptor], [], [], 5.0)[0]:
                if not self._read():
                    return self._process.wait(timeout=MAX_WAIT)

    def ends(self) -> int:
        """The exit status, once all is shown."""
        while self._read():
            pass
        return self._process.wait(timeout=MAX_WAIT)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], MAX_WAIT)
        assert ready, f"nothing came any more: {self.shown}"
        with contextlib.suppress(OSError):  # Linux says so where nobody has the terminal open any more
            came = os.read(self._descriptor, 4096)
            self.raw += came
            return bool(came)
        return False


@contextmanager
def terminal(
    arguments: list[str], values: Mapping[str, str], cwd: Path, *, columns: int = 80
) -> Iterator[Terminal]:
    """A command of this environment on a terminal; killed at the end of the block if it still runs."""
    mine, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    name, *more = arguments
    environment = surroundings({"TERM": "xterm", **values})
    environment.pop("COLUMNS", None)
    with subprocess.Popen(
        [sys.executable, "-I", "-c", _TAKE_TERMINAL, program(name), *more],
        stdin=its,
        stdout=its,
        stderr=its,
        env=environment,
        cwd=cwd,
        start_new_session=True,
    ) as process:
        os.close(its)
        try:
            yield Terminal(process, mine)
        finally:
            process.kill()
            os.close(mine)
