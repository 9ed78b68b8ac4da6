"""One look at everything, and the judgement: which tables are fresh, late, failed or missing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streak_dagster.accounts import budget_of
from streak_dagster.automation.due import LATE, next_due
from streak_dagster.exclusion import chosen_tables
from streak_dagster.home import find_home
from streak_dagster.status.budget import Spending, spending
from streak_dagster.status.publications import PATIENCE, read_publications
from streak_dagster.status.runs import Run, read_runs
from streak_dagster.sync.refresh_lock import is_refreshing
from streak_dagster.warehouse.database import Database

if TYPE_CHECKING:
    from streak_dagster.settings import Settings
    from streak_dagster.status.publications import Publication
    from streak_dagster.status.runs import Failure

FRESH, OLD, FAILED, MISSING = "fresh", "late", "failed", "missing"


@dataclass(frozen=True)
class TableStatus:
    """A table: what was ``published`` last, None where nothing was; its ``state`` is one of the four words.

    It is late where a refresh was missed. It failed where that was tried after its last publication, and
    ``failure`` says why.
    """

    name: str
    state: str
    published: Publication | None
    age: float | None
    failure: Failure | None = None


@dataclass(frozen=True)
class Status:
    """How the copy stands at ``now``; lengths of time are seconds.

    ``note`` says where the tables were looked at, if not in the database; where they couldn't be, ``known``
    is False. ``served_age`` is that of the copy for readers, None where there is none. ``due`` is when the
    schedule refreshes next, None where it is off, and ``daemon`` whether something is there to do it.
    """

    now: datetime
    tables: tuple[TableStatus, ...]
    known: bool
    note: str
    spent: Spending
    running: bool
    last: Run | None
    due: datetime | None
    daemon: bool
    served_age: float | None

    @property
    def good(self) -> bool:
        """Whether every table is fresh."""
        return self.known and all(each.state == FRESH for each in self.tables)

    def in_state(self, state: str) -> list[TableStatus]:
        """The tables in one of the four states."""
        return [each for each in self.tables if each.state == state]

    def as_json(self) -> dict[str, Any]:
        """The look as one JSON document; times as ISO 8601, lengths of time in seconds."""
        return {
            "at": self.now.isoformat(timespec="seconds"),
            "good": self.good,
            "note": self.note or None,
            "running": self.running,
            "next_refresh": self.due.isoformat() if self.due else None,
            "scheduler_is_alive": self.daemon,
            "served_copy_age": _whole(self.served_age),
            "calls_in_the_last_minute": self.spent.calls,
            "paused": round(self.spent.paused, 1),
            "last_run": None
            if self.last is None
            else {
                "id": self.last.id,
                "status": self.last.status,
                "began": self.last.began.isoformat(timespec="seconds") if self.last.began else None,
            },
            "tables": [_as_json(each) for each in self.tables] if self.known else None,
        }


def look(settings: Settings) -> Status:
    """Everything that is known without asking Streak, and without Dagster.

    Raises SettingsError where Dagster's home is written in a way that means nothing, and
    DatabaseUnusableError for a file that isn't a database of ours.
    """
    database = Database(settings.database, lock_wait=PATIENCE)
    key = os.environ.get("STREAK_API_KEY", "").strip() if settings.has_key else ""
    budget = budget_of(settings.api_url, key)
    runs = read_runs(find_home(settings.database))
    published = read_publications(settings.database, settings.lock_wait)
    now = datetime.now(timezone.utc)
    scheduled = settings.schedule if runs.scheduled is None else runs.scheduled
    latest = settings.refresh_minutes * 60 * LATE
    return Status(
        now,
        tuple(
            _judged(each.name, published.tables.get(each.name), runs.failures.get(each.name), now, latest)
            for each in chosen_tables(settings.exclude)
        ),
        published.known,
        published.note,
        spending(budget),
        is_refreshing(budget),
        runs.last,
        next_due(settings.refresh_minutes, settings.timezone, now, runs.last_tick) if scheduled else None,
        runs.daemon,
        _age_of(database.served_path, now) if database.is_file else None,
    )


def _judged(
    name: str, published: Publication | None, failure: Failure | None, now: datetime, latest: float
) -> TableStatus:
    # A publication of the future was stamped by a clock that was put right since.
    age = max(0.0, (now - published.at).total_seconds()) if published else None
    if failure is not None and (published is None or failure.at > published.at):
        return TableStatus(name, FAILED, published, age, failure)
    if age is None:
        return TableStatus(name, MISSING, None, None)
    return TableStatus(name, OLD if age > latest else FRESH, published, age)


def _age_of(file: Path, now: datetime) -> float | None:
    try:
        return max(0.0, now.timestamp() - file.stat().st_mtime)
    except OSError:
        return None


def _as_json(each: TableStatus) -> dict[str, Any]:
    published = each.published
    return {
        "table": f"streak/{each.name}",
        "state": each.state,
        "rows": published.rows if published else None,
        "published_at": published.at.isoformat(timespec="seconds") if published else None,
        "age": _whole(each.age),
        "refresh": published.refresh if published else None,
        "inserted": published.inserted if published else None,
        "updated": published.updated if published else None,
        "deleted": published.deleted if published else None,
        "failure": each.failure.why if each.failure else None,
    }


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)
