"""When the schedule refreshes, and when it doesn't."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from itertools import islice, pairwise

import pytest
from dagster import (
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    DefaultScheduleStatus,
    Definitions,
    ScheduleDefinition,
)
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._utils.schedules import schedule_execution_time_iterator

from streak_dagster.automation.due import SCHEDULE, TICK, cron_of, next_due
from streak_dagster.definitions import build_definitions
from streak_dagster.sandbox import Sandbox
from streak_dagster.settings import load_settings
from streak_dagster_tests.support.ticks import schedule_tick

MOMENT = datetime(2026, 3, 5, 12, 0, tzinfo=timezone.utc)
KEY = {"STREAK_API_KEY": "some-key"}
INTERVALS = [30, *(60 * hours for hours in range(1, 25))]


def run_of(job: str, status: DagsterRunStatus, tags: dict[str, str] | None = None) -> DagsterRun:
    """A run as the instance keeps it; one in the queue must say where its code is."""
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("streak_dagster"), "__repository__")
    return DagsterRun(job, tags=tags, status=status, remote_job_origin=RemoteJobOrigin(repository, job))


def schedule(**values: str) -> ScheduleDefinition:
    return build_definitions(load_settings(values)).resolve_schedule_def(SCHEDULE)


@pytest.mark.parametrize("minutes", INTERVALS)
def test_refreshes_are_exactly_an_interval_apart(
    minutes: int, instance: DagsterInstance, define: Callable[..., Definitions], sandbox: Sandbox
) -> None:
    definitions = define(sandbox, refresh_minutes=minutes)
    ticks = schedule_execution_time_iterator(MOMENT.timestamp(), cron_of(minutes), "UTC")
    due = []
    for moment in islice(ticks, 60):
        found = schedule_tick(definitions, instance, moment)
        for request in found.run_requests:
            tags = {**request.tags, "dagster/schedule_name": SCHEDULE}
            instance.add_run(run_of("streak_complete", DagsterRunStatus.SUCCESS, tags))
            due.append(moment)
        assert found.run_requests or "Not due" in found.skip_message
    assert {later - earlier for earlier, later in pairwise(due)} == {timedelta(minutes=minutes)}


def test_an_interval_that_was_missed_is_made_up_for_once(
    instance: DagsterInstance, define: Callable[..., Definitions], sandbox: Sandbox
) -> None:
    """Seven hours don't divide a day; the machine was off when the refresh was due."""
    definitions = define(sandbox, refresh_minutes=7 * 60)
    tags = {TICK: MOMENT.isoformat(), "dagster/schedule_name": SCHEDULE}
    instance.add_run(run_of("streak_complete", DagsterRunStatus.SUCCESS, tags))
    assert not schedule_tick(definitions, instance, MOMENT + timedelta(hours=6)).run_requests
    assert schedule_tick(definitions, instance, MOMENT + timedelta(hours=11)).run_requests


@pytest.mark.parametrize(
    ("minutes", "cron"),
    [(30, "*/30 * * * *"), (60, "0 * * * *"), (360, "0 */6 * * *"), (1440, "0 0 * * *"), (420, "0 * * * *")],
)
def test_cron_is_what_a_person_would_write(minutes: int, cron: str) -> None:
    assert cron_of(minutes) == cron


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "Europe/Berlin"])
@pytest.mark.parametrize("minutes", [30, 60, 180, 360, 1440])
def test_what_is_told_to_be_due_next_is_the_next_tick(minutes: int, zone: str) -> None:
    moment = datetime(2026, 10, 24, 7, 11, tzinfo=timezone.utc)  # clocks are put back in the night
    ticks = schedule_execution_time_iterator(moment.timestamp(), cron_of(minutes), zone)
    for tick in islice(ticks, 5):
        assert next_due(minutes, zone, moment) == tick
        moment = tick


def test_where_cron_alone_keeps_no_interval_the_last_run_says_what_is_due_next() -> None:
    assert next_due(7 * 60, "UTC", MOMENT + timedelta(minutes=1), MOMENT) == MOMENT + timedelta(hours=7)
    missed = MOMENT + timedelta(hours=20, minutes=5)
    assert next_due(7 * 60, "UTC", missed, MOMENT) == MOMENT + timedelta(hours=21)
    assert next_due(7 * 60, "UTC", MOMENT) == MOMENT + timedelta(hours=1)


def test_the_settings_decide_when_and_whether_it_runs() -> None:
    assert schedule().default_status is DefaultScheduleStatus.STOPPED
    assert schedule(**KEY).default_status is DefaultScheduleStatus.RUNNING
    assert schedule(**KEY, STREAK_SCHEDULE="off").default_status is DefaultScheduleStatus.STOPPED
    assert schedule(STREAK_SCHEDULE="on").default_status is DefaultScheduleStatus.RUNNING
    assert schedule(**KEY).cron_schedule == "0 */6 * * *"
    assert schedule(**KEY).execution_timezone == "UTC"
    assert schedule(**KEY, STREAK_TIMEZONE="Asia/Kolkata").execution_timezone == "Asia/Kolkata"
    assert schedule(**KEY).job_name == "streak_complete"
    assert schedule(**KEY, STREAK_REFRESH="changed").job_name == "streak_changed"


def test_a_tick_asks_for_everything(
    instance: DagsterInstance, define: Callable[..., Definitions], sandbox: Sandbox
) -> None:
    found = schedule_tick(define(sandbox), instance, MOMENT)
    (request,) = found.run_requests
    assert request.asset_selection is None
    assert request.run_key == MOMENT.isoformat()
    assert len(sandbox.journal) == 0


@pytest.mark.parametrize("job", ["streak_complete", "streak_changed", "__ASSET_JOB"])
def test_a_tick_is_skipped_while_a_refresh_waits_in_the_queue(
    job: str, instance: DagsterInstance, define: Callable[..., Definitions], sandbox: Sandbox
) -> None:
    run = run_of(job, DagsterRunStatus.QUEUED)
    instance.add_run(run)
    found = schedule_tick(define(sandbox), instance, MOMENT)
    assert not found.run_requests
    assert found.skip_message == f"Skipped, because run {run.run_id[:8]} waits in Dagster's queue."


@pytest.mark.parametrize(
    ("job", "status"),
    [
        ("streak_checks", DagsterRunStatus.QUEUED),
        ("streak_complete", DagsterRunStatus.FAILURE),
        ("streak_complete", DagsterRunStatus.STARTED),  # no event, so no process
    ],
    ids=["checks alone", "ended", "left behind by a dead process"],
)
def test_a_run_that_refreshes_nothing_keeps_no_tick_from_it(
    job: str,
    status: DagsterRunStatus,
    instance: DagsterInstance,
    define: Callable[..., Definitions],
    sandbox: Sandbox,
) -> None:
    instance.add_run(run_of(job, status))
    assert schedule_tick(define(sandbox), instance, MOMENT).run_requests
