"""A query asked of the database, and its answer written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from streak_dagster.query import cells
from streak_dagster.query.asking import ask
from streak_dagster.query.formats import STREAMED
from streak_dagster.query.opening import opened_to_read
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
    ``report`` gets a line where another process holds the file. Raises WarehouseError.
    """
    streamed = STREAMED.get(form)
    try:
        with opened_to_read(database, report) as session:
            if not database.is_file:  # MotherDuck opens nothing for reading only
                session.execute("BEGIN TRANSACTION READ ONLY")
            found = ask(session, query, streamed.cell if streamed else cells.shown)
            if found is None:
                lines = iter(() if streamed else ("done\n",))
            else:
                lines = streamed.lines(found) if streamed else table_lines(found, width=width, rows=rows)
            for text in lines:
                write(text)
    except duckdb.Error as error:
        raise worded(error, excluded) from error
