"""When a refresh is due, and from when on a table is late. Pure: who only asks needs no Dagster."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

SCHEDULE = "streak_complete_schedule"
"""The name of the schedule."""
TICK = "streak/tick"
"""Tag of a run: the moment that it was scheduled for."""
ASKING_JOBS = frozenset({"streak_complete", "streak_changed", "__ASSET_JOB"})
"""The jobs whose runs refresh."""
LATE = 1.5
"""Intervals after which a refresh was missed."""
STALE = 2.5
"""Intervals after which the next one was, too."""
_A_DAY = 24 * 60


def cron_of(minutes: int) -> str:
    """When a refresh is due; hourly for an interval that no day can be divided by: see ``due_after``."""
    if minutes < 60:
        return f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"
    hours = minutes // 60
    if minutes == _A_DAY:
        return "0 0 * * *"
    return f"0 */{hours} * * *" if hours > 1 and cron_keeps(minutes) else "0 * * * *"


def cron_keeps(minutes: int) -> bool:
    """Whether cron alone keeps the interval: each day is divided by it."""
    return _A_DAY % minutes == 0


def due_after(tick: datetime, minutes: int) -> datetime:
    """When the refresh after that of ``tick`` is due, where cron alone doesn't keep the interval.

    By hours of the clock: where it is put forward or back, an hour more or less is meant.
    """
    return tick + timedelta(minutes=minutes)


def next_due(minutes: int, timezone_name: str, now: datetime, last_tick: datetime | None = None) -> datetime:
    """The first moment after ``now`` at which the schedule refreshes, in its time zone.

    ``last_tick`` is the moment that its last run was scheduled for, None where there was none.
    """
    zone = ZoneInfo(timezone_name)
    earliest = None
    if last_tick is not None and not cron_keeps(minutes):
        earliest = due_after(last_tick, minutes)
    moment = now.astimezone(timezone.utc).replace(second=0, microsecond=0) + timedelta(minutes=1)
    while not _is_tick(moment.astimezone(zone), minutes) or (earliest is not None and moment < earliest):
        moment += timedelta(minutes=1)
    return moment.astimezone(zone)


def _is_tick(moment: datetime, minutes: int) -> bool:
    """Whether ``cron_of`` names this minute of the clock."""
    if minutes < 60:
        return moment.minute % minutes == 0
    hours = minutes // 60 if cron_keeps(minutes) else 1
    return moment.minute == 0 and moment.hour % hours == 0


def spoken(minutes: int) -> str:
    """The interval as it follows "every"."""
    hours = minutes // 60
    if hours:
        return "hour" if hours == 1 else f"{hours} hours"
    return "minute" if minutes == 1 else f"{minutes} minutes"
