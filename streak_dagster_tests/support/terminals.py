"""A command on a terminal of its own: what it shows there, as plain lines."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from streak_dagster_tests.support.runs import program, surroundings
from streak_dagster_tests.support.waiting import MAX_WAIT

_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]")
_REDRAWN = re.compile(r"\x1b\[\d*A")


@dataclass(frozen=True)
class Shown:
    """What a command wrote: ``raw`` with the codes that move the cursor, and how it ended."""

    raw: str
    status: int

    @property
    def plain(self) -> str:
        """All that was ever to be seen, one drawing after the other."""
        return _CODES.sub("", self.raw).replace("\r", "")

    @property
    def stays(self) -> list[str]:
        """The lines that are left where a block that was redrawn is gone."""
        return _CODES.sub("", _REDRAWN.split(self.raw)[-1]).replace("\r", "").splitlines()


def on_terminal(
    arguments: list[str],
    values: Mapping[str, str],
    cwd: Path,
    *,
    width: int = 80,
    typed: str = "",
    interrupt_once: Callable[[str], object] | None = None,
) -> Shown:
    """Run a command on a terminal of ``width`` columns, with what is ``typed`` there.

    ``interrupt_once`` is asked with what was shown so far; as soon as it holds, Ctrl-C is pressed.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    name, *more = arguments
    process = subprocess.Popen(
        [program(name), *more],
        env={**surroundings(values), "TERM": "xterm-256color"},
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - who tests starts no thread
    )
    os.close(theirs)
    if typed:
        os.write(ours, typed.encode())
    said = b""
    try:
        while chunk := _read(ours):
            said += chunk
            if interrupt_once and interrupt_once(said.decode("utf-8", "replace")):
                interrupt_once = None
                os.write(ours, b"\x03")
        status = process.wait(timeout=MAX_WAIT)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        os.close(ours)
    return Shown(said.decode("utf-8", "replace"), status)


def _read(descriptor: int) -> bytes:
    """What is there to read; nothing once the other end is closed."""
    ready, _, _ = select.select([descriptor], [], [], MAX_WAIT)
    if not ready:
        return b""
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so of a terminal that nobody has open any more
        return b""
