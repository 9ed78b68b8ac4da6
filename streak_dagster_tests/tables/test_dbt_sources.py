"""The sources for dbt are up to date, and are what dbt takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml  # type: ignore[import-untyped]  # Dagster brings it, and no types

from streak_dagster.tables import ALL_TABLES, Table, dbt_sources
from streak_dagster.tables.relations import relations_of
from streak_dagster.warehouse.ddl import create_table

if TYPE_CHECKING:
    from pathlib import Path

each_table = pytest.mark.parametrize("declared", ALL_TABLES, ids=lambda declared: declared.name)


@pytest.fixture(scope="module")
def tables() -> dict[str, Any]:
    (source,) = yaml.safe_load(dbt_sources.render())["sources"]
    assert (source["name"], source["schema"]) == ("streak", "streak")
    return {each["name"]: each for each in source["tables"]}


def named(column: dict[str, Any], name: str) -> list[Any]:
    return [each for each in column.get("data_tests", []) if each == name or name in each]


def test_the_file_is_what_the_declarations_give() -> None:
    there = dbt_sources.FILE.read_text(encoding="utf-8") if dbt_sources.FILE.exists() else ""
    assert there == dbt_sources.render(), "docs/dbt/sources.yml is out of date: run make docs"


@each_table
def test_a_table_is_there_with_all_its_columns_and_their_types(
    declared: Table, tables: dict[str, Any]
) -> None:
    told = tables[declared.name]
    assert told["description"] == declared.description
    assert [(each["name"], each["data_type"]) for each in told["columns"]] == [
        (column.name, column.type.value) for column in declared.all_columns
    ]
    personal = [
        each["name"] for each in told["columns"] if each.get("config") == {"meta": {"personal": True}}
    ]
    assert personal == [column.name for column in declared.columns if column.personal]


@each_table
def test_what_is_never_null_and_the_key_are_tested(declared: Table, tables: dict[str, Any]) -> None:
    told = tables[declared.name]
    columns = {each["name"]: each for each in told["columns"]}
    assert {name for name, each in columns.items() if named(each, "not_null")} == declared.required_columns
    unique = [name for name, each in columns.items() if named(each, "unique")]
    if len(declared.primary_key) == 1:
        assert (unique, "data_tests" in told) == (list(declared.primary_key), False)
        return
    assert unique == []
    ((test,),) = (each.values() for each in told["data_tests"])
    expression = test["arguments"]["column_name"]
    with duckdb.connect() as connection:  # as dbt asks
        connection.execute("CREATE SCHEMA streak")
        connection.execute(create_table("memory", declared))
        connection.execute(
            f"SELECT {expression} AS f, count(*) FROM streak.{declared.name} GROUP BY {expression}"
        )


@each_table
def test_a_relation_of_one_column_is_tested_and_warns_where_it_may_lead_nowhere(
    declared: Table, tables: dict[str, Any]
) -> None:
    found = [
        (each["name"], test["relationships"])
        for each in tables[declared.name]["columns"]
        for test in named(each, "relationships")
    ]
    expected = [
        (
            relation.column,
            {
                "arguments": {
                    "to": f"source('streak', '{relation.target.name}')",
                    "field": relation.target_columns[0],
                },
                **({} if relation.is_always_valid else {"config": {"severity": "warn"}}),
            },
        )
        for relation in relations_of(declared)
        if len(relation.on) == 1
    ]
    assert found == expected


def test_a_relation_of_several_columns_is_told() -> None:
    told = "# pipeline_key, stage_key together name a row of pipeline_stages: pipeline_key, key."
    assert told in dbt_sources.render()


def test_the_command_writes_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "docs" / "dbt" / "sources.yml"
    monkeypatch.setattr(dbt_sources, "FILE", file)
    dbt_sources.main()
    assert file.read_text(encoding="utf-8") == dbt_sources.render()
