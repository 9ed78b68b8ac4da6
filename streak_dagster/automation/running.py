"""Is a refresh running or about to? A schedule or sensor that starts another one would only wait for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dagster import DagsterRunStatus, RunsFilter

from streak_dagster.namespace import OURS, Namespace
from streak_dagster.sync.refresh_lock import is_refreshing

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun, RunRecord

SILENCE = 300.0
"""Seconds without an event after which a started run counts as dead: a living one logs every 10 s."""
_SOON = 600.0
"""Seconds in which a run that was handed over has to begin."""
_WAITING = [DagsterRunStatus.QUEUED]
_BEGINNING = [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING]
_GOING = [DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]


def running_refresh(instance: DagsterInstance, account: str, names: Namespace = OURS) -> str | None:
    """What keeps another refresh of the account from being started, in words; None where nothing does.

    A process of this machine that refreshes is seen whoever started it. Runs that no process has
    taken up yet, or that run on another machine, are known to Dagster's instance.
    """
    statuses = [*_WAITING, *_BEGINNING, *_GOING]
    records = instance.get_run_records(RunsFilter(statuses=statuses), limit=100)
    ours = [record for record in records if names.refreshes(record.dagster_run)]
    for record in ours:
        state = _state(instance, record)
        if state is not None:
            return f"run {record.dagster_run.run_id[:8]} {state}"
    if is_refreshing(account):
        return "a refresh of this account is running on this machine"
    return None


def _state(instance: DagsterInstance, record: RunRecord) -> str | None:
    """What the run does; None for one that its process left behind.

    Times may lie ahead by as much: another machine's clock, or our own before it was put right.
    """
    run, now = record.dagster_run, time.time()
    if run.status in _WAITING:
        return "waits in Dagster's queue"
    if run.status in _BEGINNING:
        return "is being started" if abs(now - record.create_timestamp.timestamp()) < _SOON else None
    latest = last_sign(instance, run)
    return "is running" if latest is not None and abs(now - latest) < SILENCE else None


def last_sign(instance: DagsterInstance, run: DagsterRun) -> float | None:
    """When a run gave its last event, in seconds since 1970; None where it gave none."""
    latest = instance.get_records_for_run(run.run_id, limit=1, ascending=False).records
    return latest[0].timestamp if latest else None
