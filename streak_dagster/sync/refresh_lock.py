"""Whether a refresh of this account is running on this machine, whoever started it.

Dagster's instance knows the runs of one ``DAGSTER_HOME``, and goes on calling a killed one started.
So whoever refreshes holds a shared lock on a file of the account; the kernel frees it with the process.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from streak_dagster.api.shared_state import file_name, shared_directory
from streak_dagster.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def refreshing(account: str, *, directory: Path | None = None) -> Iterator[None]:
    """Show other processes that this one refreshes ``account``, while the block runs. Many may at once."""
    path = _path(account, directory)
    try:
        descriptor = _shared_lock(path)
    except OSError:  # a file system without locks: the budget, which needs them too, will say so
        yield
        return
    try:
        yield
    finally:
        # The last one to leave takes the file away; whoever comes meanwhile makes a new one.
        with contextlib.suppress(OSError):
            if try_lock(descriptor):
                path.unlink(missing_ok=True)
        os.close(descriptor)


def is_refreshing(account: str, *, directory: Path | None = None) -> bool:
    """Whether any process of this user refreshes ``account`` now."""
    try:
        descriptor = os.open(_path(account, directory), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def _shared_lock(path: Path) -> int:
    """The descriptor that holds the lock on the file that everybody else sees."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        except OSError:
            os.close(descriptor)
            raise
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)


def _path(account: str, directory: Path | None) -> Path:
    return (directory or shared_directory()) / file_name(account, "refreshing")
