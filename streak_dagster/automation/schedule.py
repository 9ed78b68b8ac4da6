"""The schedule: everything again, every ``STREAK_REFRESH_INTERVAL``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dagster import (
    DefaultScheduleStatus,
    RunRequest,
    RunsFilter,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    schedule,
)

from streak_dagster.automation.dead_runs import call_dead_runs_failed
from streak_dagster.automation.due import TICK, cron_keeps, cron_of, due_after, spoken
from streak_dagster.automation.running import running_refresh

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from streak_dagster.automation.jobs import Jobs
    from streak_dagster.namespace import Namespace
    from streak_dagster.resources import StreakResource
    from streak_dagster.settings import Settings


def refresh_schedule(
    settings: Settings, streak: StreakResource, jobs: Jobs, names: Namespace
) -> ScheduleDefinition:
    """Refreshes everything at the interval of the settings; what isn't allowed is skipped with a reason."""
    minutes = settings.refresh_minutes
    name = names.of_account("complete_schedule")
    job = jobs.changed if settings.refresh == "changed" else jobs.complete

    @schedule(
        job=job,
        name=name,
        cron_schedule=cron_of(minutes),
        execution_timezone=settings.timezone,
        default_status=DefaultScheduleStatus.RUNNING if settings.schedule else DefaultScheduleStatus.STOPPED,
        description=f"Copies everything every {spoken(minutes)}, from STREAK_REFRESH_INTERVAL, in "
        f"{settings.timezone}; skipped while a refresh is running.",
    )
    def streak_complete_schedule(context: ScheduleEvaluationContext) -> RunRequest | SkipReason:
        moment = context.scheduled_execution_time
        reason = _not_due(context.instance, name, moment, minutes)
        if reason is None:
            account = streak.outside_a_run().budget_name
            call_dead_runs_failed(context.instance, account, names)
            reason = running_refresh(context.instance, account, names)
            reason = reason and f"Skipped, because {reason}."
        if reason is not None:
            return SkipReason(reason)
        return RunRequest(run_key=moment.isoformat(), tags={TICK: moment.isoformat()})

    return streak_complete_schedule


def _not_due(instance: DagsterInstance, name: str, moment: datetime, minutes: int) -> str | None:
    """Why this tick is too early; None where cron alone keeps the interval, or where it's due."""
    if cron_keeps(minutes):
        return None
    latest = instance.get_runs(RunsFilter(tags={"dagster/schedule_name": name}), limit=1)
    told = latest[0].tags.get(TICK) if latest else None
    if told is None:
        return None
    due = due_after(datetime.fromisoformat(told), minutes)
    return None if moment >= due else f"Not due: a refresh every {spoken(minutes)}, so next at {due:%H:%M}."
