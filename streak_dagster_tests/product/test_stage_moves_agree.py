"""The check that says where copies of boxes and Streak's own stage history tell of different moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from dagster import AssetCheckResult

from streak_dagster.checks.stage_moves import stage_moves_agree
from streak_dagster.checks.verdicts import NothingYet
from streak_dagster.tables import BOX_STAGE_HISTORY
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support import handmade
from streak_dagster_tests.views.versions import Version, at, versions

FIRST, SECOND, THIRD = "2026-01-01 06:00", "2026-01-01 12:00", "2026-01-01 18:00"
STAGES = [{"pipeline_key": "p1", "key": key, "name": f"Stage {key}"} for key in "123"]


@pytest.fixture
def session() -> Iterator[Session]:
    with duckdb.connect() as connection:
        yield Session(connection)


def entries(**told: str) -> dict[str, Any]:
    """Streak's own stage history of a box: when it last entered the stages ``s1``, ``s2`` …"""
    return {
        "stage_history_entries": [
            {"stageKey": key[1:], "lastEntryToStageTs": round(at(when).timestamp() * 1000)}
            for key, when in told.items()
        ]
    }


def stage(key: str, **told: str) -> dict[str, Any]:
    return {"stage_key": key, **entries(**told)}


def looked(session: Session, *told: Version, seen_before: str | None = None) -> dict[str, Any]:
    """What the check says of one box with these versions."""
    begun = {"key": "b", "pipeline_key": "p1"}
    rows = versions(begun, *told, seen_before=seen_before)
    handmade.make(session.connection, {"pipeline_boxes_versions": rows, "pipeline_stages": STAGES})
    found = stage_moves_agree(session, BOX_STAGE_HISTORY)
    assert isinstance(found, AssetCheckResult), found
    metadata: dict[str, Any] = {label: entry.value for label, entry in found.metadata.items()}
    assert found.passed == (metadata["boxes that differ"] == 0)
    assert metadata["boxes compared"] == 1
    return {each["stage"]: each["problem"] for each in metadata["examples"]}


def test_moves_that_both_tell_agree(session: Session) -> None:
    both = {"s1": "2025-12-01 00:00", "s2": "2026-01-01 07:00", "s3": "2026-01-01 17:00"}
    assert (
        looked(
            session,
            (FIRST, "insert", stage("1", s1=both["s1"])),
            (SECOND, "update", stage("2", s1=both["s1"], s2=both["s2"])),
            (THIRD, "update", stage("3", **both)),
        )
        == {}
    )


def test_only_the_last_of_several_visits_is_in_streaks_list(session: Session) -> None:
    assert (
        looked(
            session,
            (FIRST, "insert", stage("1", s1="2025-12-01 00:00")),
            (SECOND, "update", stage("2", s1="2025-12-01 00:00", s2="2026-01-01 07:00")),
            (THIRD, "update", stage("1", s1="2026-01-01 17:00", s2="2026-01-01 15:00")),
        )
        == {}
    )


def test_a_stage_without_an_entry_is_told(session: Session) -> None:
    assert looked(
        session,
        (FIRST, "insert", stage("1", s1="2025-12-01 00:00")),
        (SECOND, "update", stage("2", s1="2025-12-01 00:00")),
    ) == {"Stage 2": "Streak has no entry of the stage"}


def test_an_entry_from_when_the_box_was_copied_elsewhere_is_told(session: Session) -> None:
    assert (
        looked(
            session,
            (FIRST, "insert", stage("1", s1="2025-12-01 00:00")),
            (SECOND, "update", stage("2", s1="2025-12-01 00:00", s2="2026-01-01 05:50")),
        )["Stage 2"]
        == "Streak says that it came before, when it was copied elsewhere"
    )


def test_a_stage_in_which_the_box_was_copied_after_it_left_is_told(session: Session) -> None:
    assert (
        looked(
            session,
            (FIRST, "insert", stage("1", s1="2025-12-01 00:00", s2="2026-01-01 05:00")),
            (SECOND, "update", stage("2", s1="2025-12-01 00:00", s2="2026-01-01 07:00")),
        )
        == {}
    )
    assert looked(
        session,
        (FIRST, "insert", stage("1", s1="2025-12-01 00:00")),
        (SECOND, "update", stage("2", s1="2025-12-01 00:00", s3="2026-01-01 05:00", s2="2026-01-01 07:00")),
    ) == {"Stage 1": "Streak says that it had moved on"}


@pytest.mark.parametrize("seconds", ["05:57", "06:02"])
def test_clocks_may_differ_by_minutes(session: Session, seconds: str) -> None:
    assert (
        looked(
            session,
            (FIRST, "insert", stage("1", s1="2025-12-01 00:00")),
            (SECOND, "update", stage("2", s1="2025-12-01 00:00", s2=f"2026-01-01 {seconds}")),
        )
        == {}
    )


def test_a_box_that_was_away_is_not_said_to_have_been_elsewhere(session: Session) -> None:
    assert (
        looked(
            session,
            (FIRST, "insert", stage("1", s1="2025-12-01 00:00")),
            (SECOND, "delete", {}),
            (THIRD, "insert", stage("2", s1="2025-12-01 00:00", s2="2026-01-01 07:00")),
        )
        == {}
    )


def test_stages_that_are_gone_are_not_compared(session: Session) -> None:
    assert (
        looked(
            session,
            (FIRST, "insert", stage("9")),
            (SECOND, "update", stage("2", s2="2026-01-01 07:00")),
        )
        == {}
    )


def test_there_is_nothing_to_judge_where_streak_or_the_copies_tell_nothing(session: Session) -> None:
    assert isinstance(stage_moves_agree(session, BOX_STAGE_HISTORY), NothingYet)
    moved = versions(
        {"key": "b", "pipeline_key": "p1"}, (FIRST, "insert", stage("1")), (SECOND, "update", stage("2"))
    )
    handmade.make(session.connection, {"pipeline_boxes_versions": moved, "pipeline_stages": STAGES})
    assert isinstance(stage_moves_agree(session, BOX_STAGE_HISTORY), NothingYet)
    other = versions(
        {"key": "b"},
        (FIRST, "insert", {"pipeline_key": "p2", **stage("1", s1="2025-12-01 00:00")}),
        (SECOND, "update", {"pipeline_key": "p1", **stage("2", s1="2025-12-01 00:00")}),
    )
    handmade.make(session.connection, {"pipeline_boxes_versions": other, "pipeline_stages": STAGES})
    assert isinstance(stage_moves_agree(session, BOX_STAGE_HISTORY), NothingYet)
