"""What each answer says of a workspace made by hand, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import duckdb
import pytest

from streak_dagster_tests.support import handmade
from streak_dagster_tests.views.workspace import WORKSPACE, ago, ms


@pytest.fixture(scope="module", params=["UTC", "Pacific/Auckland"])
def connection(request: pytest.FixtureRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    """The workspace, read in one time zone and another."""
    with duckdb.connect() as opened:
        opened.execute(f"SET TimeZone = '{request.param}'")
        handmade.make(opened, WORKSPACE)
        yield opened


def found(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
    return rows


def test_a_person_has_the_first_name_that_is_known(connection: duckdb.DuckDBPyConnection) -> None:
    assert found(
        connection, "SELECT person_key, person, email, role FROM streak_views.people ORDER BY 1"
    ) == [
        ("u1", "Ada", "ada@team.example", "Owner"),
        ("u2", "Ben Berg", None, "Member"),
        ("u3", "cleo@team.example", "cleo@team.example", "Member"),
        ("u4", "Dora", None, None),
        ("u5", "eve@x.example", "eve@x.example", None),
    ]


def test_a_stage_means_what_its_name_or_its_team_says(connection: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT pipeline, stage, stage_order, outcome, outcome_from, boxes, is_present "
        "FROM streak_views.stages ORDER BY pipeline, stage_order, is_present DESC"
    )
    assert found(connection, query) == [
        ("Sales", "Lead", 0, "open", None, 0, True),
        ("Sales", "Quote", 1, "open", None, 1, True),
        ("Sales", "Trial", 1, "open", None, 0, False),
        ("Sales", "Won 🎉", 2, "won", "the word won", 1, True),
        ("Sales", "VERLOREN", 3, "lost", "the word verloren", 1, True),
        ("Support", "Won?", 0, "open", None, 1, True),
        ("Support", "Parked", 1, "lost", "stage_outcomes", 1, True),
    ]


def test_deals_say_where_a_box_is_and_whose_it_is(connection: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT key, name, pipeline, stage, stage_order, outcome, owners, created_by, days_in_stage, "
        "epoch_ms(stage_since) FROM streak_views.deals ORDER BY key"
    )
    assert found(connection, query) == [
        ("b1", "Alpha", "Sales", "Quote", 1, "open", "Ada, Zoe", "Ben Berg", 10, ms(ago(10))),
        ("b2", "Beta", "Sales", "Won 🎉", 2, "won", None, "Old Hand", 5, ms(ago(5))),
        ("b3", "Gamma", "Sales", "VERLOREN", 3, "lost", None, None, 100, ms(ago(100))),
        ("b4", "Delta", "Support", "Parked", 1, "lost", None, None, 7, ms(ago(7))),
        ("b5", None, "Support", "Won?", 0, "open", None, None, 60, ms(ago(60))),
    ]


def test_deals_count_what_is_on_a_box(connection: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT key, open_tasks, epoch_ms(next_due), comments, threads, emails, meetings, calls, "
        "epoch_ms(last_email) FROM streak_views.deals ORDER BY key"
    )
    assert found(connection, query) == [
        ("b1", 2, ms(ago(2)), 1, 1, 2, 0, 1, ms(ago(3))),
        ("b2", 1, None, 0, 1, 2, 0, 0, ms(ago(3))),
        ("b3", 0, None, 0, 0, 0, 2, 0, None),
        ("b4", 0, None, 9, 0, 0, 0, 0, None),
        ("b5", 0, None, 0, 0, 0, 0, 0, None),
    ]


def test_the_last_touch_is_the_latest_of_all_that_happened(connection: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT key, days, touch, epoch_ms(last_touched) FROM streak_views.last_touch ORDER BY key"
    assert found(connection, query) == [
        ("b1", 3, "e-mail", ms(ago(3))),
        ("b2", 2, "task done", ms(ago(2))),
        ("b3", 50, "meeting", ms(ago(50))),
        ("b4", 1, "touchpoint", ms(ago(1))),
        ("b5", 33, "edit", ms(ago(33))),
    ]
    assert found(connection, "SELECT key FROM streak_views.last_touch WHERE days > 30 ORDER BY key") == [
        ("b3",),
        ("b5",),
    ]


def test_stays_are_put_together_from_all_that_streak_tells(connection: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT key, stage, epoch_ms(entered), epoch_ms(exited), days, is_now, moved_by, next_stage, source "
        "FROM streak_views.deal_stages WHERE key IN ('b1', 'b2', 'b3') ORDER BY key, entered"
    )
    eighteen_ago = ms(ago(30)) + 12 * 86_400_000
    assert found(connection, query) == [
        ("b1", "Lead", ms(ago(40)), ms(ago(20)), 20, False, None, "Trial", "stage history"),
        ("b1", "Trial", ms(ago(20)), ms(ago(10)), 10, False, None, "Quote", "stage history"),
        ("b1", "Quote", ms(ago(10)), None, 10, True, "cleo@team.example", None, "newsfeed"),
        ("b2", "Lead", ms(ago(30)), eighteen_ago, 12, False, None, "Quote", "stage history"),
        ("b2", "Quote", ms(ago(15)), ms(ago(5)), 10, False, "Nia", "Won 🎉", "newsfeed"),
        ("b2", "Won 🎉", ms(ago(5)), None, 5, True, None, None, "box"),
        ("b3", "VERLOREN", ms(ago(100)), None, 100, True, None, None, "box"),
    ]


def test_a_stay_is_of_the_deal_as_it_is_now(connection: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT DISTINCT name, pipeline, owners_now FROM streak_views.deal_stages WHERE key IN ('b1', 'b4') "
        "ORDER BY name"
    )
    assert found(connection, query) == [("Alpha", "Sales", "Ada, Zoe"), ("Delta", "Support", None)]


def test_conversion_counts_who_came_and_who_went_on(connection: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT stage, entered, went_on, share, lost, still_there, median_days "
        "FROM streak_views.stage_conversion WHERE pipeline = 'Sales' "
        "ORDER BY stage_order, is_present DESC"
    )
    assert found(connection, query) == [
        ("Lead", 2, 2, 1.0, 0, 0, 16.0),
        ("Quote", 2, 1, 0.5, 0, 1, 10.0),
        # A stage of the same place isn't further on.
        ("Trial", 1, 0, 0.0, 0, 0, 10.0),
        ("Won 🎉", 1, 0, 0.0, 0, 1, None),
        ("VERLOREN", 1, 0, 0.0, 0, 1, None),
    ]


def test_a_stage_shows_how_long_its_deals_have_been_there(connection: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT stage, deals, median_days, longest_days, untouched, without_task, overdue "
        "FROM streak_views.stage_age ORDER BY pipeline, stage_order"
    )
    assert found(connection, query) == [
        ("Lead", 0, None, None, 0, 0, 0),
        ("Quote", 1, 10.0, 10, 0, 0, 1),
        ("Won 🎉", 1, 5.0, 5, 0, 0, 0),
        ("VERLOREN", 1, 100.0, 100, 1, 1, 0),
        ("Won?", 1, 60.0, 60, 1, 1, 0),
        ("Parked", 1, 7.0, 7, 0, 1, 0),
    ]


def test_open_tasks_come_the_most_overdue_first(connection: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT task, assigned_to, name, stage, owners, days_overdue, is_overdue, created_by "
        "FROM streak_views.followups_due"
    )
    assert found(connection, query) == [
        ("Call", "Ada", "Alpha", "Quote", "Ada, Zoe", 2, True, "Ben Berg"),
        ("Write", "cleo@team.example, Yan", "Alpha", "Quote", "Ada, Zoe", -3, False, "Yan"),
        ("Some day", None, "Beta", "Won 🎉", None, None, False, None),
    ]


def test_activity_is_counted_once_for_each_person(connection: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT person, sum(comments), sum(meetings), sum(calls), sum(emails_sent), sum(tasks_done), "
        "sum(stage_moves) FROM streak_views.owner_activity GROUP BY person ORDER BY person"
    )
    assert found(connection, query) == [
        ("Ada", 1, 0, 1, 1, 1, 0),
        ("Ben Berg", 0, 1, 0, 0, 1, 0),
        ("cleo@team.example", 0, 0, 0, 0, 0, 1),
        ("u9", 0, 0, 0, 0, 0, 1),
    ]


def test_a_contact_shows_its_boxes_its_mail_and_their_meetings(connection: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT contact_key, contact, emails, boxes, open_boxes, box_names, threads, epoch_ms(last_email), "
        "epoch_ms(last_heard), days_since_email, meetings, calls, epoch_ms(last_meeting) "
        "FROM streak_views.contact_activity ORDER BY contact_key"
    )
    mail = (1, ms(ago(3)), ms(ago(4)), 3)
    emails = "kim@client.example, kim@home.example"
    assert found(connection, query) == [
        ("k1", "Kim Lee", emails, 2, 1, "Alpha, Beta", *mail, 0, 1, ms(ago(6))),
        ("k2", "Lou", None, 1, 0, "Gamma", None, None, None, None, 1, 0, ms(ago(50))),
        ("k3", None, None, 1, 0, "Beta", None, None, None, None, 0, 0, None),
    ]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def test_weeks_and_months_are_those_of_utc(connection: duckdb.DuckDBPyConnection) -> None:
    """Sunday half past eleven at night, and an hour later; the last of January, and the first of February."""
    zone = found(connection, "SELECT current_setting('TimeZone')")[0][0]
    with duckdb.connect() as other:
        other.execute(f"SET TimeZone = '{zone}'")
        sales = {"pipeline_key": "p1", "stage_key": "5001"}
        handmade.make(
            other,
            {
                "pipeline_stages": WORKSPACE["pipeline_stages"],
                "box_comments": [
                    {"key": "1", "creator_key": "u", "timestamp": utc("2026-01-04 23:30")},
                    {"key": "2", "creator_key": "u", "timestamp": utc("2026-01-05 00:30")},
                ],
                "pipeline_boxes": [
                    {**sales, "key": "1", "creation_timestamp": utc("2024-01-31 23:30"), "stage_key": "5004"},
                    {**sales, "key": "2", "creation_timestamp": utc("2024-01-01 00:00")},
                    {
                        **sales,
                        "key": "3",
                        "creation_timestamp": utc("2024-02-01 00:30"),
                        "stage_key": "5003",
                        "last_stage_change_timestamp": utc("2024-02-11 00:00"),
                    },
                ],
            },
        )
        weeks = found(
            other,
            "SELECT week::VARCHAR, iso_week, comments FROM streak_views.owner_activity ORDER BY week",
        )
        months = found(
            other,
            "SELECT created_month::VARCHAR, deals, won, lost, open, won_share, median_days_to_won "
            "FROM streak_views.cohorts ORDER BY created_month",
        )
    assert weeks == [("2025-12-29", "2026-W01", 1), ("2026-01-05", "2026-W02", 1)]
    assert months == [
        ("2024-01-01", 2, 0, 1, 1, 0.0, None),
        ("2024-02-01", 1, 1, 0, 0, 1.0, 9.0),
    ]
