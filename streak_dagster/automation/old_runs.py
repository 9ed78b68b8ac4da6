"""What Dagster keeps of runs and ticks that are long over, and never removes by itself, is removed.

A complete run of the sample adds 1.1 MB to a Dagster home: a database of its own (0.7 MB), lines in that of
all runs (0.4 MB), and what it printed. Only homes that we made are touched, with the databases that Dagster
puts there by default. There, Dagster's own ``delete_run`` leaves the run's database file, its output and
the results of its checks behind; they are removed here.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from dagster import DagsterRunStatus

from streak_dagster.automation.removal import A_DAY, Removed, remove_tree
from streak_dagster.dagster_internals import SqliteEventLogStorage
from streak_dagster.home import is_ours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster import DagsterInstance

LONG_DEAD = 7 * A_DAY
"""Seconds without a sign of life after which a run that isn't over is nobody's: ours log every 10 s."""
MAX_OF_OWN = 7 * A_DAY
"""Seconds for which housekeeping's own runs are kept, whatever is kept of others."""
OWN_JOB = "streak_housekeeping"

_OVER = {
    status.value for status in (DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED)
}
_BEGUN = {
    status.value
    for status in (
        DagsterRunStatus.NOT_STARTED,
        DagsterRunStatus.STARTING,
        DagsterRunStatus.STARTED,
        DagsterRunStatus.CANCELING,
    )
}
_WORTH_SHRINKING = 1024 * 1024
_MAX_TO_REWRITE = 64 * 1024 * 1024
"""Bytes in use: a larger file isn't rewritten, because whoever writes it meanwhile waits only 5 s."""


def can_tidy(instance: DagsterInstance) -> bool:
    """Whether an instance is one that we made, with Dagster's own databases below its home."""
    if instance.is_ephemeral or not is_ours(Path(instance.root_directory)):
        return False
    return isinstance(instance.event_log_storage, SqliteEventLogStorage) and _Home(instance).is_whole()


def remove_old_runs(
    instance: DagsterInstance, keep_days: int | None, *, now: float | None = None, seconds: float = 600.0
) -> Removed:
    """Remove runs and ticks that are older than ``keep_days``; None keeps all but housekeeping's own.

    The newest run of each asset, each check and each job stays, and so do the newest successful one and the
    newest one of any other outcome. A run that isn't over stays, unless it gave no sign of life for
    as long, and for a week. A run that waits in the queue stays. After ``seconds`` the rest is left for the
    next time. ``now`` is the moment, in seconds since 1970, that ages are counted from.
    """
    if not can_tidy(instance):
        return Removed()
    home, now = _Home(instance), time.time() if now is None else now
    oldest = now - keep_days * A_DAY if keep_days else None
    own = max(now - MAX_OF_OWN, oldest or 0.0)
    removed, until = Removed(), time.monotonic() + seconds
    wanted = home.removable(oldest, own, now)
    for number, run_id in enumerate(wanted):
        if time.monotonic() > until:
            removed.left = len(wanted) - number
            break
        instance.delete_run(run_id)
        removed.freed += home.forget(run_id)
        removed.runs += 1
    if oldest is not None:
        removed.ticks = home.remove_ticks(oldest)
        home.remove_events_without_a_run(oldest)
        removed += home.remove_orphans(oldest)
    for path in home.databases:
        removed.freed += _shrink(path)
    return removed


