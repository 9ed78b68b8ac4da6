"""Every check of the tables: passes on the sample, fails on a planted fault, in a load and alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dagster import AssetCheckEvaluation, AssetCheckSeverity, AssetKey, AssetSelection, DagsterInstance

from streak_dagster.checks.reading import read_check, whole_check
from streak_dagster.definitions import build_definitions
from streak_dagster.exclusion import made_from
from streak_dagster.sandbox import Moves, generated_workspace, sample_workspace
from streak_dagster.settings import load_settings
from streak_dagster.tables import (
    ALL_TABLES,
    BOX_FIELD_VALUES,
    BOX_STAGE_HISTORY,
    PIPELINE_BOXES,
    PIPELINES,
    Table,
)
from streak_dagster.warehouse.references import references_of
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.loading import Load, failures, log_level
from streak_dagster_tests.support.processes import process, says
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.told import published

QUIET = log_level("CRITICAL")
Verdicts = dict[str, AssetCheckEvaluation]


def names_of(table: Table) -> list[str]:
    names = ["primary_key", "schema_drift", "few_rows_dropped"]
    return [
        *names,
        *["foreign_keys"] * bool(references_of(table)),
        *["counters_agree"] * (bool(table.counters) or table.name == "pipeline_boxes"),
        *([read_check(table)] if table.is_listed_by_parent else []),
        *([whole_check(table)] if table.window else []),
        *["numbers_are_read"] * (table is BOX_FIELD_VALUES),
        *["stage_moves_agree"] * (table is BOX_STAGE_HISTORY),
    ]


EVERY = {f"{table.name}.{name}" for table in ALL_TABLES for name in names_of(table)}
"""Those that have something to judge after a first load."""


@pytest.fixture
def load(load: Load) -> Load:
    """With the checks of the tables."""
    return replace(load, checked=True)


@pytest.fixture
def database(load: Load, copies: Copies, tmp_path: Path) -> Path:
    """A checked copy of the sample."""
    with sandbox_of() as sandbox:
        return copies.put("the sample, checked", tmp_path / "copy.duckdb", sandbox, load)


def verdicts(result: Any) -> Verdicts:
    return {
        f"{each.asset_key.path[-1]}.{each.check_name}": each for each in result.get_asset_check_evaluations()
    }


def not_passed(result: Any) -> set[str]:
    return {name for name, each in verdicts(result).items() if not each.passed}


def alone(database: Path, **more: str) -> Any:
    """Run the checks without Streak: there is no key, and nobody listens."""
    settings = load_settings({"STREAK_DUCKDB_PATH": str(database), **more})
    with DagsterInstance.ephemeral() as instance:
        job = build_definitions(settings).resolve_job_def("streak_checks")
        return job.execute_in_process(instance=instance, raise_on_error=False, run_config=QUIET)


def plant(database: Path, *statements: str) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("USE copy.streak")
        for statement in statements:
            connection.execute(statement)


def evidence(found: AssetCheckEvaluation) -> dict[str, Any]:
    return {label: entry.value for label, entry in found.metadata.items()}


def test_a_load_checks_every_table_and_the_sample_passes(load: Load, database: Path) -> None:
    with sandbox_of() as sandbox:
        result = load(sandbox, database)
    assert result.success, failures(result)
    assert set(verdicts(result)) >= EVERY
    assert not_passed(result) == set()


def test_the_checks_run_alone_and_the_sample_passes(database: Path) -> None:
    result = alone(database)
    assert result.success, failures(result)
    assert set(verdicts(result)) == EVERY
    assert not_passed(result) == set()
    assert not list(result.get_asset_materialization_events())


@pytest.mark.slow
def test_what_has_nothing_to_judge_yet_is_neither_passed_nor_failed(load: Load, tmp_path: Path) -> None:
    measured = {f"{table.name}.changed_would_be_true" for table in ALL_TABLES if table.is_planned}
    with sandbox_of() as sandbox:
        first = load(sandbox, tmp_path / "copy.duckdb")
        assert first.success
        assert not measured & set(verdicts(first))
        assert not measured & set(verdicts(alone(tmp_path / "copy.duckdb")))
        again = load(sandbox, tmp_path / "copy.duckdb")
    found = verdicts(again)
    assert measured <= set(found)
    assert evidence(found["box_comments.changed_would_be_true"])["boxes missed"] == 0
    assert set(verdicts(alone(tmp_path / "copy.duckdb"))) == EVERY | measured


@pytest.mark.slow
def test_what_a_reading_left_out_is_told_as_long_as_it_is_so(load: Load, tmp_path: Path) -> None:
    """By the check alone, too, after the run; and no longer once a refresh read it."""
    workspace = generated_workspace(120, seed=4)
    name, database = "box_comments.every_box_was_read", tmp_path / "copy.duckdb"
    with sandbox_of(workspace) as sandbox:
        box = next(key for each in workspace.pipelines() for key in workspace.box_keys(each["key"]))
        sandbox.faults.add(f"v2/boxes/{box}/comments", kind="status", status=422, times=None)
        select = ["teams", "pipelines", "pipeline_boxes", "box_comments"]
        assert load(sandbox, database, select=select).success
        for _ in range(2):
            told = evidence(verdicts(alone(database))[name])
            assert (told["boxes"], told["boxes that couldn't be read"]) == (120, 1)
            assert "HTTP 422" in told["which and why"][box]
        sandbox.faults.clear()
        assert load(sandbox, database, select=select).success
    assert verdicts(alone(database))[name].passed


FAULTS = {
    "pipelines.primary_key": ["INSERT INTO pipelines FROM pipelines LIMIT 1"],
    "box_threads.primary_key": [
        "INSERT INTO box_threads FROM box_threads LIMIT 1",
        (
            "UPDATE pipeline_boxes SET gmail_thread_count = gmail_thread_count + 1 WHERE key = "
            "(SELECT box_key FROM box_threads GROUP BY ALL HAVING count(*) > count(DISTINCT key))"
        ),
    ],
    "box_tasks.primary_key": [
        "ALTER TABLE box_tasks ALTER COLUMN key DROP NOT NULL",
        "UPDATE box_tasks SET key = NULL WHERE key = (SELECT min(key) FROM box_tasks)",
    ],
    "pipelines.foreign_keys": ["UPDATE pipelines SET team_key = 'nobody'"],
    "pipeline_boxes.foreign_keys": [
        "UPDATE pipeline_boxes SET stage_key = 'nowhere' WHERE key = (SELECT min(key) FROM pipeline_boxes)",
        # Or the stage that the box left would count one more than it has.
        (
            "UPDATE pipelines SET stages = '{}' WHERE key = "
            "(SELECT pipeline_key FROM pipeline_boxes WHERE stage_key = 'nowhere')"
        ),
    ],
    "box_tasks.foreign_keys": [
        "UPDATE box_tasks SET meeting_key = 'never held' WHERE meeting_key IS NOT NULL"
    ],
    "box_comments.foreign_keys": ["UPDATE box_comments SET parent = key || 'x'"],
    "snippets.schema_drift": ['UPDATE snippets SET _extra = \'{"mood": "good"}\''],
    "box_comments.schema_drift": ["UPDATE box_comments SET message = NULL"],
    "box_meetings.counters_agree": [
        "DELETE FROM box_meetings WHERE key = (SELECT min(key) FROM box_meetings)"
    ],
    "pipeline_boxes.counters_agree": ["UPDATE pipelines SET box_count = box_count + 61 WHERE name = 'Sales'"],
    "teams.few_rows_dropped": [
        (
            "INSERT INTO streak_meta.refreshes SELECT * REPLACE (now() AS published_at, 160 AS rows, "
            "40 AS deleted) FROM streak_meta.refreshes WHERE table_name = 'teams' LIMIT 1"
        ),
        "UPDATE streak_meta.refreshes SET inserted = 0 WHERE deleted = 40",
    ],
}


@pytest.mark.parametrize("check", FAULTS)
def test_a_planted_fault_is_found_by_its_check_alone(database: Path, check: str) -> None:
    plant(database, *FAULTS[check])
    result = alone(database)
    assert not_passed(result) == {check}
    found = verdicts(result)[check]
    is_key = check.endswith("primary_key")
    assert found.severity is (AssetCheckSeverity.ERROR if is_key else AssetCheckSeverity.WARN)
    assert result.success != is_key, "only a broken key fails the run"


def test_what_a_check_found_is_in_its_metadata(database: Path) -> None:
    plant(
        database,
        "UPDATE snippets SET _extra = '{\"mood\": 1, \"isDefault\": []}', pipeline_key = 'p'",
        "INSERT INTO teams FROM teams",
        *FAULTS["box_meetings.counters_agree"],
        *FAULTS["teams.few_rows_dropped"],
    )
    found = {name: evidence(each) for name, each in verdicts(alone(database)).items()}
    keys = found["teams.primary_key"]
    assert (keys["rows"], keys["rows without key"], keys["keys that stand twice"]) == (2, 0, 1)
    assert keys["examples"][0]["rows"] == 2
    assert found["snippets.schema_drift"]["undeclared properties"]["mood"] == 3
    counted = found["box_meetings.counters_agree"]
    assert (counted["boxes compared"], counted["boxes that differ"]) == (36, 1)
    assert counted["examples"][0]["counter"] == counted["examples"][0]["rows"] + 1
    dropped = found["teams.few_rows_dropped"]
    assert (dropped["rows before"], dropped["deleted"]) == (200, 40)
    assert (dropped["without explanation"], dropped["share without explanation"]) == (40, 0.2)


def test_references_that_lead_nowhere_are_shown(database: Path) -> None:
    plant(database, "UPDATE snippets SET pipeline_key = 'p'")
    found = evidence(verdicts(alone(database))["snippets.foreign_keys"])
    assert found["references that lead nowhere"] == 3
    assert found["examples"] == {"pipeline_key -> pipelines": [{"pipeline_key": "p", "rows": 3}]}


@pytest.mark.parametrize(
    ("rows", "deleted", "explained", "passes"),
    [
        (180, 20, 0, True),
        (179, 21, 0, False),
        (10, 10, 0, True),  # a handful
        (10, 11, 0, False),
        (100, 100, 80, True),  # Streak called them gone
        (100, 100, 70, False),
        (0, 5, 5, False),  # whatever explains it: the table is empty now
    ],
)
def test_ten_percent_a_handful_and_what_is_explained_may_go(
    database: Path, rows: int, deleted: int, explained: int, passes: bool
) -> None:
    line = (
        f"INSERT INTO streak_meta.refreshes SELECT * REPLACE (now() AS published_at, {rows} AS rows, "
        f"0 AS inserted, {deleted} AS deleted, {explained} AS explained) "
        "FROM streak_meta.refreshes WHERE table_name = 'teams' LIMIT 1"
    )
    plant(database, line)
    assert not_passed(alone(database)) == (set() if passes else {"teams.few_rows_dropped"})


def test_a_copy_of_an_earlier_version_is_checked_and_goes_on(load: Load, database: Path) -> None:
    """It doesn't know yet what was explained."""
    plant(database, "ALTER TABLE streak_meta.refreshes DROP COLUMN explained")
    assert not_passed(alone(database)) == set()
    with sandbox_of() as sandbox:
        result = load(sandbox, database)
    assert result.success, failures(result)
    assert not_passed(result) == set()


