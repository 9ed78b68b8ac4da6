"""What killed processes left on disk and nobody takes up any more: spools, temporary folders, budgets."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from streak_dagster.api.shared_state import remove_unused, shared_directory
from streak_dagster.automation.removal import A_DAY, Removed, remove_tree
from streak_dagster.sync.spool_folders import remove_abandoned
from streak_dagster.warehouse.readers_file import remove_unfinished

if TYPE_CHECKING:
    from streak_dagster.warehouse.database import Database

ABANDONED = 7 * A_DAY
"""Seconds. A spool is taken up for 6 hours, a look takes a minute, and no pause is longer than an hour."""
TEMPORARY = ("streak-look-", "streak-plan-", "streak-sandbox-")
"""How the names of our temporary folders begin; each lasts as long as a look or a run."""


def remove_leftovers(database: Database, *, seconds: float = ABANDONED) -> Removed:
    """Remove what is older than ``seconds`` and held by nobody.

    That is the spools of this database and of those beside it, what DuckDB moved out of memory in a
    publication that was killed, our temporary folders, and the files that processes of an account shared. A
    copy for readers that was cut short goes at any age.
    """
    roots = {database.spool_root, *database.spool_root.parent.glob("*.spool")}
    spools = [size for root in sorted(roots) for size in remove_abandoned(root, seconds=seconds)]
    unused = [each for each in shared_directory().iterdir() if remove_unused(each, seconds=seconds)]
    temporary = [*_old_temporary(seconds), *_old_spill(database, seconds)]
    sizes = [size for size in map(remove_tree, temporary) if size] + remove_unfinished(database)
    other = len(unused) + len(sizes)
    return Removed(spools=len(spools), other=other, freed=sum(spools) + sum(sizes) + 4096 * len(unused))


def _old_spill(database: Database, seconds: float) -> list[Path]:
    """Files that DuckDB itself removes only when it needs such files again; who has one open keeps it."""
    folder = database.path.with_name(f"{database.path.name}.tmp")
    if not database.is_file or not folder.is_dir():
        return []
    files = list(folder.glob("duckdb_temp_*"))
    times = [each.stat().st_mtime for each in files if each.exists()]
    # All or none: those of one process belong together.
    return files if times and time.time() - max(times) > seconds else []


def _old_temporary(seconds: float) -> list[Path]:
    """Our own temporary folders of so long ago; another user's aren't ours to look into."""
    found = []
    for path in Path(tempfile.gettempdir()).iterdir():
        if path.name.startswith(TEMPORARY):
            with contextlib.suppress(OSError):  # it went meanwhile
                status = path.lstat()
                mine = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
                if mine and time.time() - status.st_mtime > seconds:
                    found.append(path)
    return found
