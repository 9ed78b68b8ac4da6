"""The numbers that all processes of one account share, in a small file under ``flock``."""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from streak_dagster.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_DEPARTURES = 1024
"""Departures remembered; also the highest rate, in calls a second, that can be kept."""

_HEADER = struct.Struct("<8s16sqqq")
_MAGIC = b"streak02"


@dataclass
class BudgetState:
    """What the processes of an account agree on; times are microseconds of the monotonic clock.

    ``arrival`` is GCRA's theoretical arrival time, ``paused_until`` the end of a pause that Streak
    asked for, ``departures`` the latest calls that really left, oldest first.
    """

    arrival: int = 0
    paused_until: int = 0
    departures: list[int] = field(default_factory=list)


class SharedStateFile:
    """Reads and writes a ``BudgetState`` as one atomic step over threads and processes.

    The kernel frees the lock of a killed process. The state is stamped with the boot that its
    monotonic times belong to: after a reboot it reads as never used.
    """

    def __init__(self, path: Path) -> None:
        self._boot = _boot_id()
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._threads = threading.Lock()  # flock belongs to the open file, which threads share

    @contextmanager
    def update(self) -> Iterator[BudgetState]:
        """The state, locked; what the caller changed is written when the block ends.

        Raises ValueError once closed, as Python's own files do.
        """
        with self._threads:
            if self._fd < 0:
                raise ValueError("The budget's file is closed.")
            fcntl.flock(self._fd, fcntl.LOCK_EX)
            try:
                state = self._read()
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

    def _read(self) -> BudgetState:
        raw = os.pread(self._fd, _HEADER.size + 8 * MOST_DEPARTURES, 0)
        if len(raw) < _HEADER.size:
            return BudgetState()
        magic, boot, arrival, paused_until, count = _HEADER.unpack_from(raw)
        known = magic == _MAGIC and boot == self._boot and 0 <= count <= MOST_DEPARTURES
        if not known or len(raw) < _HEADER.size + 8 * count:
            return BudgetState()
        return BudgetState(arrival, paused_until, list(struct.unpack_from(f"<{count}q", raw, _HEADER.size)))

    def _write(self, state: BudgetState) -> None:
        kept = state.departures[-MOST_DEPARTURES:]
        header = _HEADER.pack(_MAGIC, self._boot, state.arrival, state.paused_until, len(kept))
        os.pwrite(self._fd, header + struct.pack(f"<{len(kept)}q", *kept), 0)


def _boot_id() -> bytes:
    """What tells this boot from another; monotonic times mean nothing across boots."""
    try:
        identity = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:  # not Linux: the moment of boot, to 10 s
        identity = str(round((time.time() - time.monotonic()) / 10))
    return hashlib.blake2b(identity.encode(), digest_size=16).digest()


def file_name(account: str, kind: str) -> str:
    """The name of an account's file of some kind, which doesn't tell the account."""
    return f"{hashlib.blake2b(account.encode(), digest_size=12).hexdigest()}.{kind}"


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
