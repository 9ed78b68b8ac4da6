"""Processes that write a database take turns, from before one opens it until it is wholly closed.

DuckDB lets go of the database's lock before it is done with its log. Who opens the file in that moment finds
the log locked when it commits, or commits into a log that is then taken away: of 1,200 commits by six
processes at once, one or two were gone without a word (DuckDB 2.0.1). Readers don't write a log.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from streak_dagster.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PAUSE = 0.02
_guard = threading.Lock()
_held: dict[Path, tuple[int, int]] = {}
"""Folders whose turn this process has: the open folder, and how many blocks it has it for."""


@contextmanager
def turn(folder: Path, deadline: float, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the turn to write databases of ``folder`` while the block runs; blocks of a process share it.

    After ``deadline`` (monotonic seconds), or where a file system knows no such locks, the block runs
    without: DuckDB's own lock then decides, and names who holds it. Leaves no file; a killed process loses
    its turn.
    """
    waited = False
    while (taken := _take(folder)) is False and time.monotonic() < deadline:
        if not waited:
            on_wait()
            waited = True
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        if taken:
            _give_back(folder)


def _take(folder: Path) -> bool | None:
    """Whether the turn was taken; None where there are no turns to take."""
    with _guard:
        descriptor, blocks = _held.get(folder, (-1, 0))
        if not blocks:
            try:
                descriptor = os.open(folder, os.O_RDONLY)
            except OSError:
                return None  # no such folder, which DuckDB will say
            try:
                taken = try_lock(descriptor)
            except OSError:
                taken = None  # a file system that knows no locks
            if not taken:
                os.close(descriptor)
                return taken
        _held[folder] = (descriptor, blocks + 1)
        return True


def _give_back(folder: Path) -> None:
    with _guard:
        descriptor, blocks = _held.pop(folder)
        if blocks > 1:
            _held[folder] = (descriptor, blocks - 1)
            return
        with contextlib.suppress(OSError):
            os.close(descriptor)
