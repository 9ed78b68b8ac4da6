"""A column of lists of texts goes the whole way: spool, table, comparison, kept rows, pandas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from streak_dagster.tables import Table
from streak_dagster.tables.columns import texts
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import select_spool
from streak_dagster.warehouse.drift import find_drift, remember_columns
from streak_dagster.warehouse.publish import Publication, publish
from streak_dagster_tests.support.spools import LARGEST, THINGS, spool

LISTS = replace(THINGS, columns=(*THINGS.columns, texts("labels", "Labels.")))


def published(database: Database, *rows: dict[str, Any], table: Table = LISTS, keep: str = "") -> Publication:
    path = spool(database.path.with_suffix(".jsonl"), rows)
    with database.transaction() as session:
        meta.prepare(session)
        kept = [keep] if keep else []
        publication = publish(session, table, select_spool(table, path, LARGEST), keep_rows=kept)
        remember_columns(session, table)
        assert not find_drift(session, table)
    return publication


def labels(database: Database) -> list[tuple[str, list[str] | None]]:
    with database.connect(read_only=True) as session:
        assert session.columns("things")["labels"] == "VARCHAR[]"
        name = session.qualified("things")
        return session.execute(f'SELECT "key", labels FROM {name} ORDER BY 1').fetchall()


def test_it_is_stored_in_order_and_compared_as_a_whole(database: Database) -> None:
    first = published(database, {"key": "a", "labels": ["x", "y"]}, {"key": "b", "labels": []}, {"key": "c"})
    assert first.inserted == 3
    assert labels(database) == [("a", ["x", "y"]), ("b", []), ("c", None)]
    again = published(database, {"key": "a", "labels": ["y", "x"]}, {"key": "b", "labels": []}, {"key": "c"})
    assert (again.inserted, again.updated, again.deleted) == (0, 1, 0)
    assert labels(database)[0] == ("a", ["y", "x"])


def test_a_row_that_is_kept_keeps_its_list(database: Database) -> None:
    published(database, {"key": "a", "labels": ["x"]}, {"key": "b", "labels": ["z"]})
    published(database, {"key": "b", "labels": ["z"]}, keep="a")
    assert labels(database) == [("a", ["x"]), ("b", ["z"])]


def test_a_table_of_before_gets_the_column_and_changes_no_row(database: Database) -> None:
    published(database, {"key": "a"}, table=THINGS)
    later = published(database, {"key": "a", "labels": ["x"]})
    assert (later.inserted, later.updated, later.deleted) == (0, 0, 0)
    assert labels(database) == [("a", ["x"])]


def test_pandas_gets_it_as_a_list(database: Database) -> None:
    published(database, {"key": "a", "labels": ["x", "y"]})
    with database.connect(read_only=True) as session:
        frame = session.execute(f"SELECT labels FROM {session.qualified('things')}").df()
    assert list(frame["labels"][0]) == ["x", "y"]
