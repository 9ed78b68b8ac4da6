"""The schedule: everything again, every ``STREAK_REFRESH_INTERVAL``."""

from __future__ import annotations

from datetime import datetime, timedelta
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

from streak_dagster.automation.running import running_refresh

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from streak_dagster.automation.jobs import Jobs
    from streak_dagster.resources import StreakResource
    from streak_dagster.settings import Settings

NAME = "streak_complete_schedule"
TICK = "streak/tick"
"""Tag of a run: the moment that it was scheduled for."""
_A_DAY = 24 * 60


def refresh_schedule(settings: Settings, streak: StreakResource, jobs: Jobs) -> ScheduleDefinition:
    """Refreshes everything at the interval of the settings; what isn't allowed is skipped with a reason."""
    minutes = settings.refresh_minutes
    job = jobs.changed if settings.refresh == "changed" else jobs.complete

    @schedule(
        job=job,
        name=NAME,
        cron_schedule=cron_of(minutes),
        execution_timezone=settings.timezone,
        default_status=DefaultScheduleStatus.RUNNING if settings.schedule else DefaultScheduleStatus.STOPPED,
        description=f"Copies everything every {_spoken(minutes)}, from STREAK_REFRESH_INTERVAL, in "
        f"{settings.timezone}; skipped while a refresh is running.",
    )
    def streak_complete_schedule(context: ScheduleEvaluationContext) -> RunRequest | SkipReason:
        moment = context.scheduled_execution_time
        reason = _not_due(context.instance, moment, minutes)
        if reason is None:
            reason = running_refresh(context.instance, streak.outside_a_run().budget_name)
            reason = reason and f"Skipped, because {reason}."
        if reason is not None:
            return SkipReason(reason)
        return RunRequest(run_key=moment.isoformat(), tags={TICK: moment.isoformat()})

    return streak_complete_schedule


def cron_of(minutes: int) -> str:
    """When a refresh is due; hourly for an interval that no day can be divided by: see ``_not_due``."""
    if minutes < 60:
        return f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"
    hours = minutes // 60
    if minutes == _A_DAY:
        return "0 0 * * *"
    return f"0 */{hours} * * *" if hours > 1 and _A_DAY % minutes == 0 else "0 * * * *"


def _not_due(instance: DagsterInstance, moment: datetime, minutes: int) -> str | None:
    """Why this tick is too early; None where cron alone keeps the interval, or where it's due."""
    if _A_DAY % minutes == 0:
        return None
    latest = instance.get_runs(RunsFilter(tags={"dagster/schedule_name": NAME}), limit=1)
    told = latest[0].tags.get(TICK) if latest else None
    if told is None:
        return None
    due = datetime.fromisoformat(told) + timedelta(minutes=minutes)
    # Hours of the clock: where it is put forward or back, an hour more or less is meant.
    return None if moment >= due else f"Not due: a refresh every {_spoken(minutes)}, so next at {due:%H:%M}."


def _spoken(minutes: int) -> str:
    hours = minutes // 60
    if hours:
        return "hour" if hours == 1 else f"{hours} hours"
    return "minute" if minutes == 1 else f"{minutes} minutes"
