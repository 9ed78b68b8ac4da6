"""Housekeeping is seen: a job with a schedule, and a line at the end of a run."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest
from dagster import (
    DagsterInstance,
    DagsterRunStatus,
    DefaultScheduleStatus,
    Definitions,
    ExecuteInProcessResult,
    build_schedule_context,
)

from streak_dagster.automation.housekeeping import HousekeepingConfig, tidied_after_a_run
from streak_dagster.automation.old_runs import OWN_JOB
from streak_dagster.automation.running import running_refresh
from streak_dagster.definitions import build_definitions
from streak_dagster.home import prepare_home
from streak_dagster.sandbox import Sandbox
from streak_dagster.settings import load_settings
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.meta import KEPT_ALWAYS
from streak_dagster_tests.automation.test_schedule import run_of
from streak_dagster_tests.support.contents import reading
from streak_dagster_tests.support.loading import Load, environment, log_level
from streak_dagster_tests.support.runs import command
from streak_dagster_tests.support.spools import execute

SCHEDULE = "streak_housekeeping_schedule"


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    """An instance in a home that we made, with three runs of which two are a year old."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "ours"))
    prepare_home("data/crm.duckdb")
    with DagsterInstance.get() as instance:
        for _ in range(3):
            instance.add_run(run_of("a", DagsterRunStatus.SUCCESS))
        move_back(tmp_path / "ours", 365)
        yield instance


def move_back(home: Path, days: int) -> None:
    with closing(sqlite3.connect(home / "history" / "runs.db")) as runs, runs:
        for column in ("create_timestamp", "update_timestamp"):
            runs.execute(f"UPDATE runs SET {column} = datetime({column}, '-{days} days')")


def executed(instance: DagsterInstance, definitions: Definitions) -> ExecuteInProcessResult:
    job = definitions.resolve_job_def(OWN_JOB)
    return job.execute_in_process(
        instance=instance, run_config={**(job.run_config or {}), **log_level("ERROR")}
    )


@pytest.mark.parametrize(("setting", "gone"), [("", 2), ("366d", 0), ("all", 0)])
def test_the_job_says_what_it_removed_and_asks_nothing(
    ours: DagsterInstance, define: Callable[..., Definitions], sandbox: Sandbox, setting: str, gone: int
) -> None:
    result = executed(ours, define(sandbox, STREAK_KEEP_RUNS=setting))
    assert result.success
    (output,) = [event for event in result.all_node_events if event.is_successful_output]
    found = {label: value.value for label, value in output.step_output_data.metadata.items()}
    assert (found["runs"], found["ticks"], found["runs left for the next time"]) == (gone, 0, 0)
    logged = [entry.user_message for entry in ours.all_logs(result.run_id)]
    said = f"{gone} runs" if gone else "nothing"
    assert [each for each in logged if each.startswith(f"Removed {said} (")]
    assert [run.job_name for run in ours.get_runs()] == [OWN_JOB, *["a"] * (3 - gone)]
    assert list(sandbox.journal.arrivals) == []


def test_in_another_home_the_job_says_that_it_leaves_it(
    instance: DagsterInstance, define: Callable[..., Definitions], sandbox: Sandbox
) -> None:
    result = executed(instance, define(sandbox))
    assert result.success
    logged = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert [each for each in logged if "its runs and ticks were left" in each]


@pytest.mark.parametrize("values", [{}, {"STREAK_API_KEY": "k", "STREAK_SCHEDULE": "off"}])
def test_it_runs_every_night_by_itself(values: dict[str, str], instance: DagsterInstance) -> None:
    schedule = build_definitions(load_settings(values)).resolve_schedule_def(SCHEDULE)
    assert schedule.default_status is DefaultScheduleStatus.RUNNING
    assert (schedule.job_name, schedule.cron_schedule) == (OWN_JOB, "17 3 * * *")
    moment = datetime(2026, 3, 5, 3, 17, tzinfo=timezone.utc)
    with build_schedule_context(instance, moment) as context:
        assert len(schedule.evaluate_tick(context).run_requests or ()) == 1


def test_its_run_keeps_no_refresh_from_being_started(instance: DagsterInstance) -> None:
    instance.add_run(run_of(OWN_JOB, DagsterRunStatus.QUEUED))
    assert running_refresh(instance, "an account") is None


def test_the_setting_is_described() -> None:
    assert "STREAK_KEEP_RUNS" in str(HousekeepingConfig.model_fields["keep_days"].description)


def test_after_a_run_a_line_says_it_where_anything_was_removed(ours: DagsterInstance) -> None:
    settings = load_settings({})
    (told,) = tidied_after_a_run(settings)
    assert told.startswith("\nHousekeeping removed 2 runs (")
    assert told.endswith("): see STREAK_KEEP_RUNS.")
    assert tidied_after_a_run(settings) == []


def test_after_a_run_nothing_that_is_wrong_is_raised(ours: DagsterInstance, tmp_path: Path) -> None:
    (tmp_path / "ours" / "history" / "runs" / "index.db").write_bytes(b"no database at all" * 1000)
    (told,) = tidied_after_a_run(load_settings({}))
    assert told == f"Housekeeping of {tmp_path / 'ours'} was put off: file is not a database"


@pytest.mark.slow
def test_the_command_tells_it(ours: DagsterInstance, sandbox: Sandbox, tmp_path: Path) -> None:
    values = {**environment(sandbox, tmp_path / "copy.duckdb"), "DAGSTER_HOME": str(tmp_path / "ours")}
    for removed in (True, False):
        told = command(["streak-dagster", "run"], values, tmp_path)
        assert told.returncode == 0, told.stderr
        assert ("\nHousekeeping removed 2 runs (" in told.stdout) is removed


def test_what_streak_meta_remembers_is_bounded_by_each_publication(
    load: Load, sandbox: Sandbox, tmp_path: Path
) -> None:
    database = Database(str(tmp_path / "copy.duckdb"))
    load(sandbox, database.path, select=["teams"])
    execute(
        database,
        "INSERT INTO streak_meta.refreshes "
        "SELECT r.* REPLACE (published_at - INTERVAL 2 YEARS AS published_at) "
        "FROM streak_meta.refreshes AS r, range(20)",
    )
    load(sandbox, database.path, select=["teams"])
    with reading(database.path) as connection:
        assert connection.execute("SELECT count(*) FROM streak_meta.refreshes").fetchone() == (KEPT_ALWAYS,)
