"""Files are written beside their place and moved there whole; what was there stays until then."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from streak_dagster.errors import ExportError
from streak_dagster.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PREFIX = ".streak-export-"


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """A folder in ``folder``, which is made, to write files in; it is gone after the block.

    One export at a time has one, which also clears away what a killed one left. Raises ExportError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise ExportError(f"{folder} can't be made a folder of files: {error.strerror}.") from error
    try:
        # A file system that knows no locks has one user, or one who knows what they do.
        with suppress(OSError):
            if not try_lock(opened):
                raise ExportError(
                    f"Another export is writing into {folder}; nothing was done. Wait for its end."
                )
        for left in folder.glob(f"{_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        try:
            made = tempfile.mkdtemp(prefix=_PREFIX, dir=folder)
        except OSError as error:
            raise ExportError(f"{folder} can't be written ({error.strerror}).") from error
        try:
            yield folder / os.path.basename(made)  # noqa: PTH119 - a path of the caller's spelling
        finally:
            shutil.rmtree(made, ignore_errors=True)
    finally:
        os.close(opened)


def put(made: Path, place: Path) -> None:
    """Move a file to its place, in one step, after its last byte is on the disk. Raises ExportError."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(place)
    except OSError as error:
        raise ExportError(f"{place} can't be written ({error.strerror}).") from error
