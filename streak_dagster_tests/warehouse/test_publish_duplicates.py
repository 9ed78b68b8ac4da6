"""A row that came twice, as a shifting page can cause, and a row without its key."""

from __future__ import annotations

from typing import Any

import pytest

from streak_dagster.errors import PublishRefusedError
from streak_dagster.tables import Table
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.spools import PAIRS, THINGS, publish_rows, query

LABELS = "SELECT label FROM streak.things ORDER BY key"


def test_a_row_that_came_twice_the_same_is_stored_once(database: Database) -> None:
    row = {"key": "a", "label": "A", "saved": 5}
    published = publish_rows(database, THINGS, [row, {"key": "b", "label": "B"}, row, row])
    assert (published.rows, published.deduplicated, published.inserted) == (2, 2, 2)
    assert query(database, LABELS) == [("A",), ("B",)]


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ({"saved": 9, "_synced_at": 1}, {"saved": 5, "_synced_at": 2}),
        ({"saved": 5, "_synced_at": 2}, {"saved": 5, "_synced_at": 1}),
        ({"saved": 5, "_synced_at": 1}, {"_synced_at": 2}),
        ({"_synced_at": 2}, {"_synced_at": 1}),
    ],
    ids=["saved later", "answered later", "saved at all", "answered later, never saved"],
)
def test_of_two_versions_the_newer_is_kept(
    database: Database, newer: dict[str, int], older: dict[str, int], newest_first: bool
) -> None:
    rows: list[dict[str, Any]] = [
        {"key": "a", "label": "new", **newer},
        {"key": "a", "label": "old", **older},
    ]
    published = publish_rows(database, THINGS, rows if newest_first else rows[::-1])
    assert (published.rows, published.deduplicated) == (1, 1)
    assert query(database, LABELS) == [("new",)]


def test_the_whole_key_decides_what_a_duplicate_is(database: Database) -> None:
    rows: list[dict[str, Any]] = [
        {"box_key": "x", "key": "1"},
        {"box_key": "y", "key": "1"},
        {"box_key": "x", "key": "2"},
        {"box_key": "x", "key": "1", "count": 3, "_synced_at": 2},
    ]
    published = publish_rows(database, PAIRS, rows)
    assert (published.rows, published.deduplicated) == (3, 1)
    stored = query(database, "SELECT box_key, key, count FROM streak.pairs ORDER BY ALL")
    assert stored == [("x", "1", 3), ("x", "2", None), ("y", "1", None)]


@pytest.mark.parametrize(
    ("table", "bad"),
    [(THINGS, {"label": "no key"}), (PAIRS, {"key": "1"}), (PAIRS, {"box_key": "x"})],
    ids=["the key", "the first part", "the second part"],
)
def test_a_row_without_its_key_is_refused_and_the_old_table_stays(
    database: Database, table: Table, bad: dict[str, str]
) -> None:
    good = {"box_key": "x"} if table is PAIRS else {"label": "good"}
    publish_rows(database, table, [{"key": "1", **good}])
    before = query(database, f"SELECT * FROM streak.{table.name}")
    with pytest.raises(PublishRefusedError, match=f"1 rows of {table.name} came without.*left as it was"):
        publish_rows(database, table, [{"key": "2", **good}, bad])
    assert query(database, f"SELECT * FROM streak.{table.name}") == before
    assert publish_rows(database, table, [{"key": "2", **good}]).rows == 1


def test_a_refusal_on_a_new_file_leaves_no_table(database: Database) -> None:
    with pytest.raises(PublishRefusedError):
        publish_rows(database, THINGS, [{"label": "no key"}])
    assert query(database, "SELECT table_name FROM duckdb_tables()") == []
