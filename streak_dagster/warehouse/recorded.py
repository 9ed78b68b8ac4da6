"""What ``streak_meta`` holds of a table's last refreshes, read only: rows dropped, parents unread, audit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streak_dagster.warehouse import meta
from streak_dagster.warehouse.audit import Audit

if TYPE_CHECKING:
    from datetime import datetime

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

_LATEST_FIRST = "published_at > now() + INTERVAL 1 MINUTE, published_at DESC"
"""What was stamped by a clock that went ahead comes last."""


@dataclass(frozen=True)
class Dropped:
    """How many of the rows ``before`` the last publication it ``deleted``; some are ``explained``."""

    before: int
    deleted: int
    explained: int = 0

    @property
    def unexplained(self) -> int:
        return self.deleted - self.explained

    @property
    def share(self) -> float:
        """The share of the rows that went unexplained."""
        return self.unexplained / self.before if self.before else 0.0


def last_dropped(session: Session, table: Table) -> Dropped | None:
    """What the latest publication deleted; None where it was the first one, or isn't known."""
    columns = session.columns("refreshes", meta.SCHEMA)
    if not columns:
        return None
    explained = "coalesce(explained, 0)" if "explained" in columns else "0"  # not before it is published anew
    counts = _of_last_refresh(session, table, f"rows - inserted + deleted, deleted, {explained}")
    # Its first publication, or one in place of a table of another shape, found nothing before it.
    return Dropped(*map(int, counts)) if counts and counts[0] else None


@dataclass(frozen=True)
class Reading:
    """How many ``parents`` the last refresh was about, and which of them couldn't be read, and why."""

    parents: int
    unread: dict[str, str]


def last_reading(session: Session, table: Table) -> Reading | None:
    """Of the last refresh of a list per parent; None where none was recorded, as before this was."""
    if "parents" not in session.columns("refreshes", meta.SCHEMA):
        return None
    found = _of_last_refresh(session, table, "parents")
    if found is None or found[0] is None:
        return None
    unread = session.execute(
        f"SELECT parent_key, reason FROM {session.qualified('unread', meta.SCHEMA)} WHERE table_name = ? "
        "ORDER BY rowid",
        [table.name],
    )
    return Reading(int(found[0]), dict(unread.fetchall()))


def last_started(session: Session, table: Table) -> datetime | None:
    """When the table's last refresh began; None where none was recorded."""
    if not session.has_table("refreshes", meta.SCHEMA):
        return None
    found = _of_last_refresh(session, table, "started_at")
    return found[0] if found else None


def _of_last_refresh(session: Session, table: Table, columns: str) -> tuple[Any, ...] | None:
    """These columns of what was recorded of the table's last refresh; None where there was none."""
    return session.execute(
        f"SELECT {columns} FROM {session.qualified('refreshes', meta.SCHEMA)} WHERE table_name = ? "
        f"ORDER BY {_LATEST_FIRST}, started_at DESC LIMIT 1",
        [table.name],
    ).fetchone()


def last_audit(session: Session, table: Table) -> Audit | None:
    """Of the last complete refresh that had something to compare with, of this account; None before one."""
    if not session.has_table("audits", meta.SCHEMA):
        return None
    found = session.execute(
        "SELECT boxes_kept, boxes_empty, boxes_missed, rows_missed, examples::VARCHAR "
        f"FROM {session.qualified('audits', meta.SCHEMA)} WHERE table_name = ? AND published_at >= "
        f"(SELECT date_trunc('milliseconds', max(since)) FROM {session.qualified('account', meta.SCHEMA)}) "
        f"ORDER BY {_LATEST_FIRST} LIMIT 1",
        [table.name],
    ).fetchone()
    if found is None:
        return None
    kept, empty, boxes, rows, examples = found
    return Audit(int(kept), int(empty), int(boxes), int(rows), json.loads(examples))
