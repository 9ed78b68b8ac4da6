"""What a reader of the database sees of each table, short enough to be compared and kept."""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from streak_dagster_tests.support.waiting import MAX_WAIT

if TYPE_CHECKING:
    from collections.abc import Iterator


class Content(NamedTuple):
    """A table's number of rows, and what tells its content from any other; not when it was asked for."""

    rows: int
    digest: str


def contents(database: Path) -> dict[str, Content]:
    """Every table of the schema ``streak``, in one transaction of a reader; none where there is no file."""
    if not database.exists() or not database.stat().st_size:
        return {}
    with reading(database) as connection:
        catalog = connection.execute("SELECT current_database()").fetchall()[0][0]
        names = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'streak' ORDER BY ALL"
        ).fetchall()
        found = {}
        for (name,) in names:
            rows = connection.execute(
                f'SELECT * EXCLUDE (_synced_at) FROM "{catalog}".streak."{name}" ORDER BY ALL'
            ).fetchall()
            found[name] = Content(len(rows), hashlib.blake2b(repr(rows).encode(), digest_size=8).hexdigest())
        return found


@contextmanager
def reading(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection, as soon as nobody writes."""
    connection = _opened(database)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("BEGIN TRANSACTION")
        yield connection
    finally:
        connection.close()


def _opened(database: Path) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + MAX_WAIT
    while (connection := _open_or_none(database, deadline)) is None:
        time.sleep(0.005)
    return connection


def _open_or_none(database: Path, deadline: float) -> duckdb.DuckDBPyConnection | None:
    try:
        return duckdb.connect(str(database), read_only=True)
    except duckdb.IOException as error:
        if "lock" not in str(error) or time.monotonic() > deadline:
            raise
        return None