class _Home:
    """A Dagster home on disk."""

    def __init__(self, instance: DagsterInstance) -> None:
        root = Path(instance.root_directory)
        self.storage = root / "storage"
        self.shards = root / "history" / "runs"
        self.runs, self.index = root / "history" / "runs.db", self.shards / "index.db"
        self.schedules = root / "schedules" / "schedules.db"
        self.databases = (self.runs, self.index, self.schedules)

    def is_whole(self) -> bool:
        return all(path.is_file() for path in self.databases)

    def removable(self, oldest: float | None, own: float, now: float) -> list[str]:
        """The runs to remove, the oldest first."""
        with _opened(self.runs) as runs:
            found = runs.execute(
                "SELECT run_id, pipeline_name, status, CAST(strftime('%s', create_timestamp) AS INTEGER), "
                "CAST(strftime('%s', update_timestamp) AS INTEGER) FROM runs ORDER BY id"
            ).fetchall()
        # After the runs: what began meanwhile is too young anyway.
        kept = self._newest()
        wanted = []
        for run_id, job, status, created, updated in found:
            limit = own if job == OWN_JOB else oldest
            if limit is None or run_id in kept:
                continue
            if status in _OVER:
                is_old = max(created, updated) < limit
            else:
                is_old = status in _BEGUN and self._last_sign(run_id, updated) < min(limit, now - LONG_DEAD)
            if is_old:
                wanted.append(run_id)
        return wanted

    def _newest(self) -> set[str]:
        """The runs that hold what Dagster shows as the latest of something."""
        with _opened(self.runs) as runs:
            kept = runs.execute(
                "SELECT run_id FROM runs "
                "WHERE id IN (SELECT max(id) FROM runs GROUP BY pipeline_name, status)"
            ).fetchall()
        with _opened(self.index) as index:
            kept += index.execute(
                "SELECT run_id FROM event_logs WHERE id IN (SELECT max(id) FROM event_logs "
                "WHERE asset_key IS NOT NULL GROUP BY asset_key, dagster_event_type) "
                "UNION SELECT last_run_id FROM asset_keys "
                "UNION SELECT run_id FROM asset_check_executions WHERE id IN (SELECT max(id) "
                "FROM asset_check_executions GROUP BY asset_key, check_name, execution_status)"
            ).fetchall()
        return {run_id for (run_id,) in kept if run_id}

    def _last_sign(self, run_id: str, updated: float) -> float:
        """When a run was last heard of: its status changed, or it logged."""
        return max([updated, *(path.stat().st_mtime for path in self._files(run_id) if path.exists())])

    def _files(self, run_id: str) -> list[Path]:
        return [self.shards / f"{run_id}.db{end}" for end in ("", "-wal", "-shm")]

    def forget(self, run_id: str) -> int:
        """Remove what Dagster leaves of a run that it deleted. Returns the bytes that are free now."""
        with _opened(self.index) as index:
            index.execute("DELETE FROM asset_check_executions WHERE run_id = ?", [run_id])
        return sum(remove_tree(path) for path in (*self._files(run_id), self.storage / run_id))

    def remove_ticks(self, oldest: float) -> int:
        """Remove old ticks, but for the newest of each outcome of each schedule and sensor."""
        with _opened(self.schedules) as schedules:
            return schedules.execute(
                "DELETE FROM job_ticks WHERE timestamp < ? AND id NOT IN (SELECT max(id) FROM job_ticks "
                "GROUP BY coalesce(selector_id, job_origin_id), status)",
                [_written(oldest)],
            ).rowcount

    def remove_events_without_a_run(self, oldest: float) -> None:
        """Remove old events of no run, such as that an asset became late; the newest of each kind stays."""
        newest = "SELECT max(id) FROM event_logs WHERE run_id = '' GROUP BY asset_key, dagster_event_type"
        for path in (self.index, self.shards / ".db"):
            if path.is_file():
                with _opened(path) as events:
                    events.execute(
                        "DELETE FROM event_logs WHERE run_id = '' AND timestamp < ? "
                        f"AND id NOT IN ({newest})",
                        [_written(oldest)],
                    )

    def remove_orphans(self, oldest: float) -> Removed:
        """Remove what is left of runs that Dagster doesn't know: deleted in its UI, or half removed."""
        files = [path for path in self.shards.glob("*.db*") if path.name.partition(".")[0] != "index"]
        folders = list(self.storage.iterdir()) if self.storage.is_dir() else []
        with _opened(self.runs) as runs:
            known = {run_id for (run_id,) in runs.execute("SELECT run_id FROM runs")}
        self._forget_events(known, oldest)
        removed = Removed()
        for path in (*files, *folders):
            name = path.name.partition(".")[0]
            with contextlib.suppress(FileNotFoundError):
                if name not in known and _is_id(name) and path.stat().st_mtime < oldest:
                    removed += Removed(other=1, freed=remove_tree(path))
        return removed

    def _forget_events(self, known: set[str], oldest: float) -> None:
        with _opened(self.index) as index:
            found = index.execute(
                "SELECT run_id FROM event_logs UNION SELECT run_id FROM asset_check_executions"
            ).fetchall()
            for run_id in {run_id for (run_id,) in found if run_id} - known:
                for table, moment in (
                    ("event_logs", "timestamp"),
                    ("asset_check_executions", "create_timestamp"),
                ):
                    index.execute(
                        f"DELETE FROM {table} WHERE run_id = ? AND {moment} < ?", [run_id, _written(oldest)]
                    )


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection whose one transaction is committed at the end."""
    with closing(sqlite3.connect(path, timeout=30.0)) as connection, connection:
        yield connection


def _written(moment: float) -> str:
    """A moment as Dagster writes it into SQLite."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True


def _shrink(path: Path) -> int:
    """Give a database's free pages back where that is much. Returns the bytes.

    SQLite writes what comes next into free pages, so a file levels off by itself: this is for what grew
    before it was bounded. Readers go on meanwhile, writers wait; where somebody else writes, it is put off.
    """
    try:
        with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
            size, pages, free = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_size", "page_count", "freelist_count")
            )
            used = (pages - free) * size
            if free * size < _WORTH_SHRINKING or free * 2 < pages or used > _MAX_TO_REWRITE:
                return 0
            before = path.stat().st_size
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return max(0, before - path.stat().st_size)
    except sqlite3.OperationalError:  # in use
        return 0
