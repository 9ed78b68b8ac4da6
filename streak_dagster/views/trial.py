"""Whether views can be made, tried beside the database: in it, one that can't would take the table with it.

DuckDB 2 ends a transaction at the first error, and knows no savepoint. So each view is first made in an empty
database in memory, with the same tables and no rows.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import duckdb

from streak_dagster.views.sources import SCHEMA
from streak_dagster.warehouse import ddl, history, meta
from streak_dagster.warehouse.ddl import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from streak_dagster.views.sources import Sources
    from streak_dagster.warehouse.session import Session

_TRIAL = "streak_views_trial"


def refusals(
    session: Session, sources: Sources, prepared: Sequence[str], views: Mapping[str, str]
) -> dict[str, str]:
    """Why DuckDB refuses some of the ``views`` (queries by name, those that others read first), by name.

    ``prepared`` statements, such as those of macros, come first.
    """
    refused: dict[str, str] = {}
    with _empty_copy(session, sources, " ".join(views.values())) as trial:
        for statement in prepared:
            trial.execute(statement)
        for name, query in views.items():
            refusal = _refusal(trial, f"CREATE VIEW {SCHEMA}.{quoted(name)} AS {query}")
            if refusal:
                refused[name] = refusal
    return refused


def _refusal(trial: duckdb.DuckDBPyConnection, statement: str) -> str:
    """What DuckDB says where it can't; empty where it can."""
    try:
        trial.execute(statement)
    except duckdb.Error as error:
        return (str(error).splitlines() or [type(error).__name__])[0]
    return ""


@contextlib.contextmanager
def _empty_copy(session: Session, sources: Sources, read: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own transaction, in a database that has the tables and none of their rows.

    Only those that are named in the SQL ``read``: of the past alone there are two for each table.
    """
    cursor = session.connection.cursor()
    try:
        cursor.execute(f"ATTACH ':memory:' AS {_TRIAL}")
        try:
            cursor.execute(f"USE {_TRIAL}")
            found = {
                ddl.SCHEMA: sources.tables,
                meta.SCHEMA: sources.memory,
                history.SCHEMA: sources.versions,
            }
            for schema in (*found, SCHEMA):
                cursor.execute(f"CREATE SCHEMA {schema}")
            for schema, tables in found.items():
                for name, columns in tables.items():
                    if f"{schema}.{quoted(name)}" not in read:
                        continue
                    kinds = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
                    cursor.execute(f"CREATE TABLE {schema}.{quoted(name)} ({kinds})")
            yield cursor
        finally:
            cursor.execute(f"USE {quoted(session.catalog)}")
            cursor.execute(f"DETACH {_TRIAL}")
    finally:
        cursor.close()
