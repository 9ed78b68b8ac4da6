"""The ready answers over a copy of the sample, against what its stories tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from streak_dagster_tests.support import handmade


@pytest.fixture
def answers(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The answers of the copy; where publishing didn't make them, they are made here."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("SET TimeZone = 'America/Los_Angeles'")
        handmade.make_missing_views(connection)
        yield connection


def found(answers: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = answers.execute(query).fetchall()
    return rows


def test_the_answers_tell_the_stories_of_the_sample(answers: duckdb.DuckDBPyConnection) -> None:
    """One test, for the copy is what takes its time."""
    assert found(
        answers,
        "SELECT stage, days, next_stage FROM streak_views.deal_stages "
        "WHERE name = 'Fjordhus Bergen (first house)' AND NOT is_now ORDER BY entered",
    ) == [("Lead", 14, "Demo"), ("Demo", 16, "Quote sent"), ("Quote sent", 27, "Won 🎉")]

    assert found(
        answers,
        "SELECT task, assigned_to, is_overdue FROM streak_views.followups_due WHERE name LIKE '%rollout%'",
    ) == [
        ("Call Ingrid about clause 7", "Maren Okafor", True),
        ("Answer the data location questions", "Tomasz Wójcik, Maren Okafor", True),
        ("Ask for photos of the front desks", None, False),
    ]

    assert found(
        answers,
        "SELECT owners, outcome, created_by, comments, meetings, calls, files FROM streak_views.deals "
        "WHERE name LIKE '%rollout%'",
    ) == [("Maren Okafor, Tomasz Wójcik", "open", "Maren Okafor", 4, 1, 2, 2)]

    # Who hasn't accepted the invitation is a member by address alone, but has a name as a user.
    assert found(answers, "SELECT person FROM streak_views.people WHERE email LIKE 'aiko@%'") == [
        ("Aiko Bergström",)
    ]

    ended = (
        "SELECT stage, outcome FROM streak_views.stages WHERE outcome <> 'open' AND pipeline = '{}' "
        "ORDER BY stage"
    )
    assert found(answers, ended.format("Sales")) == [("Lost", "lost"), ("Won 🎉", "won")]
    assert found(answers, ended.format("Hiring")) == [("Declined", "lost"), ("Hired", "won")]

    cohorts = (
        "SELECT deals, won, lost, open, won_share, median_days_to_won FROM streak_views.cohorts "
        "WHERE pipeline = 'Sales' AND created_month = DATE '{}'"
    )
    assert found(answers, cohorts.format("2023-05-01")) == [(2, 1, 0, 1, 1.0, 57.0)]
    assert found(answers, cohorts.format("2022-05-01")) == [(1, 0, 1, 0, 0.0, None)]

    assert found(
        answers,
        "SELECT emails, boxes, open_boxes, threads, strftime(make_timestamp(epoch_us(last_heard)), '%x "
        "%H:%M'), "
        "meetings, calls FROM streak_views.contact_activity WHERE contact = 'Ingrid Solheim'",
    ) == [("ingrid@fjordhus.example.org", 2, 1, 2, "2025-12-10 17:55", 1, 2)]

    # Monday 8 December to Sunday 14 December 2025: Maren wrote two comments, and Tomasz one.
    assert found(
        answers,
        "SELECT person, comments FROM streak_views.owner_activity "
        "WHERE iso_week = '2025-W50' AND comments > 0 ORDER BY person",
    ) == [("Maren Okafor", 2), ("Tomasz Wójcik", 1)]