def test_keys_of_pipelines_that_are_left_out_lead_somewhere(database: Path) -> None:
    plant(database, "UPDATE snippets SET pipeline_key = 'of a pipeline that is not copied'")
    result = alone(database, STREAK_PIPELINES="Sales")
    assert not_passed(result) == set()
    assert "STREAK_PIPELINES" in str(evidence(verdicts(result)["snippets.foreign_keys"])["not compared"])


def test_a_selection_of_pipelines_passes(load: Load, tmp_path: Path) -> None:
    workspace = sample_workspace()
    only: dict[str, Any] = {"STREAK_PIPELINES": workspace.pipelines()[-1]["key"]}
    with sandbox_of(workspace) as sandbox:
        result = load(sandbox, tmp_path / "copy.duckdb", **only)
    assert result.success, failures(result)
    assert not_passed(result) == set()


def test_tables_that_are_not_there_yet_are_named_with_what_makes_them(tmp_path: Path) -> None:
    result = alone(tmp_path / "new.duckdb")
    assert not result.success
    told = failures(result)
    assert set(told) == {f"{table.name}_checks" for table in ALL_TABLES}
    assert told["teams_checks"].startswith("streak/teams is needed first, and ")
    assert not (tmp_path / "new.duckdb").exists()


def test_a_referenced_table_that_is_not_there_is_not_compared(load: Load, tmp_path: Path) -> None:
    with sandbox_of() as sandbox:
        result = load(sandbox, tmp_path / "copy.duckdb", select=["pipelines"])
    assert result.success, failures(result)
    found = verdicts(result)
    assert set(found) == {f"pipelines.{name}" for name in names_of(PIPELINES)}
    assert found["pipelines.foreign_keys"].passed
    assert "team_key -> teams" in evidence(found["pipelines.foreign_keys"])["not compared"]


