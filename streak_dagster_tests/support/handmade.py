"""A database made by hand: tables from their declarations, a few rows, and the ready answers over them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streak_dagster.tables import ALL_TABLES
from streak_dagster.views.answer import versioned
from streak_dagster.views.answers import ALL_ANSWERS
from streak_dagster.views.by_hand import COLUMNS as BY_HAND
from streak_dagster.warehouse import ddl, history

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    import duckdb

_MOMENT = "TIMESTAMP WITH TIME ZONE"
_MEMORY: dict[str, dict[str, str]] = {
    "stage_names": {
        **dict.fromkeys(("pipeline_key", "stage_key", "name"), "VARCHAR"),
        "position": "BIGINT",
        "is_present": "BOOLEAN",
        **dict.fromkeys(("first_seen", "last_seen"), _MOMENT),
    },
    "pipeline_names": dict.fromkeys(("pipeline_key", "name", "view_name"), "VARCHAR"),
    **BY_HAND,
}


def columns_of(name: str) -> dict[str, str]:
    """A table's columns with their types, from its declaration."""
    declared = {table.name: ddl.column_types(table) for table in ALL_TABLES}
    if (table := versioned(name)) is not None:
        return {**declared[table], **history.VERSION_COLUMNS}
    return declared.get(name) or _MEMORY[name]


def place_of(name: str) -> str:
    """Where a table is, and all versions of its rows."""
    if (table := versioned(name)) is not None:
        return f"{history.SCHEMA}.{table}"
    return f"{'streak_meta' if name in _MEMORY else 'streak'}.{name}"


TABLES = sorted(
    {name for answer in ALL_ANSWERS for name in answer.reads} - {each.name for each in ALL_ANSWERS}
)
"""What the answers read, other answers left out."""


def empty(name: str) -> str:
    """What stands for a table that isn't there."""
    columns = ", ".join(
        f"CAST(NULL AS {kind}) AS {ddl.quoted(column)}" for column, kind in columns_of(name).items()
    )
    return f"(SELECT {columns} WHERE false)"


def make(
    connection: duckdb.DuckDBPyConnection,
    rows: Mapping[str, Iterable[Mapping[str, Any]]],
    missing: frozenset[str] = frozenset(),
) -> None:
    """The tables with these rows, and every answer as a view. A list or a dict of a row becomes JSON."""
    for schema in ("streak", "streak_meta", history.SCHEMA, "streak_views"):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for name in TABLES:
        if name in missing:
            continue
        listed = ", ".join(f"{ddl.quoted(column)} {kind}" for column, kind in columns_of(name).items())
        connection.execute(f"CREATE OR REPLACE TABLE {place_of(name)} ({listed})")
        for row in rows.get(name, ()):
            insert(connection, name, row)
    make_views(connection, missing)


def make_views(connection: duckdb.DuckDBPyConnection, missing: frozenset[str] = frozenset()) -> None:
    """Every answer as a view over the tables that are there."""
    relations = {name: empty(name) if name in missing else place_of(name) for name in TABLES}
    for answer in ALL_ANSWERS:
        connection.execute(f"CREATE OR REPLACE VIEW streak_views.{answer.name} AS {answer.filled(relations)}")
        relations[answer.name] = f"streak_views.{answer.name}"


def make_missing_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Every answer over what a database holds, unless it has them already."""
    rows = connection.execute(
        "SELECT table_name || if(schema_name = 'streak_history', '_versions', '') FROM duckdb_columns() "
        "WHERE schema_name IN ('streak', 'streak_meta', 'streak_history', 'streak_views')"
    )
    there = {name for (name,) in rows.fetchall()}
    if not there.issuperset(answer.name for answer in ALL_ANSWERS):
        connection.execute("CREATE SCHEMA IF NOT EXISTS streak_views")
        make_views(connection, frozenset(TABLES) - there)


def insert(connection: duckdb.DuckDBPyConnection, name: str, row: Mapping[str, Any]) -> None:
    """One more row of a table; what it doesn't say is NULL."""
    kinds = columns_of(name)
    places = ", ".join(
        "make_timestamptz(?::BIGINT * 1000)" if kinds[column] == _MOMENT else "?" for column in row
    )
    connection.execute(
        f"INSERT INTO {place_of(name)} ({ddl.quoted_list(row)}) VALUES ({places})",
        [_stored(value, kinds[column]) for column, value in row.items()],
    )


def _stored(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == _MOMENT:
        moment: datetime = value
        return round(moment.timestamp() * 1000)
    return json.dumps(value) if kind == "JSON" else value
