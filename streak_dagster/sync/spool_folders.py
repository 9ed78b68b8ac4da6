"""The folders of spools: which one is taken up again, which are made, and which nobody needs any more."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import time
from typing import TYPE_CHECKING, Any

from streak_dagster.sync.spool import Manifest, Spool
from streak_dagster.sync.spool_lock import lock_folder, remove_folder

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_MAX_ATTEMPTS = 500
_NAME = re.compile(r"[a-z_]+\.[0-9]{15}-[0-9]+")


def open_spool(root: Path, manifest: Manifest, *, resume_within: float) -> Spool:
    """The spool to go on with, or a new one.

    A spool that a dead process left for the same manifest is taken up if it was started less than
    ``resume_within`` seconds ago, and not in the future. Other spools that nobody holds are removed, so that
    they never pile up.
    """
    found: Spool | None = None
    for folder in _folders(root, manifest.table):
        lock = lock_folder(folder)
        if lock is None:
            continue
        started_at = _started_at(folder, manifest)
        # One of the future was stamped by a clock that was put right since: nobody knows how old it is.
        fresh = started_at is not None and 0 <= time.time() * 1000 - started_at < resume_within * 1000
        if found is None and started_at is not None and fresh:
            found = Spool(folder, manifest, started_at, lock)
        else:
            remove_folder(folder, lock)
    return found or _new_spool(root, manifest)


def remove_abandoned(root: Path, *, seconds: float) -> list[int]:
    """Remove the spools of any table in which nothing was written for ``seconds``, unless they are held.

    Those of a table that is refreshed are removed as it opens its next one. Returns the bytes of each.
    """
    removed = []
    try:
        folders = [folder for folder in root.iterdir() if _NAME.fullmatch(folder.name) and folder.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    for folder in folders:
        with contextlib.suppress(OSError):  # somebody else removes it, or nobody can lock it
            files = [each.stat() for each in (folder, *folder.iterdir())]
            if abs(time.time() - max(each.st_mtime for each in files)) < seconds:
                continue  # of the future, too: a clock that was put right since says nothing
            lock = lock_folder(folder)
            if lock is not None:
                remove_folder(folder, lock)
                removed.append(sum(each.st_blocks * 512 for each in files))
    with contextlib.suppress(OSError):  # others still wait there
        root.rmdir()
    return removed


def copy_unheld(root: Path, target: Path, tables: Collection[str]) -> None:
    """Copy what dead processes left of these tables below ``root``, for somebody to look at."""
    for folder in [each for table in tables for each in _folders(root, table)]:
        lock = lock_folder(folder)
        if lock is None:
            continue
        os.close(lock)  # a run that takes it up meanwhile only appends: a torn end is cut off
        with contextlib.suppress(shutil.Error, FileNotFoundError):  # ... or it removes it
            shutil.copytree(folder, target / folder.name)


def discard_all(root: Path, *, remove: bool = True) -> tuple[int, int]:
    """Remove the spools that nobody holds, of any table, or only count them.

    Returns how many, and how many are held.
    """
    try:
        folders = [each for each in root.iterdir() if _NAME.fullmatch(each.name) and each.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return 0, 0
    free = 0
    for folder in folders:
        lock = lock_folder(folder)
        if lock is None:
            continue
        free += 1
        if remove:
            remove_folder(folder, lock)
        else:
            os.close(lock)
    if remove:
        with contextlib.suppress(OSError):  # others still wait there
            root.rmdir()
    return free, len(folders) - free


def _folders(root: Path, table: str) -> list[Path]:
    """The folders of a table's spools, the newest first."""
    try:
        folders = list(root.iterdir())
    except FileNotFoundError:
        return []
    return sorted((folder for folder in folders if folder.name.startswith(f"{table}.")), reverse=True)


def _new_spool(root: Path, manifest: Manifest) -> Spool:
    for _ in range(_MAX_ATTEMPTS):
        started_at = time.time_ns() // 1_000_000
        folder = root / f"{manifest.table}.{started_at:015d}-{os.getpid()}"
        # Until it is locked, another process may take the folder for left over, or remove an empty root.
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            folder.mkdir(parents=True)
            try:
                lock = lock_folder(folder)
            except OSError:
                shutil.rmtree(folder, ignore_errors=True)  # or each try leaves one
                raise
            if lock is not None:
                content = json.dumps({**manifest.content(), "started_at": started_at})
                (folder / "manifest.json").write_text(content, encoding="utf-8")
                return Spool(folder, manifest, started_at, lock)
        time.sleep(0.002)
    raise FileExistsError(errno.EEXIST, "No folder can be made to keep Streak's answers in", str(root))


def _started_at(folder: Path, manifest: Manifest) -> int | None:
    """When the folder's refresh began, in milliseconds; None where it isn't of this manifest."""
    try:
        kept: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        started_at = kept.pop("started_at")
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return started_at if kept == manifest.content() and isinstance(started_at, int) else None
