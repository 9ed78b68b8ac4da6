"""The database tells which columns name rows of which table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.tables import ALL_TABLES
from streak_dagster.tables.relations import relations_of
from streak_dagster.warehouse.relations import declared, remember_relations
from streak_dagster_tests.support.spools import execute, query

if TYPE_CHECKING:
    import pytest

    from streak_dagster.warehouse.database import Database

ALL = "SELECT * FROM streak_meta.relations ORDER BY rowid"


def remember(database: Database) -> None:
    with database.transaction() as session:
        remember_relations(session)


def test_every_relation_is_there_with_columns_that_both_tables_have(database: Database) -> None:
    remember(database)
    rows = query(database, ALL)
    assert rows == declared()
    columns = {table.name: set(table.by_name) for table in ALL_TABLES}
    for source, own, target, theirs, _, _ in rows:
        assert len(own) == len(theirs) > 0
        assert set(own) <= columns[source]
        assert set(theirs) <= columns[target]


def test_a_stage_is_named_together_with_its_pipeline(database: Database) -> None:
    remember(database)
    found = query(
        database,
        "SELECT * FROM streak_meta.relations WHERE from_table = 'pipeline_boxes' "
        "AND list_contains(from_columns, 'stage_key')",
    )
    columns = (["pipeline_key", "stage_key"], "pipeline_stages", ["pipeline_key", "key"])
    assert found == [("pipeline_boxes", *columns, "reference", False)]


def test_every_table_with_a_parent_names_it_by_its_key() -> None:
    for table in ALL_TABLES:
        of_parent = [each for each in relations_of(table) if each.is_of_parent]
        assert [(each.column, each.target) for each in of_parent] == (
            [(table.parent_column, table.parent)] if table.parent else []
        )
        assert all(each.on == ((each.column, "key"),) and each.is_always_valid for each in of_parent)


def test_what_is_the_same_isnt_written_and_what_differs_is(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(database)
    execute(database, "COMMENT ON TABLE streak_meta.relations IS 'as it was'")
    remember(database)
    comment = "SELECT comment FROM duckdb_tables() WHERE table_name = 'relations'"
    assert query(database, comment) == [("as it was",)]
    monkeypatch.setattr("streak_dagster.warehouse.relations.ALL_TABLES", ALL_TABLES[:-1])
    remember(database)
    assert query(database, comment) != [("as it was",)]
    execute(database, "CREATE OR REPLACE TABLE streak_meta.relations (a INTEGER)")
    remember(database)
    assert query(database, ALL) == declared()
