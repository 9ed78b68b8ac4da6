"""The numbers that all processes of one account share, in a small file under ``flock``."""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import struct
import sys
import tempfile
import threading
import time
from array import array
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from streak_dagster.errors import SettingsError
from streak_dagster.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPARTURES = 1024
"""Departures remembered; also the highest rate, in calls a second, that can be kept."""

_A_SECOND = 1_000_000
_MAX_AHEAD = 3600 * _A_SECOND
"""Microseconds. Nobody reserves a slot or asks for a pause that is so far ahead."""

_HEADER = struct.Struct("<8s16sqqq")
_MAGIC = b"streak02"


@dataclass
class LimiterState:
    """What the processes of an account agree on; times are microseconds of the monotonic clock.

    ``arrival`` is GCRA's theoretical arrival time, ``paused_until`` the end of a pause that Streak
    asked for, ``departures`` the latest calls that really left, oldest first.
    """

    arrival: int = 0
    paused_until: int = 0
    departures: list[int] = field(default_factory=list)

    @staticmethod
    def spent(now: int) -> LimiterState:
        """All of the budget was used just now: assumed where nothing is known."""
        return LimiterState(departures=[now] * MAX_DEPARTURES)

    def is_of_the_past(self, now: int) -> bool:
        """Whether these can be times of this boot: the monotonic clock begins anew with each."""
        return self.is_not_far_ahead(now) and max(self.departures, default=0) <= now + _A_SECOND

    def is_not_far_ahead(self, now: int) -> bool:
        return max(self.arrival, self.paused_until) - now <= _MAX_AHEAD


class SharedStateFile:
    """Reads and writes a ``LimiterState`` as one atomic step over threads and processes.

    The kernel frees the lock of a killed process. The state is stamped with the boot that its monotonic
    times belong to, where the system tells one from another. Only a file without a byte reads as never
    used. What can't be trusted reads as spent: the state of another boot or format, a torn one, and
    that of a file which had to be made anew because a cleaner of /tmp took ours.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._boot = _boot_id()
        self._fd = self._open()
        self._threads = threading.Lock()  # flock belongs to the open file, which threads share
        self._known: tuple[bytes, LimiterState] | None = None
        """What this process wrote last: as long as the file holds it, nobody has to read all the numbers."""

    @contextmanager
    def update(self) -> Iterator[LimiterState]:
        """The state, locked; what the caller changed is written when the block ends.

        Raises ValueError once closed, as Python's own files do.
        """
        with self._threads:
            if self._fd < 0:
                raise ValueError("The budget's file is closed.")
            was_replaced = self._lock()
            try:
                state = self._read(_now(), was_replaced=was_replaced)
                self._known = None  # until it is written what the caller makes of it
                yield state
                self._write(state)
            finally:
                fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Forget the file: its number may soon mean another one, perhaps the warehouse."""
        with self._threads:
            if self._fd >= 0:
                os.close(self._fd)
            self._fd = -1

    def _open(self) -> int:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # a cleaner may take that, too
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _lock(self) -> bool:
        """Take the lock of the file that everybody else finds. Says whether it is another one than before."""
        was_replaced = False
        while True:
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX)
            except OSError as error:
                raise _no_locks(self._path, error) from error
            if self._is_in_place():
                return was_replaced
            left, self._fd = self._fd, self._open()  # never a number that may soon mean another file
            os.close(left)
            was_replaced = True

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._fd), self._path.stat())
        except FileNotFoundError:
            return False

    def _read(self, now: int, *, was_replaced: bool) -> LimiterState:
        raw = os.pread(self._fd, _HEADER.size + 8 * MAX_DEPARTURES, 0)
        if self._known is not None and self._known[0] == raw and self._known[1].is_not_far_ahead(now):
            return self._known[1]  # its departures were of the past when they were written
        if not raw and not was_replaced:
            return LimiterState()
        state = _parse(raw, self._boot)
        return state if state is not None and state.is_of_the_past(now) else LimiterState.spent(now)

    def _write(self, state: LimiterState) -> None:
        state.departures = state.departures[-MAX_DEPARTURES:]
        count = len(state.departures)
        header = _HEADER.pack(_MAGIC, self._boot, state.arrival, state.paused_until, count)
        data = header + _packed(state.departures)
        os.pwrite(self._fd, data, 0)
        self._known = data, state


