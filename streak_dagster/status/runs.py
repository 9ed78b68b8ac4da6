"""What Dagster's own files tell of runs, daemons and the schedule, read without Dagster.

Only its default storage, SQLite in its home, is known here. Whatever can't be read is nothing known: a
version of Dagster that keeps it elsewhere must not fail a look.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from streak_dagster.automation.due import ASKING_JOBS, SCHEDULE, TICK
from streak_dagster.warehouse.ddl import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_BEATS = 120.0
"""Seconds since its last sign after which a daemon isn't there any more: it gives one every 30."""
_LOOKED_THROUGH = 5
"""Failed runs whose reasons are read."""
_JOBS = ", ".join(f"'{name}'" for name in sorted(ASKING_JOBS))
_UNREADABLE = (sqlite3.Error, OSError, ValueError, TypeError, KeyError, AttributeError)


@dataclass(frozen=True)
class Run:
    """A refresh: ``status`` as Dagster has it (``SUCCESS``, ``FAILURE``, ``STARTED`` …), when it began."""

    id: str
    status: str
    began: datetime | None


@dataclass(frozen=True)
class Failure:
    """Why a table's refresh failed, and when."""

    at: datetime
    why: str


@dataclass(frozen=True)
class Runs:
    """What is known: the last refresh, the failures by table, when the schedule last started one.

    ``daemon`` is whether something is there that starts what is due; ``scheduled`` whether somebody switched
    the schedule on or off in Dagster's UI, None where that is left to the settings.
    """

    last: Run | None = None
    failures: Mapping[str, Failure] = field(default_factory=dict)
    last_tick: datetime | None = None
    daemon: bool = False
    scheduled: bool | None = None


def read_runs(home: Path) -> Runs:
    """What the files of Dagster's home tell."""
    history = home / "history"
    last, failures, tick, daemon, scheduled = None, {}, None, False, None
    with suppress(*_UNREADABLE):
        last = _last(history)
    with suppress(*_UNREADABLE):
        failures = _failures(history)
    with suppress(*_UNREADABLE):
        tick = _last_tick(history)
    with suppress(*_UNREADABLE):
        daemon = _has_daemon(history)
    with suppress(*_UNREADABLE):
        scheduled = _switched(home)
    return Runs(last, failures, tick, daemon, scheduled)


def _last(history: Path) -> Run | None:
    found = _rows(
        history / "runs.db",
        f"SELECT run_id, status, start_time FROM runs WHERE pipeline_name IN ({_JOBS}) "
        "ORDER BY id DESC LIMIT 1",
    )
    for run, status, began in found:
        return Run(run, status, None if began is None else datetime.fromtimestamp(began, timezone.utc))
    return None


def _failures(history: Path) -> dict[str, Failure]:
    """The newest failure of each table among the last runs that failed or were stopped."""
    runs = _rows(
        history / "runs.db",
        f"SELECT run_id FROM runs WHERE pipeline_name IN ({_JOBS}) "
        f"AND status IN ('FAILURE', 'CANCELED') ORDER BY id DESC LIMIT {_LOOKED_THROUGH}",
    )
    found: dict[str, Failure] = {}
    for (run,) in runs:
        with suppress(*_UNREADABLE):  # its events may have been removed
            events = _rows(
                history / "runs" / f"{run}.db",
                "SELECT step_key, timestamp, event FROM event_logs WHERE dagster_event_type = 'STEP_FAILURE' "
                "ORDER BY id DESC",
            )
            for step, at, event in events:
                schema, _, table = str(step).partition("__")
                reason = _reason(event)
                if schema == SCHEMA and reason is not None:
                    found.setdefault(table, Failure(_moment(at), reason))
    return found


def _reason(event: str) -> str | None:
    """Our sentence, where Dagster keeps it; else what it says itself. None where it was stopped."""
    data: dict[str, Any] = json.loads(event)["dagster_event"]["event_specific_data"]
    if (data.get("error_source") or {}).get("__enum__") == "ErrorSource.INTERRUPT":
        return None
    told = (data.get("user_failure_data") or {}).get("description")
    return str(told or (data.get("error") or {}).get("message") or "unknown reason").strip()


def _last_tick(history: Path) -> datetime | None:
    found = _rows(
        history / "runs.db",
        "SELECT tick.value FROM run_tags AS tick JOIN run_tags AS by_it USING (run_id) WHERE tick.key = ? "
        "AND by_it.key = 'dagster/schedule_name' AND by_it.value = ? ORDER BY tick.id DESC LIMIT 1",
        [TICK, SCHEDULE],
    )
    return datetime.fromisoformat(found[0][0]) if found else None


def _has_daemon(history: Path) -> bool:
    query = "SELECT max(timestamp) FROM daemon_heartbeats WHERE daemon_type = 'SCHEDULER'"
    ((latest,),) = _rows(history / "runs.db", query)
    if latest is None:
        return False
    return abs((datetime.now(timezone.utc) - _moment(latest)).total_seconds()) < _BEATS


def _switched(home: Path) -> bool | None:
    found = _rows(
        home / "schedules" / "schedules.db",
        "SELECT status FROM instigators WHERE instigator_type = 'SCHEDULE' AND instigator_body LIKE ? "
        "ORDER BY update_timestamp DESC LIMIT 1",
        [f'%"{SCHEDULE}"%'],
    )
    return {"RUNNING": True, "STOPPED": False}.get(found[0][0]) if found else None


def _rows(file: Path, query: str, values: Sequence[str] = ()) -> list[tuple[Any, ...]]:
    address = f"file:{quote(str(file))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=1.0)) as connection:
        return connection.execute(query, values).fetchall()


def _moment(text: str) -> datetime:
    """Dagster keeps times of UTC without saying so."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
