"""What was removed, counted."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

A_DAY = 86_400.0


@dataclass
class Removed:
    """What was removed: how many of each, and the bytes on disk that are free by it."""

    runs: int = 0
    ticks: int = 0
    spools: int = 0
    other: int = 0
    freed: int = 0
    left: int = 0
    """Runs that are to be removed, too, for which there was no time."""

    def __add__(self, more: Removed) -> Removed:
        return Removed(*(getattr(self, each.name) + getattr(more, each.name) for each in fields(self)))

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))

    def __str__(self) -> str:
        kinds = (
            (self.runs, "run", "runs"),
            (self.ticks, "tick", "ticks"),
            (self.spools, "abandoned spool", "abandoned spools"),
            (self.other, "file left behind", "files left behind"),
        )
        counts = [f"{count:,} {one if count == 1 else many}" for count, one, many in kinds if count]
        later = f"; {self.left:,} runs are left for the next time" if self.left else ""
        return f"{', '.join(counts) or 'nothing'} ({self.freed / 1e6:,.1f} MB){later}"


def remove_tree(path: Path) -> int:
    """Remove a file or a folder. Returns the bytes that it took on disk."""
    is_folder = path.is_dir() and not path.is_symlink()
    try:
        within = [path, *path.rglob("*")] if is_folder else [path]
        taken = sum(each.lstat().st_blocks * 512 for each in within)
        if is_folder:
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError:  # somebody else was quicker
        return 0
    return taken