def peek(path: Path) -> LimiterState | None:
    """The state as it is now, for who only looks; None where there is none that can be trusted."""
    try:
        with path.open("rb") as file:
            raw = file.read(_HEADER.size + 8 * MAX_DEPARTURES)
    except OSError:
        return None
    state = _parse(raw, _boot_id())
    return state if state is not None and state.is_of_the_past(_now()) else None


def _now() -> int:
    return time.monotonic_ns() // 1000


def _parse(raw: bytes, boot: bytes) -> LimiterState | None:
    """The state of this boot, None where the bytes aren't one."""
    if len(raw) < _HEADER.size:
        return None
    magic, its_boot, arrival, paused_until, count = _HEADER.unpack_from(raw)
    whole = 0 <= count <= MAX_DEPARTURES and len(raw) >= _HEADER.size + 8 * count
    if not whole or magic != _MAGIC or its_boot != boot:
        return None
    return LimiterState(arrival, paused_until, list(struct.unpack_from(f"<{count}q", raw, _HEADER.size)))


def _packed(numbers: list[int]) -> bytes:
    """The numbers as ``struct`` packs them by ``<q``, in a third of the time."""
    packed = array("q", numbers)
    if sys.byteorder != "little":
        packed.byteswap()
    return packed.tobytes()


def _boot_id() -> bytes:
    """The name of this boot of the machine; monotonic times mean nothing across boots.

    Never a time: the moment of boot, reckoned from two clocks, moves with each sleep and each correction of
    the wall clock, and what then seems to be another boot's would be a budget of its own. Where the system
    names no boot, all have the same name, and the times themselves must show it.
    """
    try:
        identity = Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()
    except OSError:
        identity = _boot_session_of_macos()
    return hashlib.blake2b(identity, digest_size=16).digest()


def _boot_session_of_macos() -> bytes:
    """``kern.bootsessionuuid``, which lasts as long as the boot; empty on other systems."""
    text, size = ctypes.create_string_buffer(64), ctypes.c_size_t(64)
    try:
        failed = ctypes.CDLL(None).sysctlbyname(
            b"kern.bootsessionuuid", text, ctypes.byref(size), None, ctypes.c_size_t(0)
        )
    except (AttributeError, OSError):
        return b""
    return b"" if failed else text.value


def file_name(account: str, kind: str) -> str:
    """The name of an account's file of some kind, from which nobody can read the account."""
    return f"{hashlib.blake2b(account.encode(), digest_size=12).hexdigest()}.{kind}"


def remove_unused(path: Path, *, seconds: float) -> bool:
    """Remove a file that processes of an account share, if none holds it and none used it for ``seconds``.

    Says whether it was removed. The times inside a budget's file count, too: a wall clock put ahead makes
    every file look old, and a file that is made anew beside a process that still knows its calls would
    be a second budget. Whoever waits for the file's lock meanwhile sees that it isn't in place any more.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if time.time() - os.fstat(descriptor).st_mtime < seconds or not try_lock(descriptor):
            return False
        state = _parse(os.pread(descriptor, _HEADER.size + 8 * MAX_DEPARTURES, 0), _boot_id())
        latest = max(state.arrival, state.paused_until, *state.departures, 0) if state else None
        if latest is not None and _now() - latest < _MAX_AHEAD:
            return False
        if not os.path.samestat(os.fstat(descriptor), path.stat()):
            return False
        path.unlink()
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _no_locks(path: Path, error: OSError) -> SettingsError:
    """What to say where processes can't find each other."""
    return SettingsError(
        f"The processes of this machine meet at {path}, but its file system knows no locks "
        f"({error.strerror}). Give this machine a /tmp of its own."
    )


def shared_directory() -> Path:
    """Where the processes of this user meet, made on first use.

    Not ``$TMPDIR``: two processes with different ones would each spend a whole budget.
    """
    base = Path("/tmp") if os.access("/tmp", os.W_OK) else Path(tempfile.gettempdir())  # noqa: S108
    directory = base / f"streak-dagster-{os.getuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    owner = directory.stat().st_uid
    if owner != os.getuid():
        raise SettingsError(
            f"The call budget is kept in {directory}, but that folder belongs to user {owner}. Remove it."
        )
    return directory
