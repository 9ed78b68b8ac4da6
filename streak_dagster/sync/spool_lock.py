"""Who holds a spool's folder: one process at a time, by a lock that the kernel frees with it."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from streak_dagster.locks import try_lock

if TYPE_CHECKING:
    from pathlib import Path


def lock_folder(folder: Path) -> int | None:
    """The descriptor that holds the folder's lock, or None where another process holds it or removed it.

    Raises OSError where the file system knows no locks.
    """
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    taken = False
    try:
        taken = try_lock(descriptor) and os.fstat(descriptor).st_nlink > 0
    finally:
        if not taken:
            os.close(descriptor)
    return descriptor if taken else None


def remove_folder(folder: Path, lock: int) -> None:
    """Remove a spool whose lock we hold. The manifest goes first: without it nobody takes up the rest."""
    with contextlib.suppress(OSError):
        (folder / "manifest.json").unlink()
    shutil.rmtree(folder, ignore_errors=True)
    if lock >= 0:
        os.close(lock)
