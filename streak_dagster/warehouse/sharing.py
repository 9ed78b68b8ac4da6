"""Threads of this process take turns with a database's file: many may read it, one writes it alone.

DuckDB refuses to open a file twice in a process, for reading and for writing; a thread that reads ahead would
then be in the way of the one that publishes, and be told as another connection. And a process that closes a
file lets go of all its locks on it (POSIX), so that nobody may look into one that is open.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _File:
    """Who has a file open: the thread that writes it, how often, and how many sessions read it."""

    def __init__(self) -> None:
        self.readers = 0
        self.writer: int | None = None
        self.depth = 0


_changed = threading.Condition()
_files: dict[Path, _File] = {}


@contextmanager
def shared(path: Path, deadline: float, *, alone: bool) -> Iterator[bool]:
    """Hold the file with others, or ``alone``, from when that is possible, or from the ``deadline``.

    Whether that was possible: if not, DuckDB says what is in the way. The thread that holds a file alone may
    open it again. The deadline is of the monotonic clock.
    """
    me = threading.get_ident()
    with _changed:
        file = _files.setdefault(path, _File())

        def is_free() -> bool:
            return file.writer == me or (file.writer is None and not (alone and file.readers))

        is_possible = _changed.wait_for(is_free, max(0.0, deadline - time.monotonic()))
        writes = alone and is_possible
        if writes:
            file.writer, file.depth = me, file.depth + 1
        else:
            file.readers += 1
    try:
        yield is_possible
    finally:
        with _changed:
            if writes:
                file.depth -= 1
                file.writer = me if file.depth else None
            else:
                file.readers -= 1
            _changed.notify_all()
