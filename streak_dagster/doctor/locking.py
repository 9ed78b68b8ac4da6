"""Do locks work where processes meet? Tried by a second process, as only that shows it."""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from streak_dagster.api.shared_state import shared_directory
from streak_dagster.doctor.findings import Finding, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SECONDS = 5.0
_CHILD = """
import fcntl, os, sys
for path in sys.argv[1:]:
    descriptor = os.open(path, os.O_RDWR)
    for lock in (fcntl.flock, fcntl.lockf):
        try:
            lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            print("free")
        except (BlockingIOError, PermissionError):
            print("held")
    os.close(descriptor)
"""
"""What another process sees of files that this one has locked, in both ways: ours and DuckDB's."""


def locks_work(database_folder: Path | None) -> Iterator[Finding]:
    """Whether locks of the budget's folder, and of the database's, keep other processes out.

    The second is None where the database is no file of this machine, or has no folder yet.
    """
    folders = [shared_directory(), *filter(None, [database_folder])]
    bad = broken_locks(folders)
    facts = {"folders": [str(folder) for folder in folders]}
    if not bad:
        text = f"Locks keep other processes out in {' and in '.join(map(str, folders))}."
        yield Finding("locks", Mark.OK, text, facts=facts)
        return
    advice = " ".join(
        "Give this machine a /tmp of its own."
        if folder == folders[0]
        else "Set STREAK_DUCKDB_PATH to a file on a disk of this machine."
        for folder in bad
    )
    text = f"The file system of {' and of '.join(map(str, bad))} keeps no locks, by which runs take turns."
    yield Finding("locks", Mark.FAIL, text, advice, facts)


def broken_locks(folders: Sequence[Path]) -> list[Path]:
    """Those of the folders in which a lock of this process doesn't keep another one out.

    Raises OSError where one can't be written, or where no process can be started.
    """
    with contextlib.ExitStack() as stack:
        tried: list[Path] = []
        paths: list[str] = []
        for folder in folders:
            file = stack.enter_context(tempfile.NamedTemporaryFile(dir=folder, prefix=".streak-locks-"))
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                fcntl.lockf(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            tried.append(folder)
            paths.append(file.name)
        done = subprocess.run(  # noqa: S603 - this very Python
            [sys.executable, "-I", "-S", "-c", _CHILD, *paths],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    seen = done.stdout.split()
    kept = [folder for index, folder in enumerate(tried) if seen[2 * index : 2 * index + 2] == ["held"] * 2]
    return [folder for folder in folders if folder not in kept]
