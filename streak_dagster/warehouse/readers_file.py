"""The file for readers, ``<name>_serve.duckdb``: a copy of the database beside it, as of one moment.

DuckDB lets one process write a file, or several read it. Who reads the copy stands in nobody's way: it is
replaced by another file of the same name, and who has the former one open goes on reading that.

A copy knows itself: its table ``streak_meta.copy_of`` names the database that it is of, so that no file of
somebody else is ever replaced. Somebody may have it open for writing, and then nobody can look into it;
``<copy>.stamp`` tells by the file's number which one we put there last, and of which state of the database.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
import shutil
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from streak_dagster.errors import DatabaseUnusableError
from streak_dagster.locks import try_lock
from streak_dagster.warehouse.cloning import clone, copy_bytes
from streak_dagster.warehouse.meta import COPY_OF, SCHEMA
from streak_dagster.warehouse.storage import sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import FileIO

    from streak_dagster.warehouse.database import Database

_HEADERS = 3 * 4096
"""Bytes in which DuckDB counts checkpoints: with no log beside it, they tell each state of a file apart."""
_SPARE = 64 << 20
"""Bytes of the disk that a copy leaves to whoever else needs some."""


@dataclass(frozen=True)
class Replaced:
    """What it took to replace a copy: its ``size`` in bytes, ``seconds``, and whether it was ``cloned``."""

    path: Path
    size: int
    seconds: float
    cloned: bool


def replace_copy(
    database: Database, *, report: Callable[[str], None] | None = None, may_clone: bool = True
) -> Replaced | None:
    """Put a copy of the database into the place of the former one; None where that is true already.

    Nobody ever sees half of it, and where it fails the former one stays. Raises OSError (a full disk, a
    folder that can't be written), DatabaseLockedError where a process writes the database, and
    DatabaseUnusableError where a file of somebody else has the copy's name.
    """
    if not database.is_file or not database.exists():
        return None
    target = database.served_path.resolve()
    began = time.monotonic()
    with database.still(report=report) as path:
        remove_unfinished(database)
        # Closing it takes away this process's lock, of a connection that only reads; see ``Database.still``.
        with path.open("rb") as source:
            state = hashlib.blake2b(source.read(_HEADERS), digest_size=16).hexdigest()
            if _stamp(target) == {"of": path.name, "state": state, **_identity(target)}:
                return None
            _refuse_foreign(target, path.name)
            with _unfinished(target) as (new, file):
                cloned = may_clone and clone(source, file)
                if not cloned:
                    _refuse_full(target, os.fstat(source.fileno()).st_size)
                    copy_bytes(source, file)
                _mark(new, path.name)
                _own_alike(path, new)
                os.fsync(file.fileno())
                # The log of somebody who wrote into the former copy: with the new one it can't be read.
                target.with_name(f"{target.name}.wal").unlink(missing_ok=True)
                new.replace(target)
        sync_folder(target)
        _write_stamp(target, path.name, state)
    return Replaced(target, target.stat().st_size, time.monotonic() - began, cloned)


def remove_copy(database: Database) -> bool:
    """Remove the copy where it is ours, and what was left of unfinished ones. Whether there was one.

    Raises OSError, and DatabaseUnusableError where it isn't ours.
    """
    if not database.is_file:
        return False
    remove_unfinished(database)
    target = database.served_path.resolve()
    if not target.exists():
        return False
    _refuse_foreign(target, database.path.name)
    for ending in ("", ".wal", ".stamp"):
        target.with_name(f"{target.name}{ending}").unlink(missing_ok=True)
    return True


def remove_unfinished(database: Database) -> list[int]:
    """Remove what killed processes left of copies; not those that somebody works on. The bytes of each."""
    removed: list[int] = []
    if not database.is_file:
        return removed
    target = database.served_path.resolve()
    with contextlib.suppress(OSError):
        for path in _leftovers(target):
            if path.suffix == ".wal" and path.with_suffix("").exists():
                continue  # it has no lock of its own
            with contextlib.suppress(OSError), path.open("rb") as file:
                if try_lock(file.fileno()):
                    removed.append(os.fstat(file.fileno()).st_blocks * 512)
                    path.unlink()
    return removed


def _leftovers(target: Path) -> list[Path]:
    begins = f"{target.name}.copying-"
    return sorted(each for each in target.parent.iterdir() if each.name.startswith(begins))


@contextlib.contextmanager
def _unfinished(target: Path) -> Iterator[tuple[Path, FileIO]]:
    """A new, empty file beside the copy, for this user alone, and locked; gone at the end unless renamed."""
    new = target.with_name(f"{target.name}.copying-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        with contextlib.suppress(OSError):  # a file system that knows no locks
            try_lock(descriptor)
        try:
            yield new, file
        finally:
            for path in (new, new.with_name(f"{new.name}.wal")):
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)


def _mark(new: Path, source: str) -> None:
    """Have the copy say what it is; DuckDB has opened it then, so that readers can, too."""
    connection = duckdb.connect(str(new))
    try:
        connection.execute("SET threads = 1")
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        connection.execute(
            f"CREATE OR REPLACE TABLE {SCHEMA}.{COPY_OF} AS "
            "SELECT ?::VARCHAR AS database, now() AS copied_at",
            [source],
        )
        connection.execute("FORCE CHECKPOINT")
    finally:
        connection.close()
    if new.with_name(f"{new.name}.wal").exists():
        raise DatabaseUnusableError("its log wasn't emptied")


def _own_alike(path: Path, new: Path) -> None:
    """Whoever may read the database may read its copy."""
    status = path.stat()
    with contextlib.suppress(OSError):  # only root gives files away
        os.chown(new, status.st_uid, status.st_gid)
    new.chmod(stat.S_IMODE(status.st_mode))


def _refuse_foreign(target: Path, source: str) -> None:
    """Raise DatabaseUnusableError for a file of that name which isn't a copy of the database."""
    if not target.exists() or _says_it_is_of(target) == source:
        return
    stamp = _stamp(target)
    if stamp.get("of") == source and stamp.get("file") == target.stat().st_ino:
        return
    raise DatabaseUnusableError(
        f"it isn't a copy of {source} that was made for readers, so it was left as it is. "
        "Give that file another name"
    )


def _says_it_is_of(target: Path) -> str | None:
    """The database that a copy says it is of; None where it says nothing, or can't be looked into."""
    try:
        connection = duckdb.connect(str(target), read_only=True)
    except duckdb.Error:  # no database, or somebody has it open for writing
        return None
    try:
        row = connection.execute(f"SELECT database FROM {SCHEMA}.{COPY_OF}").fetchone()
    except duckdb.Error:
        return None
    finally:
        connection.close()
    return str(row[0]) if row else None


def _refuse_full(target: Path, size: int) -> None:
    free = shutil.disk_usage(target.parent).free
    if free < size + _SPARE:
        told = (
            f"{os.strerror(errno.ENOSPC)}: it takes {size / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free"
        )
        raise OSError(errno.ENOSPC, told, str(target))


def _identity(target: Path) -> dict[str, object]:
    """What tells whether a file is the one that we put there, as we left it."""
    try:
        status = target.stat()
    except OSError:
        return {}
    return {"file": status.st_ino, "written": status.st_mtime_ns, "size": status.st_size}


def _stamp(target: Path) -> dict[str, object]:
    try:
        kept = json.loads(target.with_name(f"{target.name}.stamp").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write_stamp(target: Path, source: str, state: str) -> None:
    """Where it can't be written, the next refresh makes another copy, and no more."""
    content = {"of": source, "state": state, **_identity(target)}
    with contextlib.suppress(OSError):
        target.with_name(f"{target.name}.stamp").write_text(json.dumps(content), encoding="utf-8")
