"""What Streak sends beyond the declaration, and which columns emptied."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.tables import BOX_COMMENTS, BOX_TASKS, BOX_THREADS, Table
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import select_spool
from streak_dagster.warehouse.drift import Drift, find_drift, remember_columns
from streak_dagster.warehouse.publish import publish
from streak_dagster_tests.support.spools import LARGEST, THINGS, execute, publish_rows, query, spool


def load(database: Database, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Publish and remember the columns, as a run does."""
    path = spool(database.path.with_suffix(".jsonl"), rows)
    with database.transaction() as session:
        meta.prepare(session)
        publish(session, table, select_spool(table, path, LARGEST))
        remember_columns(session, table)


def drift(database: Database, table: Table = THINGS) -> Drift:
    with database.connect(read_only=True) as session:
        return find_drift(session, table)


def gone(database: Database) -> dict[str, float]:
    return {each.column: each.share for each in drift(database).gone}


def things(number: int, **values: Any) -> list[dict[str, Any]]:
    return [{"key": str(n), **values} for n in range(number)]


def test_undeclared_properties_are_told_from_those_that_changed_type(database: Database) -> None:
    rows: list[dict[str, Any]] = [
        {"key": "a", "_extra": {"new": 1, "count": "many"}},
        {"key": "b", "_extra": {"new": None}},
        {"key": "c"},
    ]
    load(database, THINGS, rows)
    assert drift(database) == Drift(unknown={"new": 2}, changed={"count": 1})


def test_a_second_name_with_another_value_is_neither(database: Database) -> None:
    load(database, BOX_TASKS, [{"key": "a", "box_key": "b", "_extra": {"taskKey": "other"}}])
    assert drift(database, BOX_TASKS) == Drift(contradicting={"taskKey": 1})


def test_a_thread_that_names_another_of_its_boxes_is_as_declared(database: Database) -> None:
    load(database, BOX_THREADS, [{"key": "a", "box_key": "b", "_extra": {"boxKey": "other"}}])
    assert not drift(database, BOX_THREADS)


@pytest.mark.parametrize("extra", ["[1, 2]", '"text"', "3", "null", "{}", "not JSON at all", '{"cut": '])
def test_an_extra_that_is_no_object_names_no_property(database: Database, extra: str) -> None:
    load(database, THINGS, [{"key": "a"}])
    execute(
        database,
        "ALTER TABLE streak.things ALTER COLUMN _extra TYPE VARCHAR",
        f"UPDATE streak.things SET _extra = '{extra}'",
    )
    assert not drift(database)


def test_a_table_without_extra_shows_nothing(database: Database) -> None:
    load(database, THINGS, [{"key": "a"}])
    execute(database, "ALTER TABLE streak.things DROP COLUMN _extra")
    assert not drift(database)


@pytest.mark.parametrize("none", [-1, 0, "-1", "0", " -1 ", -1.0])
def test_a_moment_that_says_none_is_as_declared(database: Database, none: object) -> None:
    sent: list[object] = [none, none, 1_709_208_000, "soon", "", True, {"x": 0}, None]
    rows = [{"key": str(n), "_extra": {"dueDate": each, "new": none}} for n, each in enumerate(sent)]
    load(database, BOX_TASKS, rows[:2])
    assert drift(database, BOX_TASKS) == Drift(unknown={"new": 2})
    load(database, BOX_TASKS, rows)
    assert drift(database, BOX_TASKS) == Drift(unknown={"new": 8}, changed={"dueDate": 6})


NAMES = st.sampled_from(
    ["label", "count", "a b", "", "$.x", '"', "'", "ünï", "a.b", "[0]", "*", "key/", "\\"]
)


@settings(max_examples=25, deadline=None)
@given(extras=st.lists(st.dictionaries(NAMES, st.none() | st.integers() | st.just({"x": [1]})), max_size=12))
def test_any_names_are_counted_as_python_counts_them(extras: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(str(Path(folder) / "crm.duckdb"))
        load(database, THINGS, [{"key": str(n), "_extra": each or None} for n, each in enumerate(extras)])
        found = drift(database)
    counted = Counter(name for each in extras for name in each)
    assert found.unknown | found.changed == dict(counted)
    assert found.changed.keys() <= {"label", "count"}
    assert list(found.unknown.values()) == sorted(found.unknown.values(), reverse=True)


def test_a_column_that_emptied_is_told_with_when_it_was_filled(database: Database) -> None:
    load(database, THINGS, [*things(3, label="x"), {"key": "last"}])
    assert gone(database) == {}
    load(database, THINGS, things(4))
    assert gone(database) == {"label": 0.75}
    load(database, THINGS, things(4))
    assert gone(database) == {"label": 0.75}, "remembered for longer than one publication"
    load(database, THINGS, [*things(3), {"key": "last", "label": "x"}])
    assert gone(database) == {}


def test_a_column_that_seldom_was_filled_may_empty(database: Database) -> None:
    load(database, THINGS, [*things(3), {"key": "last", "label": "x"}])
    load(database, THINGS, things(4))
    assert gone(database) == {}


def test_empty_tables_tell_nothing_and_forget_nothing(database: Database) -> None:
    load(database, THINGS, things(2, label="x"))
    load(database, THINGS, [])
    assert gone(database) == {}
    load(database, THINGS, things(2))
    assert gone(database) == {"label": 1.0}


@pytest.mark.parametrize("value", [[], {}, False, 0, ""])
def test_an_empty_value_is_a_value(database: Database, value: Any) -> None:
    load(database, THINGS, things(2, entries=value))
    load(database, THINGS, things(2))
    assert gone(database) == {"entries": 1.0}
    load(database, THINGS, things(2, entries=value))
    assert gone(database) == {}


def test_a_database_of_before_gets_the_table_with_its_next_publication(database: Database) -> None:
    load(database, THINGS, things(2, label="x"))
    execute(database, "DROP TABLE streak_meta.columns")
    assert not drift(database)
    load(database, THINGS, things(2, label="x"))
    assert query(database, "SELECT version FROM streak_meta.format") == [(1,)]
    load(database, THINGS, things(2))
    assert gone(database) == {"label": 1.0}


def test_each_column_has_one_line_and_tables_dont_mix(database: Database) -> None:
    for _ in range(2):
        load(database, THINGS, things(3, label="x"))
        load(database, BOX_COMMENTS, [])
    lines = query(database, "SELECT table_name, column_name, rows, filled FROM streak_meta.columns")
    assert len(lines) == len(set(lines)) == len(THINGS.columns) + len(BOX_COMMENTS.columns)
    assert ("things", "label", 3, 3) in lines
    assert ("box_comments", "message", 0, 0) in lines


def test_a_column_no_longer_declared_is_forgotten(database: Database) -> None:
    load(database, THINGS, things(1))
    execute(
        database,
        "INSERT INTO streak_meta.columns VALUES ('things', 'old', 1, 1, now(), now(), 1.0)",
    )
    assert gone(database) == {}
    publish_rows(database, THINGS, things(1))
    load(database, THINGS, things(1))
    assert query(database, "SELECT * FROM streak_meta.columns WHERE column_name = 'old'") == []


def test_the_names_are_those_of_streak(database: Database) -> None:
    """``_extra`` holds Streak's spelling, which may be a column's in another case."""
    load(database, THINGS, [{"key": "a", "_extra": json.loads('{"Label": 1, "LABEL": 2}')}])
    assert drift(database).unknown == {"LABEL": 1, "Label": 1}
