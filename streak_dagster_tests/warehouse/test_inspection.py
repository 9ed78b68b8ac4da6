"""What a published table shows of its keys, of its boxes' counters and of its last publication."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.tables import BOX_MEETINGS, BOX_TASKS, PIPELINE_BOXES, SNIPPETS
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.inspection import (
    MAX_EXAMPLES,
    Keys,
    Miscounted,
    compare_counters,
    inspect_keys,
)
from streak_dagster.warehouse.recorded import Dropped, last_dropped
from streak_dagster_tests.support.spools import PAIRS, THINGS, execute, publish_rows


def look(database: Database, inspect: Callable[..., Any], *arguments: Any) -> Any:
    """What an inspection finds when it may only read."""
    with database.connect(read_only=True) as session:
        return inspect(session, *arguments)


def test_keys_that_are_whole(database: Database) -> None:
    publish_rows(database, PAIRS, [{"box_key": "a", "key": "1"}, {"box_key": "b", "key": "1"}])
    assert look(database, inspect_keys, PAIRS) == Keys(rows=2)


def test_an_empty_table_has_whole_keys(database: Database) -> None:
    publish_rows(database, PAIRS, [])
    found = look(database, inspect_keys, PAIRS)
    assert (found, found.whole) == (Keys(rows=0), True)


def test_a_key_that_stands_twice_and_one_without_a_part(database: Database) -> None:
    publish_rows(database, PAIRS, [{"box_key": "a", "key": "1"}, {"box_key": "a", "key": "2"}])
    execute(
        database,
        "ALTER TABLE streak.pairs ALTER COLUMN key DROP NOT NULL",
        "INSERT INTO streak.pairs (box_key, key, _synced_at) "
        "VALUES ('a', '1', now()), ('a', NULL, now()), ('a', NULL, now())",
    )
    found = look(database, inspect_keys, PAIRS)
    assert (found.rows, found.without_key, found.twice, found.whole) == (5, 2, 1, False)
    assert sorted(found.examples, key=str) == [
        {"box_key": "a", "key": "1", "rows": 2},
        {"box_key": "a", "key": None, "rows": 2},
    ]


def test_a_table_of_an_older_declaration_lacks_a_column_of_the_key(database: Database) -> None:
    publish_rows(database, THINGS, [{"key": "a"}])
    execute(database, "ALTER TABLE streak.things RENAME TO pairs")
    found = look(database, inspect_keys, PAIRS)
    assert found == Keys(rows=1, not_there=["box_key"])
    assert not found.whole


PARTS = st.sampled_from(["a", "b", "c", "'", '"', "", None])


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(PARTS, PARTS), max_size=30))
def test_any_rows_are_counted_as_python_counts_them(rows: list[tuple[str | None, str | None]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(str(Path(folder) / "crm.duckdb"))
        publish_rows(database, PAIRS, [])
        execute(
            database,
            "ALTER TABLE streak.pairs ALTER COLUMN key DROP NOT NULL",
            "ALTER TABLE streak.pairs ALTER COLUMN box_key DROP NOT NULL",
        )
        with database.connect() as session:
            for row in rows:
                session.execute(
                    "INSERT INTO streak.pairs (box_key, key, _synced_at) VALUES (?, ?, now())", row
                )
        found = look(database, inspect_keys, PAIRS)
    complete = Counter(row for row in rows if None not in row)
    assert found.rows == len(rows)
    assert found.without_key == len(rows) - complete.total()
    assert found.twice == sum(times > 1 for times in complete.values())
    assert len(found.examples) <= MAX_EXAMPLES
    assert bool(found.examples) != found.whole


def counted_boxes(database: Database, **counters: int | None) -> None:
    publish_rows(database, PIPELINE_BOXES, [{"key": "box", "pipeline_key": "p", **counters}])


@pytest.mark.parametrize(("counter", "differ"), [(2, 0), (3, 1), (0, 1)])
def test_a_counter_is_held_against_the_rows(database: Database, counter: int, differ: int) -> None:
    counted_boxes(database, task_total=counter)
    publish_rows(database, BOX_TASKS, [{"key": "1", "box_key": "box"}, {"key": "2", "box_key": "box"}])
    examples = [{"box": "box", "counter": counter, "rows": 2}] if differ else []
    assert look(database, compare_counters, BOX_TASKS) == Miscounted(1, differ, examples)


def test_two_counters_count_together_and_an_unset_one_counts_nothing(database: Database) -> None:
    counted_boxes(database, call_log_count=1, meeting_notes_count=1)
    publish_rows(database, BOX_MEETINGS, [])
    assert look(database, compare_counters, BOX_MEETINGS).boxes == 1
    counted_boxes(database, call_log_count=1)
    assert look(database, compare_counters, BOX_MEETINGS) == Miscounted(0, 0, [])


def test_without_boxes_or_counters_there_is_nothing_to_compare(database: Database) -> None:
    publish_rows(database, BOX_TASKS, [])
    publish_rows(database, SNIPPETS, [])
    assert look(database, compare_counters, BOX_TASKS) is None
    counted_boxes(database)
    assert look(database, compare_counters, SNIPPETS) is None
    execute(database, "ALTER TABLE streak.pipeline_boxes DROP COLUMN task_total")
    assert look(database, compare_counters, BOX_TASKS) is None


def published(database: Database, at: int, **counts: int) -> None:
    line = {"updated": 0, "calls": 0, "seconds": 0.0, "mode": "complete", "declaration": ""}
    with database.transaction() as session:
        meta.prepare(session)
        values = {"table_name": "things", "started_at": at, "published_at": at, **line, **counts}
        meta.record(session, "refreshes", values)


def test_the_rows_before_are_those_of_the_latest_publication(database: Database) -> None:
    published(database, 1, rows=10, inserted=10, deleted=0)
    assert look(database, last_dropped, THINGS) is None
    published(database, 2, rows=8, inserted=1, deleted=3)
    assert look(database, last_dropped, THINGS) == Dropped(before=10, deleted=3)
    assert look(database, last_dropped, THINGS).share == 0.3
    published(database, 3, rows=8, inserted=0, deleted=0)
    assert look(database, last_dropped, THINGS) == Dropped(before=8, deleted=0)


def test_a_database_that_remembers_nothing_tells_nothing(database: Database) -> None:
    publish_rows(database, THINGS, [{"key": "a"}])
    assert look(database, last_dropped, THINGS) is None
