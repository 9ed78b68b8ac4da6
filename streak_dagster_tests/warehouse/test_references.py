"""Which references the declarations make, and what of a table leads nowhere."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest

from streak_dagster.checks import verdicts
from streak_dagster.tables import (
    ALL_TABLES,
    BOX_COMMENTS,
    BOX_TASKS,
    PIPELINE_BOXES,
    PIPELINE_STAGES,
    PIPELINES,
    TEAMS,
    USERS,
    Table,
)
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.references import Orphans, Reference, find_orphans, references_of
from streak_dagster_tests.support.spools import execute, publish_rows


def only(table: Table, column: str) -> Reference:
    (found,) = [each for each in references_of(table) if each.column == column]
    return found


def dangling(database: Database, table: Table, column: str) -> Orphans | None:
    with database.connect(read_only=True) as session:
        return find_orphans(session, table, only(table, column))


def test_a_key_inside_another_is_compared_together_with_it() -> None:
    assert only(PIPELINE_BOXES, "stage_key").on == (("pipeline_key", "pipeline_key"), ("stage_key", "key"))
    assert only(PIPELINE_BOXES, "pipeline_key").on == (("pipeline_key", "key"),)


def test_tables_that_are_not_copied_are_no_target() -> None:
    assert {each.name for each in TEAMS.columns if each.references} == {"creator", "billing_admin"}
    for table in ALL_TABLES:
        assert {each.target for each in references_of(table)} <= set(ALL_TABLES)


def test_every_reference_names_columns_that_are_declared() -> None:
    for table in ALL_TABLES:
        for reference in references_of(table):
            for own, other in reference.on:
                assert own in table.by_name
                assert other in reference.target.by_name


def test_references_go_in_one_direction() -> None:
    """In a run the check of a table comes after the tables that it refers to: there must be an order."""
    made = {table.name: {table.parent.name} if table.parent else set() for table in ALL_TABLES}
    checked = {
        f"references of {table.name}": {table.name, *(each.target.name for each in references_of(table))}
        for table in ALL_TABLES
    }
    assert len(list(TopologicalSorter({**made, **checked}).static_order())) == 2 * len(ALL_TABLES)


@pytest.fixture
def boxes(database: Database) -> Database:
    publish_rows(
        database, PIPELINE_STAGES, [{"pipeline_key": "p", "key": "1"}, {"pipeline_key": "q", "key": "2"}]
    )
    publish_rows(
        database,
        PIPELINE_BOXES,
        [
            {"key": "right", "pipeline_key": "p", "stage_key": "1"},
            {"key": "of another pipeline", "pipeline_key": "p", "stage_key": "2"},
            {"key": "again", "pipeline_key": "p", "stage_key": "2"},
            {"key": "of none", "stage_key": "1"},
            {"key": "in no stage", "pipeline_key": "p"},
        ],
    )
    return database


def test_a_stage_of_another_pipeline_is_no_stage_of_this_one(boxes: Database) -> None:
    found = dangling(boxes, PIPELINE_BOXES, "stage_key")
    assert found is not None
    assert (found.rows, found.orphans) == (3, 2)
    assert found.examples == [{"pipeline_key": "p", "stage_key": "2", "rows": 2}]


def test_a_table_that_is_not_there_is_not_compared(boxes: Database) -> None:
    assert dangling(boxes, PIPELINE_BOXES, "pipeline_key") is None
    execute(boxes, "ALTER TABLE streak.pipeline_stages RENAME COLUMN key TO stage")
    assert dangling(boxes, PIPELINE_BOXES, "stage_key") is None


def test_an_empty_table_refers_to_nothing_and_holds_nothing(boxes: Database) -> None:
    publish_rows(boxes, BOX_TASKS, [])
    found = dangling(boxes, BOX_TASKS, "box_key")
    assert found is not None
    assert (found.rows, found.orphans) == (0, 0)
    publish_rows(boxes, BOX_TASKS, [{"key": "t", "box_key": "right"}])
    publish_rows(boxes, PIPELINE_BOXES, [])
    emptied = dangling(boxes, BOX_TASKS, "box_key")
    assert emptied is not None
    assert (emptied.rows, emptied.orphans) == (1, 1)


def test_a_table_may_refer_to_itself(database: Database) -> None:
    comments = [{"key": "a", "box_key": "b"}, {"key": "answer", "box_key": "b", "parent": "a"}]
    publish_rows(database, BOX_COMMENTS, [*comments, {"key": "x", "box_key": "b", "parent": "gone"}])
    found = dangling(database, BOX_COMMENTS, "parent")
    assert found is not None
    assert (found.rows, found.orphans, found.examples) == (2, 1, [{"parent": "gone", "rows": 1}])


def test_a_key_of_an_older_type_is_compared_as_text(boxes: Database) -> None:
    execute(boxes, "ALTER TABLE streak.pipeline_stages ALTER COLUMN key TYPE BIGINT")
    found = dangling(boxes, PIPELINE_BOXES, "stage_key")
    assert found is not None
    assert found.orphans == 2


def test_what_may_lead_nowhere_is_told_and_is_no_fault(database: Database) -> None:
    publish_rows(database, USERS, [{"key": "u", "team_key": "t"}])
    publish_rows(database, PIPELINES, [{"key": "p", "creator_key": "u"}, {"key": "q", "creator_key": "v"}])
    reference = only(PIPELINES, "creator_key")
    with database.connect(read_only=True) as session:
        found = verdicts.foreign_keys(session, PIPELINES, [reference])
    assert found.passed
    assert found.metadata["references that lead nowhere"].value == 0
    told = found.metadata["lead nowhere, which is no fault"].value
    assert told == {"creator_key -> users": f"1 rows: {USERS.named_beyond_it}"}
