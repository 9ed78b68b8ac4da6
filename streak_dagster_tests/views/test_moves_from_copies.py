"""What copies saw of moves joins what Streak itself tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from streak_dagster_tests.support import handmade
from streak_dagster_tests.views.versions import Version, at, present, versions

CREATED = {"pipeline_key": "p1", "creation_timestamp": at("2025-12-01 08:00")}
FIRST, SECOND, THIRD, FOURTH = (f"2026-01-01 {hour}:00" for hour in ("06", "12", "18", "23"))


def moved(stage: str, when: str | None = None) -> dict[str, Any]:
    return {"stage_key": stage, "last_stage_change_timestamp": at(when) if when else None}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        yield opened


def stays(
    connection: duckdb.DuckDBPyConnection, *told: Version, **tables: list[dict[str, Any]]
) -> list[tuple[Any, ...]]:
    """The stays of one box: stage and its pipeline, when they began and ended, and who says so."""
    rows = versions({"key": "b"}, *told)
    history = [{"box_key": "b", **each} for each in tables.pop("box_stage_history", [])]
    handmade.make(
        connection,
        {
            "pipeline_boxes": present(rows),
            "pipeline_boxes_versions": rows,
            "box_stage_history": history,
            **tables,
        },
    )
    return connection.execute(
        "SELECT stage, pipeline, strftime(entered, '%H:%M'), strftime(exited, '%H:%M'), source "
        "FROM streak_views.deal_stages ORDER BY entered, exited NULLS LAST"
    ).fetchall()


def entry(stage: str, when: str) -> dict[str, Any]:
    return {"stage_key": stage, "last_entry_to_stage_ts": at(when)}


def test_visits_that_a_later_one_has_overwritten_are_known_from_copies(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert stays(
        connection,
        (FIRST, "insert", {**CREATED, **moved("1")}),
        (SECOND, "update", moved("2", "2026-01-01 07:00")),
        (THIRD, "update", moved("1", "2026-01-01 17:00")),
        (FOURTH, "update", moved("2", "2026-01-01 22:00")),
        box_stage_history=[entry("1", "2026-01-01 17:00"), entry("2", "2026-01-01 22:00")],
    ) == [
        ("1", "p1", "08:00", "07:00", "copy"),
        ("2", "p1", "07:00", "17:00", "copy"),
        ("1", "p1", "17:00", "22:00", "stage history"),
        ("2", "p1", "22:00", None, "stage history"),
    ]


def test_a_move_that_streak_tells_of_is_told_as_streak_tells_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Also where our clock is ahead of Streak's: the box had left the stage when we say that we saw it."""
    assert stays(
        connection,
        (FIRST, "insert", {**CREATED, **moved("1")}),
        ("2026-01-01 12:05", "update", moved("2")),
        (THIRD, "update", moved("3")),
        box_stage_history=[
            entry("1", "2025-12-01 08:00"),
            entry("2", "2026-01-01 07:00"),
            entry("3", "2026-01-01 12:01"),
        ],
    )[1:] == [
        ("2", "p1", "07:00", "12:01", "stage history"),
        ("3", "p1", "12:01", None, "stage history"),
    ]


def test_moves_by_a_clock_that_is_another_than_ours_are_told_once(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """As those of the sandbox, whose time stands still between edits."""
    assert stays(
        connection,
        (FIRST, "insert", {**CREATED, **moved("1", "2025-12-01 08:00")}),
        (SECOND, "update", moved("2", "2025-12-02 10:00")),
        (THIRD, "update", moved("3", "2025-12-02 11:00")),
        box_stage_history=[
            entry("1", "2025-12-01 08:00"),
            entry("2", "2025-12-02 10:00"),
            entry("3", "2025-12-02 11:00"),
        ],
    ) == [
        ("1", "p1", "08:00", "10:00", "stage history"),
        ("2", "p1", "10:00", "11:00", "stage history"),
        ("3", "p1", "11:00", None, "stage history"),
    ]


def test_the_time_of_a_move_is_the_boxs_own_where_it_lies_between_the_copies(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert stays(
        connection,
        (FIRST, "insert", {**CREATED, **moved("1")}),
        (SECOND, "update", moved("2", "2026-01-01 07:00")),
        (THIRD, "update", moved("3")),
        (FOURTH, "update", moved("4", "2026-01-01 09:00")),  # before the box was last seen elsewhere
    ) == [
        ("1", "p1", "08:00", "07:00", "copy"),
        ("2", "p1", "07:00", "18:00", "copy"),
        ("3", "p1", "18:00", "23:00", "copy"),
        ("4", "p1", "23:00", None, "copy"),
    ]


def test_a_box_that_went_and_came_back_moved_only_if_its_stage_is_another(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    gone: Version = (SECOND, "delete", {})
    assert stays(connection, (FIRST, "insert", {**CREATED, **moved("1")}), gone, (THIRD, "insert", {})) == [
        ("1", "p1", "08:00", None, "box")
    ]
    assert stays(
        connection, (FIRST, "insert", {**CREATED, **moved("1")}), gone, (THIRD, "insert", moved("2"))
    ) == [("1", "p1", "08:00", "18:00", "copy"), ("2", "p1", "18:00", None, "copy")]


def test_a_box_that_is_gone_has_no_stays(connection: duckdb.DuckDBPyConnection) -> None:
    assert stays(connection, (FIRST, "insert", {**CREATED, **moved("1")}), (SECOND, "delete", {})) == []


def test_entries_from_before_a_box_came_into_its_pipeline_are_of_the_former_one(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert stays(
        connection,
        (FIRST, "insert", {**CREATED, **moved("1", "2026-01-01 05:00")}),
        (SECOND, "update", {"pipeline_key": "p2", **moved("1", "2026-01-01 07:00")}),
        (THIRD, "update", moved("2", "2026-01-01 13:00")),
        box_stage_history=[
            entry("0", "2026-01-01 04:00"),
            entry("1", "2026-01-01 05:00"),
            entry("2", "2026-01-01 13:00"),
        ],
    ) == [
        ("0", "p1", "04:00", "05:00", "stage history"),
        ("1", "p1", "05:00", "07:00", "stage history"),
        ("1", "p2", "07:00", "13:00", "copy"),
        ("2", "p2", "13:00", None, "stage history"),
    ]


def test_who_made_a_move_that_copies_saw_too_is_known_from_the_newsfeed(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    story = {
        "key": "n",
        "box_key": "b",
        "pipeline_key": "p1",
        "timestamp": at("2026-01-01 07:00"),
        "newsfeed_entry_specific": "EDIT_STAGE",
        "specific_variables": {"STAGE_KEY": "2", "STORY_AUTHOR_DISPLAY_NAME": "Nia"},
    }
    found = stays(
        connection,
        (FIRST, "insert", {**CREATED, **moved("1")}),
        (SECOND, "update", moved("2", "2026-01-01 07:00")),
        newsfeed=[story],
    )
    assert [row[2:] for row in found] == [("08:00", "07:00", "copy"), ("07:00", None, "newsfeed")]
    assert connection.execute("SELECT moved_by FROM streak_views.deal_stages WHERE is_now").fetchall() == [
        ("Nia",)
    ]