def test_a_table_of_an_older_declaration_can_be_checked(database: Path) -> None:
    plant(
        database,
        "ALTER TABLE box_threads DROP COLUMN key",
        "ALTER TABLE pipeline_boxes DROP COLUMN stage_key",
        "DROP TABLE streak_meta.columns",
        "DROP TABLE streak_meta.refreshes",
    )
    result = alone(database)
    assert not_passed(result) == {"box_threads.primary_key"}
    assert evidence(verdicts(result)["box_threads.primary_key"])["columns that the table lacks"] == ["key"]


def test_a_database_of_before_readings_were_recorded_has_none_to_judge(database: Path) -> None:
    plant(database, "DROP TABLE streak_meta.unread", "ALTER TABLE streak_meta.refreshes DROP COLUMN parents")
    result = alone(database)
    assert result.success, failures(result)
    assert set(verdicts(result)) == {name for name in EVERY if not name.endswith("_was_read")}
    assert not_passed(result) == set()


def test_an_emptied_account_passes_once_it_is_published(load: Load, database: Path) -> None:
    workspace = sample_workspace()
    for pipeline in workspace.pipelines():
        for box in list(workspace.boxes(pipeline["key"])):
            workspace.delete_box(box["key"])
    with sandbox_of(workspace) as sandbox:
        first = load(sandbox, database, STREAK_MAX_SHRINK="1")
        again = load(sandbox, database)
    emptied = ["pipeline_boxes", *(table.name for table in ALL_TABLES if table.parent is PIPELINE_BOXES)]
    assert not_passed(first) == {f"{name}.few_rows_dropped" for name in emptied}
    assert not_passed(again) == set()


