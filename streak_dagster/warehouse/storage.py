"""The storage version of a file: the one that the oldest DuckDB of our range reads, and so every later one.

DuckDB 2.0 by itself writes a version that no DuckDB before it opens, which earlier releases of this package
let it do. Such a file is rewritten once.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import threading
from typing import TYPE_CHECKING

import duckdb

from streak_dagster.errors import DatabaseUnusableError
from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STORAGE_VERSION = "v1.4.0"
_NEWEST = (1, 4)
_CONFIG: dict[str, str | bool | int | float | list[str]] = {"storage_compatibility_version": STORAGE_VERSION}
_NEWEST_NUMBER = 67
"""That version's number in a file's header, behind DuckDB's magic bytes (https://duckdb.org/internals/storage)."""
MAGIC_AT, MAGIC, _NUMBER_END = 8, b"DUCK", 20
_TYPES = """
ARRAY BIGINT BIGNUM BIT BLOB BOOLEAN DATE DECIMAL DOUBLE ENUM FLOAT GEOMETRY HUGEINT INTEGER INTERVAL
LIST MAP NULL SMALLINT STRUCT TIME TIMESTAMP TIMESTAMP_MS TIMESTAMP_NS TIMESTAMP_S TIME_NS TINYINT
TUPLE TYPE UBIGINT UHUGEINT UINTEGER UNION USMALLINT UTINYINT UUID VARCHAR VARIANT
"""
"""First words of the types that DuckDB 1.4 reads, and of those that a newer one itself refuses to write."""
_guard = threading.Lock()
_left: set[Path] = set()
"""Files that this process couldn't rewrite, and said so."""

_CONTENTS = {
    "schemas": "schema_name",
    "types": "schema_name, type_name, labels, comment",
    "sequences": "schema_name, sequence_name, last_value, increment_by, comment",
    "tables": "schema_name, table_name, sql, comment",
    "columns": "schema_name, table_name, column_name, data_type, comment",
    "constraints": "schema_name, table_name, constraint_type, constraint_text",
    "indexes": "schema_name, table_name, index_name, sql, comment",
    "views": "schema_name, view_name, sql, comment",
    "functions": "schema_name, function_name, parameters, macro_definition, comment",
}


class _IncompleteError(Exception):
    pass


def is_too_new(path: Path) -> bool:
    """Whether only a newer DuckDB than the oldest of our range reads a file that isn't open in this process.

    A look at 20 bytes. Closing the file again takes away whatever lock this process has on it.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_NUMBER_END)
    except OSError:
        return False  # no such file, or whatever DuckDB will say of it
    mark, number = head[MAGIC_AT:-8], int.from_bytes(head[-8:], "little")
    return len(head) == _NUMBER_END and mark == MAGIC and number > _NEWEST_NUMBER


def wants_rewriting(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Whether the opened file is too new, and could be rewritten as far as this process knows.

    DuckDB is asked, not the file: whoever opens and closes a file takes away all locks (POSIX) that its
    process has on it, so that other processes could write what DuckDB has open here.
    """
    return path not in _left and _is_too_new(connection)


def make(location: str) -> None:
    """Make a new file. It keeps its version, so nobody who opens it has to know of that."""
    duckdb.connect(location, config=_CONFIG).close()


