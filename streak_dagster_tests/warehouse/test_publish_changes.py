"""What a publication says it inserted, updated and deleted."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import select_spool
from streak_dagster.warehouse.publish import Publication, publish
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support.spools import LARGEST, PAIRS, THINGS, publish_rows, spool

Rows = dict[str, dict[str, Any]]

FACTS = st.fixed_dictionaries(
    {},
    optional={
        "label": st.sampled_from(["A", "B", "", "a\0b", '"timeInStageMs":'] ),
        "count": st.integers(-2, 2),
        "saved": st.integers(0, 2),
        "entries": st.sampled_from([[], {}, [1], "x", [{"stageKey": "1"}], [{"stageKey": "2"}]]),
        "_extra": st.sampled_from([{"n": 1}, {"n": 2}]),
    },
)  # fmt: skip
GENERATION = st.dictionaries(st.sampled_from("abcdefgh"), FACTS)


def changes(published: Publication) -> tuple[int, int, int]:
    return published.inserted, published.updated, published.deleted


def stamped(rows: Rows, stamp: int) -> list[dict[str, Any]]:
    """Rows as answered at another moment, with other clock-driven values."""
    return [{"key": key, **facts, "overdue": stamp, "_synced_at": stamp} for key, facts in rows.items()]


@given(old=GENERATION, new=GENERATION)
@settings(deadline=None, max_examples=60)
def test_counts_are_those_of_the_rows_themselves(
    tmp_path_factory: pytest.TempPathFactory, old: Rows, new: Rows
) -> None:
    path = tmp_path_factory.mktemp("generation") / "rows.jsonl"
    with duckdb.connect() as connection:
        session = Session(connection)
        first = publish(session, THINGS, select_spool(THINGS, spool(path, stamped(old, 1)), LARGEST))
        second = publish(session, THINGS, select_spool(THINGS, spool(path, stamped(new, 2)), LARGEST))
        third = publish(session, THINGS, select_spool(THINGS, spool(path, stamped(new, 3)), LARGEST))
    updated = sum(old[key] != new[key] for key in old.keys() & new.keys())
    assert changes(first) == (len(old), 0, 0)
    assert changes(second) == (len(new.keys() - old.keys()), updated, len(old.keys() - new.keys()))
    assert changes(third) == (0, 0, 0)


def entry(time: Any, stage: str = "5001", **more: Any) -> dict[str, Any]:
    return {"stageKey": stage, "lastEntryToStageTs": 17, "timeInStageMs": time, **more}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([entry(5)], [entry(6)]),
        ([entry(5), entry(None, "5002")], [entry(99999), entry(1, "5002")]),
        ([entry(5, zone="last")], [entry(6, zone="last")]),
        ([{"timeInStageMs": 1}], [{"timeInStageMs": 20}]),
        ({"deep": [{"er": entry(1.5)}]}, {"deep": [{"er": entry(2.5)}]}),
    ],
)
def test_time_in_stage_alone_is_no_update(database: Database, before: Any, after: Any) -> None:
    publish_rows(database, THINGS, [{"key": "a", "entries": before}])
    assert changes(publish_rows(database, THINGS, [{"key": "a", "entries": after}])) == (0, 0, 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([entry(5)], [entry(5, "5002")]),
        ([entry(5)], [entry(5), entry(5, "5002")]),
        ([entry(5, zone="a")], [entry(5, zone="b")]),
        ([{"note": 'says "timeInStageMs": 1'}], [{"note": 'says "timeInStageMs": 2'}]),
        ([entry(5)], None),
    ],
)
def test_whatever_else_changes_in_a_stage_history_is_an_update(
    database: Database, before: Any, after: Any
) -> None:
    publish_rows(database, THINGS, [{"key": "a", "entries": before}])
    assert changes(publish_rows(database, THINGS, [{"key": "a", "entries": after}])) == (0, 1, 0)


def test_a_new_column_is_no_update_of_every_row(database: Database) -> None:
    publish_rows(database, THINGS, [{"key": "a", "label": "A", "count": 1}])
    with database.connect() as session:
        session.execute("ALTER TABLE streak.things DROP COLUMN count")
    assert changes(publish_rows(database, THINGS, [{"key": "a", "label": "A", "count": 1}])) == (0, 0, 0)


def test_a_row_with_two_keys_is_known_by_both(database: Database) -> None:
    publish_rows(database, PAIRS, [{"box_key": "x", "key": "1"}, {"box_key": "y", "key": "1"}])
    after: list[dict[str, Any]] = [{"box_key": "x", "key": "1", "count": 1}, {"box_key": "y", "key": "2"}]
    assert changes(publish_rows(database, PAIRS, after)) == (1, 1, 1)


def test_a_duplicate_counts_once(database: Database) -> None:
    publish_rows(database, THINGS, [{"key": "a", "label": "A"}])
    row = {"key": "a", "label": "B"}
    assert changes(publish_rows(database, THINGS, [row, row])) == (0, 1, 0)
