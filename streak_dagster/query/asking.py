"""A query, its columns, and its rows in batches; the same for every DuckDB that is supported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from streak_dagster.errors import WarehouseError
from streak_dagster.warehouse.ddl import SCHEMA, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streak_dagster.query.cells import Cell
    from streak_dagster.warehouse.session import Session

    Row = tuple[str | None, ...]

BATCH = 5_000
"""Rows that are in memory at once."""
_FINDING = {"SELECT", "EXPLAIN", "PRAGMA", "CALL", "MULTI", "RELATION", "LOGICAL_PLAN"}
"""Kinds of statements that find something; of any other, DuckDB 2 answers how it went."""
_END = re.compile(r"\s*;[;\s]*(--[^\n]*\s*)*$")
"""The end of a statement, and a remark behind it."""


@dataclass(frozen=True)
class Found:
    """What a query found: the names and types of its columns, and its rows, which can be read once.

    A cell is the text that the query was asked for, None for NULL.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    batches: Iterable[Sequence[Row]]


def ask(session: Session, query: str, cell: Cell) -> Found | None:
    """Run a query whose names are those of schema ``streak``; None where it is of a kind that finds nothing.

    Of several statements the last one is answered. Its rows are fetched as they are read: read them all, or
    close the session. Raises duckdb.Error, and WarehouseError where there is no statement.
    """
    connection = session.connection
    session.execute(f"USE {quoted(session.catalog)}.{quoted(SCHEMA)}")
    statements = connection.extract_statements(query)
    if not statements:
        raise WarehouseError("The query is empty. One is, for example: FROM pipeline_boxes")
    last = statements[-1]
    relation = connection.sql(query)
    if relation is None or str(last.type).rpartition(".")[2] not in _FINDING:
        return None
    types = tuple(str(kind) for kind in relation.types)
    cells = ", ".join(cell(f"#{place}", kind) for place, kind in enumerate(types, start=1))
    try:
        text = _END.sub("", last.query)
        streamed = _batches(connection.execute(f"SELECT {cells} FROM (\n{text}\n)"))
    except duckdb.ParserException:
        # What stands in no parentheses, such as EXPLAIN, isn't long. DuckDB 1.4 has no text of a PIVOT.
        streamed = iter([relation.select(cells).fetchall()])
    return Found(tuple(relation.columns), types, streamed)


def _batches(result: duckdb.DuckDBPyConnection) -> Iterator[Sequence[Row]]:
    while batch := result.fetchmany(BATCH):
        yield batch
