"""Locks on open files, by which processes find each other; the kernel frees those of a killed one."""

from __future__ import annotations

import fcntl


def try_lock(descriptor: int) -> bool:
    """Lock an open file, for this descriptor alone; False where another descriptor has a lock on it.

    It is held until the descriptor is closed. Raises OSError where the file system knows no locks.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
