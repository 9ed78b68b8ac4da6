"""The database's own memory, also where a clock went ahead for a while."""

from __future__ import annotations

import time
from typing import Any

import pytest

from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.spools import execute

HOUR = 3_600_000
DAY = 86_400.0
FIGURES = dict.fromkeys(("rows", "inserted", "updated", "deleted", "calls"), 0)


def is_due(database: Database, *refreshes: tuple[str, float]) -> bool:
    """Whether a complete refresh is due after those of a mode, so many hours ago; a minus is the future."""
    now = time.time_ns() // 1_000_000
    line: dict[str, Any] = {"table_name": "things", "declaration": "", "seconds": 0.0}
    with database.transaction() as session:
        meta.prepare(session)
        for mode, hours in refreshes:
            at = now - round(hours * HOUR)
            values = {**line, **FIGURES, "mode": mode, "started_at": at, "published_at": at}
            meta.record(session, "refreshes", values)
        return meta.complete_is_due(session, "things", DAY)


@pytest.mark.parametrize(
    ("refreshes", "due"),
    [
        ([], False),
        ([("complete", 1)], False),
        ([("complete", 25)], True),
        ([("complete", 25), ("changed", 1)], True),
        ([("changed", 1)], False),
        ([("changed", 25), ("changed", 1)], True),
        ([("complete", -90)], True),
        ([("complete", 25), ("complete", -90)], True),
        ([("complete", 1), ("complete", -90)], False),
    ],
    ids=str,
)
def test_a_complete_refresh_is_due_by_the_last_one_that_isnt_of_the_future(
    database: Database, refreshes: list[tuple[str, float]], due: bool
) -> None:
    assert is_due(database, *refreshes) is due


def test_the_account_that_came_last_is_the_known_one_whatever_the_clock_said(database: Database) -> None:
    with database.transaction() as session:
        meta.prepare(session)
        meta.remember_account(session, "first", in_place_of=None)
    execute(database, "UPDATE streak_meta.account SET since = since + INTERVAL 10 YEARS")
    with database.transaction() as session:
        meta.remember_account(session, "second", in_place_of="first")
        assert meta.known_account(session) == "second"


def test_old_refreshes_and_audits_are_forgotten_but_for_the_newest_few(database: Database) -> None:
    now = time.time_ns() // 1_000_000
    with database.transaction() as session:
        meta.prepare(session)
        for days in range(5, 1000, 10):
            at = now - round(days * DAY * 1000)
            line: dict[str, Any] = {"table_name": "things", "published_at": at}
            mode = "changed" if days < 700 else "complete"
            refresh = {**line, "started_at": at, "declaration": "", "seconds": 0.0, "mode": mode}
            meta.record(session, "refreshes", {**refresh, **FIGURES})
            meta.record(session, "refreshes", {**refresh, **FIGURES, "table_name": "others"})
            boxes = dict.fromkeys(("boxes_kept", "boxes_empty", "boxes_missed", "rows_missed"), 0)
            meta.record(session, "audits", {**line, **boxes, "examples": "[]"})
        for _ in range(2):
            meta.forget_old(session, "things")
        counted = "SELECT mode, count(*) FROM streak_meta.refreshes WHERE table_name = ? GROUP BY mode"
        kept = dict(session.execute(counted, ["things"]).fetchall())
        # One for each ten of 450 days, and the newest ten of the complete ones, which are all older.
        assert kept == {"changed": 45, "complete": meta.KEPT_ALWAYS}
        assert dict(session.execute(counted, ["others"]).fetchall()) == {"changed": 70, "complete": 30}
        assert session.execute("SELECT count(*) FROM streak_meta.audits").fetchone() == (45,)
        assert meta.complete_is_due(session, "things", 704 * DAY)
        assert not meta.complete_is_due(session, "things", 706 * DAY)
