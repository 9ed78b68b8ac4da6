"""Files that every DuckDB from 1.4 on can read, whichever version writes them.

A DuckDB writes new files in its own newest form, which no older one opens; BI tools and MotherDuck bundle
older ones. So ours are made in the form of 1.4, and a file of a newer form is rewritten into that once.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
from typing import TYPE_CHECKING

import duckdb

from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VERSION = "v1.4.0"
FOR_WRITING: dict[str, str | bool | int | float | list[str]] = {"storage_compatibility_version": VERSION}
"""What a connection that may make the file is opened with."""
_NEWEST_NUMBER = 67
"""What stands for that version in a file's header; newer forms have higher numbers."""
_HEADER = struct.Struct("<8s4sQ")  # a checksum, the magic word, the number
_MAGIC = b"DUCK"
_OF_MOTHERDUCK = ((1, 4), (1, 5))
"""Versions that MotherDuck takes (1.4.0 to 1.5.6)."""

_given_up: set[Path] = set()
"""Files that couldn't be rewritten, so that it isn't tried again at each opening."""


def is_newer(path: Path) -> bool:
    """Whether a DuckDB file has a newer form than ours, by its first bytes."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
    except OSError:
        return False
    if len(head) < _HEADER.size:
        return False
    _, magic, number = _HEADER.unpack(head)
    return bool(magic == _MAGIC and number > _NEWEST_NUMBER)


def rewrite(
    connection: duckdb.DuckDBPyConnection, path: Path, report: Callable[[str], None] | None = None
) -> bool:
    """Put a copy in our form in the place of a file that ``connection`` holds open for writing.

    Everything is copied: whatever schemas, views, comments and constraints there are. The copy is made beside
    the file and then takes its name, so a killed process leaves the file as it was. Says whether it was done:
    what fails leaves the file as it was, too, and isn't tried again by this process.
    """
    path = path.resolve()  # where it is a link, what it leads to is replaced
    if path in _given_up:
        return False
    tell = report or (lambda _: None)
    copy = path.with_name(f".{path.name}.rewriting")
    tell(f"{path.name} has the form of a newer DuckDB: writing it once more, for {VERSION[1:]} and later")
    try:
        _remove(copy)  # what a killed process left
        _copy(connection, copy)
        shutil.copymode(path, copy)
        if path.with_name(f"{path.name}.wal").exists():
            raise OSError("its log could not be emptied")  # noqa: TRY301 - one way out for all that fails
        copy.replace(path)
    except (duckdb.Error, OSError) as error:
        _given_up.add(path)
        _remove(copy)
        first_line = str(error).partition("\n")[0]
        tell(f"{path.name} stays as it is, and readable by newer DuckDBs only: {first_line}")
        return False
    return True


def _copy(connection: duckdb.DuckDBPyConnection, copy: Path) -> None:
    ((own,),) = connection.execute("SELECT current_database()").fetchall()
    connection.execute(f"ATTACH {literal(str(copy))} AS rewriting (STORAGE_VERSION {literal(VERSION)})")
    try:
        connection.execute(f"COPY FROM DATABASE {quoted(own)} TO rewriting")
        if _tables(connection, own) != _tables(connection, "rewriting"):
            raise OSError("not all of it could be copied")
    finally:
        connection.execute("DETACH rewriting")
    connection.execute("CHECKPOINT")


def _tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[tuple[str, str], tuple[int, int]]:
    """The columns and rows of each table, by schema and name."""
    found = connection.execute(
        "SELECT schema_name, table_name, column_count FROM duckdb_tables() WHERE database_name = ?", [catalog]
    ).fetchall()
    counted = {}
    for schema, name, columns in found:
        ((rows,),) = connection.execute(
            f"SELECT count(*) FROM {quoted(catalog)}.{quoted(schema)}.{quoted(name)}"
        ).fetchall()
        counted[schema, name] = (columns, rows)
    return counted


def _remove(copy: Path) -> None:
    for each in (copy, copy.with_name(f"{copy.name}.wal")):
        with contextlib.suppress(OSError):
            os.unlink(each)  # noqa: PTH108 - as short as the other


def is_too_new(error: duckdb.Error) -> bool:
    """Whether DuckDB refuses a file because a newer one wrote it (the words of 1.4 and 1.5)."""
    return "newer version of DuckDB" in str(error)


def refused_by_motherduck() -> str | None:
    """Why MotherDuck won't take the installed DuckDB; None where it does."""
    major, minor, *_ = duckdb.__version__.split(".")
    if (int(major), int(minor)) in _OF_MOTHERDUCK:
        return None
    return (
        f"MotherDuck takes DuckDB 1.4 and 1.5, and {duckdb.__version__} is installed. Install one that fits: "
        "pip install 'streak_dagster[motherduck]'"
    )
