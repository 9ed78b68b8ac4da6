"""A published table has the declared shape, whatever stood there before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streak_dagster.tables import ALL_TABLES, EXTRA, SYNCED_AT, Table
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import column_types
from streak_dagster_tests.support.spools import THINGS, columns_of, execute, publish_rows, query

ROWS: list[dict[str, Any]] = [
    {"key": "a", "label": "A", "count": 1},
    {"key": "b", "label": "B", "_extra": {"new": [1]}},
]
STORED = [("a", "A", 1, None), ("b", "B", None, '{"new":[1]}')]
SELECT = "SELECT key, label, count, _extra FROM streak.things ORDER BY key"


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
def test_without_rows_the_table_is_there_with_all_columns_in_order(database: Database, table: Table) -> None:
    assert publish_rows(database, table, []).rows == 0
    assert columns_of(database, table.name) == list(column_types(table).items())
    assert query(database, f"SELECT count(*) FROM streak.{table.name}") == [(0,)]


def test_types_are_exactly_the_declared_ones(database: Database) -> None:
    publish_rows(database, THINGS, ROWS)
    assert columns_of(database, "things") == [
        ("key", "VARCHAR"),
        ("label", "VARCHAR"),
        ("count", "BIGINT"),
        ("saved", "TIMESTAMP WITH TIME ZONE"),
        ("entries", "JSON"),
        ("overdue", "BIGINT"),
        ("_synced_at", "TIMESTAMP WITH TIME ZONE"),
        ("_extra", "JSON"),
    ]


@pytest.mark.parametrize(
    "old",
    [
        "(key VARCHAR, label VARCHAR)",
        "(_extra JSON, count BIGINT, label VARCHAR, key VARCHAR)",
        "(key VARCHAR, label INTEGER, count VARCHAR, saved BIGINT, entries VARCHAR)",
        "(key VARCHAR, label STRUCT(a INTEGER), _extra VARCHAR)",
        "(key INTEGER, label VARCHAR)",
        "(key UUID)",
        "(key VARCHAR)",
        "(label VARCHAR)",
        '("KEY" VARCHAR, "Label" VARCHAR)',
        "(key VARCHAR PRIMARY KEY, label VARCHAR NOT NULL, count BIGINT CHECK (count < 0))",
    ],
)
def test_a_table_of_another_shape_is_replaced(database: Database, old: str) -> None:
    execute(database, "CREATE SCHEMA streak", f"CREATE TABLE streak.things {old}")
    assert publish_rows(database, THINGS, ROWS).rows == 2
    assert columns_of(database, "things") == list(column_types(THINGS).items())
    assert query(database, SELECT) == STORED


def test_a_table_of_another_shape_that_holds_rows_is_replaced(database: Database) -> None:
    execute(
        database,
        "CREATE SCHEMA streak",
        "CREATE TABLE streak.things (label VARCHAR, key VARCHAR, count VARCHAR, gone INTEGER)",
        "INSERT INTO streak.things VALUES ('A', 'a', '1', 0), ('old', 'b', '2', 0), ('C', 'c', '3', 0)",
    )
    published = publish_rows(database, THINGS, ROWS)
    assert (published.inserted, published.updated, published.deleted) == (0, 1, 1)
    assert query(database, SELECT) == STORED


def test_keys_of_another_type_count_as_new_rows(database: Database) -> None:
    execute(
        database,
        "CREATE SCHEMA streak",
        "CREATE TABLE streak.things (key INTEGER, label VARCHAR)",
        "INSERT INTO streak.things VALUES (1, 'one')",
    )
    assert publish_rows(database, THINGS, ROWS).inserted == 2
    assert query(database, SELECT) == STORED


def test_rows_that_a_user_added_are_gone(database: Database) -> None:
    publish_rows(database, THINGS, ROWS)
    execute(
        database,
        "ALTER TABLE streak.things ALTER key DROP NOT NULL",
        "INSERT INTO streak.things (key, label, _synced_at) VALUES ('mine', 'M', now()), "
        "(NULL, 'N', now()), ('a', 'twice', now())",
    )
    published = publish_rows(database, THINGS, ROWS)
    assert published.rows == 2
    assert published.deleted >= 1
    assert query(database, SELECT) == STORED


def test_what_else_the_file_holds_is_left_alone(database: Database) -> None:
    execute(database, "CREATE TABLE mine AS SELECT 7 AS n", "CREATE SCHEMA streak",
            "CREATE TABLE streak.own AS SELECT 8 AS n")  # fmt: skip
    publish_rows(database, THINGS, ROWS)
    assert query(database, "SELECT (SELECT n FROM mine), (SELECT n FROM streak.own)") == [(7, 8)]
    tables = query(
        database, "SELECT table_name FROM duckdb_tables() WHERE schema_name <> 'streak_meta' ORDER BY 1"
    )
    assert tables == [("mine",), ("own",), ("things",)]


def test_a_view_on_the_table_goes_on_working(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "other.duckdb"))  # DuckDB 2.0 can't make it in a catalog named streak
    publish_rows(database, THINGS, ROWS[:1])
    execute(database, "CREATE VIEW mine AS SELECT label FROM other.streak.things")
    publish_rows(database, THINGS, ROWS)
    assert query(database, "SELECT count(*) FROM mine") == [(2,)]


def test_descriptions_are_comments(database: Database) -> None:
    publish_rows(database, THINGS, ROWS)
    assert query(database, "SELECT comment FROM duckdb_tables() WHERE schema_name = 'streak'") == [
        (THINGS.description,)
    ]
    comments = query(
        database, "SELECT column_name, comment FROM duckdb_columns() WHERE schema_name = 'streak'"
    )
    assert dict(comments) == {
        **{column.name: column.description for column in THINGS.columns},
        "_synced_at": SYNCED_AT.description,
        "_extra": EXTRA.meaning,
    }


@pytest.mark.parametrize(
    "name", ["streak.duckdb", "my data.v2.duckdb", 'quo"te.db', "it's.duckdb", "main.db"]
)
def test_any_file_name_will_do(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    database = Database(str(tmp_path_factory.mktemp("odd 'folder") / name))
    publish_rows(database, THINGS, ROWS)
    assert query(database, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'things'") == [(1,)]


def test_the_preview_is_the_first_rows_by_key(database: Database) -> None:
    published = publish_rows(database, THINGS, [{"key": str(n), "count": n} for n in range(9, 0, -1)])
    assert published.preview == [{"key": str(n), "count": str(n)} for n in range(1, 6)]
