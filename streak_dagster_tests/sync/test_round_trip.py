"""A row comes out of DuckDB as it went into the spool."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.sync.projection import Row, project
from streak_dagster.sync.spool import Manifest
from streak_dagster.sync.spool_folders import open_spool
from streak_dagster.tables import ALL_TABLES, ColumnType, Table
from streak_dagster.tables import table as declared
from streak_dagster.warehouse import ddl
from streak_dagster.warehouse.ddl import select_spool
from streak_dagster.warehouse.publish import publish
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support.records import records, same


def keyed_rows(table: Table) -> st.SearchStrategy[list[Row]]:
    """Projected rows whose keys are there and differ."""

    def number(drawn: list[dict[str, Any]]) -> list[Row]:
        return [
            {
                **project(table, record, synced_at=1_700_000_000_000),
                **dict.fromkeys(table.primary_key, str(n)),
            }
            for n, record in enumerate(drawn)
        ]

    return st.lists(records(table), max_size=6).map(number)


TABLES_AND_ROWS = st.sampled_from([table.name for table in ALL_TABLES]).flatmap(
    lambda name: st.tuples(st.just(name), keyed_rows(declared(name)))
)


@given(TABLES_AND_ROWS)
@settings(max_examples=60, deadline=None)
def test_rows_survive_spool_and_duckdb(drawn: tuple[str, list[Row]]) -> None:
    name, rows = drawn
    table = declared(name)
    with tempfile.TemporaryDirectory() as root, duckdb.connect() as connection:
        spool = open_spool(Path(root), Manifest("a", table.name, "d"), resume_within=0)
        spool.append(rows, parent="", token="0", more=False, digest="")
        published = publish(
            Session(connection), table, select_spool(table, spool.rows_path, spool.largest_object)
        )
        spool.discard()
        found = read_back(connection, table)
    assert published.rows == len(rows)
    assert published.with_extra == sum("_extra" in row for row in rows)
    for row, read in zip(rows, found, strict=True):
        assert same(row, read)


def read_back(connection: duckdb.DuckDBPyConnection, table: Table) -> list[Row]:
    """The rows as they were spooled: milliseconds, nested values, and no NULLs."""
    kinds = ddl.column_types(table)
    columns = [
        f"epoch_ms({ddl.quoted(name)})" if kind == ColumnType.TIMESTAMP.value else ddl.quoted(name)
        for name, kind in kinds.items()
    ]
    key = ddl.quoted(table.primary_key[0])
    query = f"SELECT {', '.join(columns)} FROM {ddl.SCHEMA}.{table.name} ORDER BY {key}::INTEGER"
    rows = []
    for values in connection.execute(query).fetchall():
        row = {name: value for name, value in zip(kinds, values, strict=True) if value is not None}
        nested = {name: json.loads(row[name]) for name in row if kinds[name] == ColumnType.JSON.value}
        rows.append({**row, **nested})
    return rows
