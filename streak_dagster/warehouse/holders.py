"""Who has a database file open now, asked of the kernel: nobody is kept from it meanwhile."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_LINUX = struct.Struct("hhqqi4x")  # l_type, l_whence, l_start, l_len, l_pid
_MACOS = struct.Struct("qqihh")  # l_start, l_len, l_pid, l_type, l_whence
_SECONDS = 3.0


@dataclass(frozen=True)
class Holder:
    """A process that has a database open; whoever ``writes`` lets nobody else open it.

    ``pid`` is 0 for one of another container or machine.
    """

    pid: int
    program: str
    writes: bool

    def __str__(self) -> str:
        if not self.pid:
            return "a process that can't be seen from here"
        return f"process {self.pid} ({self.program})" if self.program else f"process {self.pid}"


def holder_of(path: Path) -> Holder | None:
    """One of the processes that have a file open in DuckDB; None where none has, or nobody can tell.

    It opens and closes the file, which takes away all locks that this process has on it: only for a file that
    this process hasn't open in DuckDB.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        kind, pid = _conflict(descriptor)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    if kind == fcntl.F_UNLCK:
        return None
    return Holder(max(0, pid), _program(pid) if pid > 0 else "", kind == fcntl.F_WRLCK)


def _conflict(descriptor: int) -> tuple[int, int]:
    """The kind of a lock in whose way a writer's would be, and whose it is. DuckDB locks the whole file."""
    if sys.platform == "darwin":
        asked = _MACOS.pack(0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)
        _, _, pid, kind, _ = _MACOS.unpack(fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    else:
        asked = _LINUX.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = _LINUX.unpack(fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    return kind, pid


def _program(pid: int) -> str:
    """The name of a process' program, without its arguments, in which a secret may stand."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        pass
    try:
        done = subprocess.run(  # noqa: S603 - ps of a number
            ["ps", "-o", "comm=", "-p", str(pid)],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    return Path(done.stdout.strip()).name