def open_alone(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads a file which nothing else of this process may have open meanwhile.

    No other connection has this setting, and DuckDB lets none share a file with another's settings. Raises
    duckdb.Error.
    """
    return duckdb.connect(str(path), read_only=True, config=_CONFIG)


def has_log(path: Path) -> bool:
    """Whether the database is more than what its file holds: DuckDB calls logs ``.wal`` and ``.wal.…``."""
    return any(each.name.startswith(f"{path.name}.wal") for each in path.parent.iterdir())


def rewrite(path: Path, report: Callable[[str], None] | None) -> None:
    """Replace a file that is too new by one of the same contents that isn't, or leave it whole.

    The caller has the turn to write it, and no connection. What can't be copied is reported once, and the
    file stays as it is. Where anybody has it open, in this process too, it is left for another time.
    """
    with _guard:  # a second thread finds the file rewritten, never two files under one name
        try:
            # No other connection has this setting, and DuckDB lets none share a file with another's settings.
            connection = duckdb.connect(str(path), config=_CONFIG)
        except duckdb.Error:
            return
        try:
            if path in _left or not _is_too_new(connection):
                return
            said = f"{path.name} was rewritten, so that DuckDB 1.4 and every later one reads it"
            try:
                _rewrite(connection, path.resolve())
            except (duckdb.Error, OSError, _IncompleteError) as error:
                _left.add(path)
                first_line = (str(error).splitlines() or [type(error).__name__])[0]
                said = (
                    f"{path.name} stays as it is, readable only by a DuckDB as new as the one that wrote it: "
                    f"it can't be rewritten for DuckDB 1.4 ({first_line})"
                )
        finally:
            connection.close()
    if report is not None:
        report(said)


def renew(path: Path) -> None:
    """Replace a file by one of the same contents: without free blocks, which keep what was deleted, or a log.

    The caller has the turn to write it, and no connection. Whoever kills this leaves the old file or the new
    one. Raises duckdb.Error where the file can't be opened, and DatabaseUnusableError where it can't be
    copied; it is left as it was.
    """
    with _guard:
        connection = duckdb.connect(str(path), config=_CONFIG)
        try:
            _rewrite(connection, path.resolve())
        except (duckdb.Error, OSError, _IncompleteError) as error:
            first_line = (str(error).splitlines() or [type(error).__name__])[0]
            raise DatabaseUnusableError(
                f"{path} can't be rewritten ({first_line}), so free parts of the file may still hold what "
                "was deleted. Set that right, and do the same again."
            ) from error
        finally:
            connection.close()


def _is_too_new(connection: duckdb.DuckDBPyConnection) -> bool:
    row = connection.execute(
        "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchone()
    found = re.match(r"v(\d+)\.(\d+)", str(row[0]) if row else "")
    return found is not None and (int(found[1]), int(found[2])) > _NEWEST


def _rewrite(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Copy what the connection has into a new file beside ``path``, compare, and put it in its place.

    The old file's log is emptied first and never written again: closing the old file must touch no log of the
    new one, whose name is the same.
    """
    new = path.with_name(f"{path.name}.rewriting")
    log = path.with_name(f"{new.name}.wal")
    (old_name,) = connection.execute("SELECT current_database()").fetchone() or ("",)
    old, target = quoted(old_name), quoted(f"{old_name} rewritten")
    try:
        new.unlink(missing_ok=True)  # of a rewrite that was killed
        log.unlink(missing_ok=True)
        connection.execute("SET threads = 1")  # every further one takes buffers of its own
        _refuse_unknown_types(connection)
        connection.execute("FORCE CHECKPOINT")
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute(
            f"ATTACH {literal(str(new))} AS {target} (STORAGE_VERSION {literal(STORAGE_VERSION)})"
        )
        connection.execute(f"COPY FROM DATABASE {old} TO {target}")
        _compare(connection, old, target)
        connection.execute(f"USE {old}")
        connection.execute(f"FORCE CHECKPOINT {target}")
        connection.execute(f"DETACH {target}")
        shutil.copymode(path, new)
        if log.exists() or is_too_new(new):
            raise _IncompleteError("the new file wasn't closed as it should be")
        with new.open("rb") as written:
            os.fsync(written.fileno())
        new.replace(path)
        sync_folder(path)
    finally:
        with contextlib.suppress(duckdb.Error):  # of a failed copy; closes its files
            connection.execute(f"USE {old}")
            connection.execute(f"DETACH DATABASE IF EXISTS {target}")
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
            log.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """See to it that the new name of a file outlives a loss of power, where a folder can be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refuse_unknown_types(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise _IncompleteError for a type that DuckDB 1.4 doesn't know.

    DuckDB 2.0.1 writes TIMESTAMPTZ_NS, in tables and in views, into a file for 1.4, which then can't open it.
    """
    kinds = {
        row[0] for row in connection.execute("SELECT upper(logical_type) FROM duckdb_types()").fetchall()
    }
    unknown = [kind for kind in kinds if kind.split()[0] not in _TYPES.split()]
    found = connection.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal AND "
        "database_name = current_database() UNION ALL SELECT schema_name, type_name, '', logical_type FROM "
        "duckdb_types() WHERE NOT internal AND database_name = current_database()"
    ).fetchall()
    for schema, name, column, data_type in found:
        used = set(re.findall(r"\w+", str(data_type).upper())) & set(unknown)
        if used:
            raise _IncompleteError(f"{schema}.{name} {column} is of type {data_type}")


def _compare(connection: duckdb.DuckDBPyConnection, old: str, new: str) -> None:
    """Raise _IncompleteError unless the copy has all that the original has, and each table as many rows."""
    was, now = _contents(connection, old), _contents(connection, new)
    for kind, entries in was.items():
        if entries != now[kind]:
            lost = sorted(entries - now[kind]) or sorted(now[kind] - entries)
            raise _IncompleteError(f"of its {kind}, the copy has another: {lost[0][:200]}")


def _contents(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, set[str]]:
    connection.execute(f"USE {database}")
    found = {
        kind: {
            repr(row)
            for row in connection.execute(
                f"SELECT {columns} FROM duckdb_{kind}() WHERE database_name = current_database()"
            ).fetchall()
        }
        for kind, columns in _CONTENTS.items()
    }
    tables = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()"
    ).fetchall()
    found["rows"] = {
        repr((schema, table, connection.execute(f"SELECT count(*) FROM {name}").fetchone()))
        for schema, table in tables
        for name in [f"{database}.{quoted(schema)}.{quoted(table)}"]
    }
    return found
