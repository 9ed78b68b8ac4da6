"""The views as assets of Dagster: what they depend on, what they show, and what they don't."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetKey, DagsterInstance, Definitions, ExecuteInProcessResult

from streak_dagster import labels
from streak_dagster.assets.views import view_assets_of
from streak_dagster.definitions import build_definitions
from streak_dagster.namespace import OURS
from streak_dagster.settings import load_settings
from streak_dagster.tables import ALL_TABLES, PIPELINE_BOXES, PIPELINE_STAGES
from streak_dagster.views.answer import Answer, AnswerColumn
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.views.handmade import make_tables, pipeline, put

COUNTED = Answer(
    "counted",
    "Counts the boxes.",
    "How many boxes are there?",
    "FROM counted",
    (AnswerColumn("number", "How many."), AnswerColumn("who", "Whose.", personal=True)),
    "SELECT count(*) AS number, min(s.name) AS who FROM {pipeline_boxes} JOIN {stage_names} AS s ON true",
    ("pipeline_boxes", "stage_names"),
)


@pytest.fixture(autouse=True)
def _some_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The jobs name it, though nobody is asked here."""
    monkeypatch.setenv("STREAK_API_KEY", "x")


PIPELINES = OURS.view("pipelines")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with two pipelines, of one box and of three."""
    with Database(str(tmp_path / "crm.duckdb")).transaction() as session:
        make_tables(session)
        for key, name, boxes in (("p", "Hiring", 1), ("q", "Sales", 3)):
            pipeline(session, key, name, {"1": ("Weighted deal size ($)", "TEXT_INPUT")})
            put(session, PIPELINE_STAGES, pipeline_key=key, key="5001", name="Lead $1$", position=0)
            put(session, PIPELINE_STAGES, pipeline_key=key, key="5002", name="Won 🏆", position=1)
            for box in range(boxes):
                put(
                    session,
                    PIPELINE_BOXES,
                    key=f"{key}{box}",
                    pipeline_key=key,
                    stage_key="5001",
                    name="Ann Lee",
                )
        value = {"value": "7k", "value_text": "7k", "value_number": 7000.0, "field_type": "TEXT_INPUT"}
        put(session, "box_field_values", box_key="q0", field_key="1", pipeline_key="q", **value)
    return tmp_path / "crm.duckdb"


def materialize(path: Path, instance: DagsterInstance, job: str, key: AssetKey) -> ExecuteInProcessResult:
    definitions = build_definitions(load_settings({"STREAK_API_KEY": "x", "STREAK_DUCKDB_PATH": str(path)}))
    return definitions.resolve_job_def(job).execute_in_process(
        instance=instance, asset_selection=[key], raise_on_error=False
    )


def shown(result: ExecuteInProcessResult, key: AssetKey) -> dict[str, Any]:
    (event,) = [
        each for each in result.get_asset_materialization_events() if each.materialization.asset_key == key
    ]
    return {label: entry.value for label, entry in event.materialization.metadata.items()}


def test_a_materialization_lists_the_views_and_draws_funnels_in_which_nobody_is_named(
    path: Path, in_memory: DagsterInstance
) -> None:
    result = materialize(path, in_memory, "streak_complete", PIPELINES)
    assert result.success
    told = shown(result, PIPELINES)
    assert told[labels.ROWS_BY_VIEW] == {"sales": 3, "hiring": 1}
    assert "| streak_views.sales | Sales | 3 | 14 |" in told["list"]
    pictures = re.findall(r"!\[(\w+)\]\(data:image/png;base64,([A-Za-z0-9+/=]+)\)", told["funnels"])
    assert [name for name, _ in pictures] == ["Sales", "Hiring"]
    assert all(4000 < len(each) * 3 / 4 < 60_000 for _, each in pictures)
    assert "Ann Lee" not in str(told)
    (check,) = result.get_asset_check_evaluations()
    assert check.passed


def test_a_view_that_could_not_be_made_is_a_warning_of_the_check(
    path: Path, in_memory: DagsterInstance
) -> None:
    materialize(path, in_memory, "streak_changed", PIPELINES)
    with Database(str(path)).transaction() as session:
        session.execute("CREATE OR REPLACE VIEW streak_views.sales AS SELECT 'mine' AS whose")
    result = materialize(path, in_memory, "streak_changed", PIPELINES)
    assert result.success
    (check,) = result.get_asset_check_evaluations()
    assert not check.passed
    assert "something else has that name" in str(check.metadata["views that couldn't be made"].value)


def test_nothing_was_copied_yet_is_said(tmp_path: Path, in_memory: DagsterInstance) -> None:
    result = materialize(tmp_path / "none.duckdb", in_memory, "streak_complete", PIPELINES)
    assert not result.success


def test_an_answer_is_an_asset_with_its_columns_below_the_tables_that_it_reads(
    path: Path, in_memory: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streak_dagster.views.publish.ALL_ANSWERS", (COUNTED,))
    (_, answers) = view_assets_of(ALL_TABLES, answers=[COUNTED])
    (spec,) = answers.specs
    assert {dep.asset_key.to_user_string() for dep in spec.deps} == {
        "streak/pipeline_boxes",
        "streak_views/pipelines",
    }
    columns = {column.name: column for column in spec.metadata["dagster/column_schema"].columns}
    assert columns["who"].tags == {"personal": ""}
    settings = load_settings({"STREAK_API_KEY": "x", "STREAK_DUCKDB_PATH": str(path)})
    resources = build_definitions(settings).resources
    definitions = Definitions(assets=[answers], resources=resources)
    result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(instance=in_memory)
    assert shown(result, AssetKey(["streak_views", "counted"]))["dagster/row_count"] == 1


def test_an_answer_about_the_past_depends_on_the_table_whose_versions_it_reads() -> None:
    past = replace(
        COUNTED,
        sql="SELECT count(*) AS number, '' AS who FROM {pipeline_boxes}, {pipeline_boxes_versions}",
        reads=("pipeline_boxes", "pipeline_boxes_versions"),
    )
    (_, answers) = view_assets_of(ALL_TABLES, answers=[past])
    (spec,) = answers.specs
    assert [dep.asset_key.to_user_string() for dep in spec.deps] == [
        "streak/pipeline_boxes",
        "streak_views/pipelines",
    ]


def test_views_depend_on_no_table_that_is_not_copied() -> None:
    (typed,) = view_assets_of([table for table in ALL_TABLES if table.name == "teams"], answers=[])
    assert typed.asset_deps[PIPELINES] == set()
