"""Rows on disk as a refresh leaves them, and what DuckDB then holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from streak_dagster.tables import Endpoint, Kind, Table
from streak_dagster.tables.columns import integer, nested, text, timestamp
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import select_spool
from streak_dagster.warehouse.derived_rows import select_derived_rows
from streak_dagster.warehouse.publish import Publication, publish

LARGEST = 16 * 1024 * 1024

THINGS = Table(
    name="things",
    description="Things, for tests.\n\nWith a quote ' in it.",
    primary_key=("key",),
    group="test",
    kind=Kind.ACCOUNT_LIST,
    endpoint=Endpoint("v1/things"),
    latest_by=("saved",),
    preview=("key", "count"),
    columns=(
        text("key", "Key of the thing."),
        text("label", "What it's called."),
        integer("count", "How many."),
        timestamp("saved", "When it was saved."),
        nested("entries", "Parts.", volatile_members=("timeInStageMs",)),
        integer("overdue", "How many are late by now.", volatile=True),
    ),
)
PAIRS = Table(
    name="pairs",
    description="Two keys.",
    primary_key=("box_key", "key"),
    group="test",
    kind=Kind.ACCOUNT_LIST,
    endpoint=Endpoint("v1/things"),
    columns=(text("boxKey", "Box."), text("key", "Key."), integer("count", "How many.")),
)


def spool(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """A file of rows, each with ``_synced_at`` 1 unless it says otherwise."""
    lines = (json.dumps({"_synced_at": 1, **row}, sort_keys=True) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def publish_rows(database: Database, table: Table, rows: Iterable[Mapping[str, Any]]) -> Publication:
    """Publish rows into a real file, as a run does."""
    path = spool(database.path.with_suffix(".jsonl"), rows)
    with database.transaction() as session:
        return publish(session, table, select_spool(table, path, LARGEST))


def publish_derived(database: Database, table: Table) -> Publication:
    """Publish the rows that the published rows of the parent hold."""
    with database.transaction() as session:
        return publish(session, table, select_derived_rows(session, table))


def query(database: Database, sql: str) -> list[tuple[Any, ...]]:
    with database.connect(read_only=True) as session:
        return session.execute(sql).fetchall()


def columns_of(database: Database, name: str) -> list[tuple[str, str]]:
    found = query(
        database,
        "SELECT column_name, data_type FROM duckdb_columns() "
        f"WHERE schema_name = 'streak' AND table_name = '{name}' ORDER BY column_index",
    )
    return [(str(column), str(kind)) for column, kind in found]


def execute(database: Database, *statements: str) -> None:
    """What a user might do with the file."""
    with duckdb.connect(str(database.path)) as connection:
        for statement in statements:
            connection.execute(statement)
