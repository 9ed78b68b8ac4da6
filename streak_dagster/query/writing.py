"""A query asked of the database, and its answer written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from streak_dagster.errors import DatabaseLockedError, TableMissingError
from streak_dagster.query import cells
from streak_dagster.query.asking import ask
from streak_dagster.query.formats import STREAMED
from streak_dagster.query.sentences import worded
from streak_dagster.query.table import table_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from streak_dagster.warehouse.database import Database


def write_answer(
    database: Database,
    query: str,
    write: Callable[[str], object],
    form: str = "table",
    *,
    width: int | None = None,
    rows: int | None = None,
    excluded: Collection[str] = (),
    report: Callable[[str], None] | None = None,
) -> None:
    """Write what a query finds, in a format of ``FORMATS``, piece by piece.

    The database is open for reading only, and only as long. A table gets no wider than ``width``, and no
    longer than ``rows``; None for all there is. ``excluded`` are the tables that the settings leave out.
    ``report`` gets a line while another process holds the file. Raises WarehouseError.
    """
    if not database.exists():
        raise TableMissingError(missing_database(database))
    streamed = STREAMED.get(form)
    try:
        with database.connect(read_only=True, report=report) as session:
            if not database.is_file:  # MotherDuck opens nothing for reading only
                session.execute("BEGIN TRANSACTION READ ONLY")
            found = ask(session, query, streamed.cell if streamed else cells.shown)
            if found is None:
                lines = iter(() if streamed else ("done\n",))
            else:
                lines = streamed.lines(found) if streamed else table_lines(found, width=width, rows=rows)
            for text in lines:
                write(text)
    except DatabaseLockedError as error:
        raise waited_in_vain(error) from error
    except duckdb.Error as error:
        raise worded(error, excluded) from error


def waited_in_vain(error: DatabaseLockedError) -> DatabaseLockedError:
    """The same error for who only reads."""
    held = str(error).partition(" Close it there")[0]
    return DatabaseLockedError(
        f"{held} Ask again when it has ended, or wait longer with STREAK_LOCK_WAIT (seconds)."
    )


def missing_database(database: Database) -> str:
    """What to do where there is no database yet."""
    return (
        f"{database.location} doesn't exist yet. Run: make run (or streak-dagster run). "
        "Another file is named by STREAK_DUCKDB_PATH."
    )