def test_a_property_that_streak_no_longer_sends_is_told_from_then_on(load: Load, database: Path) -> None:
    workspace = sample_workspace()
    for snippet in workspace.snippets():
        snippet.pop("snippetName")
    with sandbox_of(workspace) as sandbox:
        for _ in range(2):
            result = load(sandbox, database, select=["snippets"])
            assert not_passed(result) == {"snippets.schema_drift"}
            gone = evidence(verdicts(result)["snippets.schema_drift"])["properties gone"]
            assert gone["snippet_name"].startswith("100% of the rows at ")


def test_a_counter_that_does_not_count_is_found_in_the_load_itself(load: Load, database: Path) -> None:
    workspace = sample_workspace()
    workspace.moves = Moves.nothing()
    box = workspace.boxes(workspace.pipelines()[0]["key"])[0]["key"]
    workspace.add_task(box, text="Nobody counted me")
    with sandbox_of(workspace) as sandbox:
        result = load(sandbox, database)
    assert result.success
    assert not_passed(result) == {"box_tasks.counters_agree", "box_tasks.changed_would_be_true"}


def test_a_broken_key_stops_what_is_made_from_the_table(
    load: Load, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in the last that publishing does with a table; what was asked ahead of it isn't published."""

    def doubled(session: Session, table: Table) -> None:
        if table.name == "pipelines":
            target = session.qualified(table.name)
            session.execute(f"INSERT INTO {target} FROM {target} LIMIT 1")

    monkeypatch.setattr("streak_dagster.warehouse.publish.say_what_it_is", doubled)
    with sandbox_of() as sandbox:
        result = load(sandbox, database)
    assert not result.success
    assert not_passed(result) == {"pipelines.primary_key"}
    others = {table.name for table in ALL_TABLES} - {*made_from("pipelines")}
    assert published(result) == others


def test_a_team_list_that_fails_does_not_stop_the_boxes(
    load: Load, hurried: Callable[..., None], database: Path
) -> None:
    """What the pipelines refer to is checked apart from what the boxes wait for."""
    hurried()
    with sandbox_of() as sandbox:
        sandbox.faults.add("users/me/teams$", kind="no_key", times=None)
        result = load(sandbox, database)
    assert set(failures(result)) == {"teams"}
    assert published(result) == {table.name for table in ALL_TABLES} - {"teams", *made_from("teams")}
    assert verdicts(result)["pipelines.primary_key"].passed
    assert "pipelines.foreign_keys" not in verdicts(result)


def test_references_are_compared_after_the_tables_they_lead_to(load: Load, database: Path) -> None:
    """Meetings come before the tasks that name them; compared too early, the meeting wouldn't be there."""
    with sandbox_of() as sandbox:
        result = load(sandbox, database)
    order = [event.step_key for event in result.all_events if event.is_step_start]
    for table in ALL_TABLES:
        for reference in references_of(table):
            assert order.index(f"{table.name}_references") > order.index(f"streak__{reference.target.name}")


def test_one_check_alone_is_run_alone(database: Path) -> None:
    settings = load_settings({"STREAK_DUCKDB_PATH": str(database)})
    selected = AssetSelection.checks_for_assets(AssetKey(["streak", "pipeline_boxes"]))
    job = build_definitions(settings).resolve_job_def("streak_checks")
    keys = selected.resolve_checks(job.asset_layer.asset_graph)
    one = next(key for key in keys if key.name == "schema_drift")
    part = job.get_subset(asset_check_selection={one}, asset_selection=set())
    with DagsterInstance.ephemeral() as instance:
        result = part.execute_in_process(instance=instance, run_config=QUIET)
    assert set(verdicts(result)) == {f"{PIPELINE_BOXES.name}.schema_drift"}


def test_a_held_database_is_named(database: Path) -> None:
    with process("streak_dagster_tests.support.workers.publisher", "hold", database) as holder:
        says(holder, "held")
        told = failures(alone(database, STREAK_LOCK_WAIT="0"))
    assert all(f"is held by process {holder.pid}" in each for each in told.values())
    assert told
