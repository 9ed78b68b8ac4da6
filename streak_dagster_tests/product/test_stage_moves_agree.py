"""The check that says where copies of boxes and Streak's own stage history tell of different moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from dagster import AssetCheckResult

from streak_dagster.checks.stage_moves import stage_moves_agree
from streak_dagster.checks.verdicts import NothingYet
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


def stage(key: str, saved: str | None = None, **told: str) -> dict[str, Any]:
    """A box in a stage, as Streak ``saved`` it by its own clock, and Streak's own stage history."""
    return {"stage_key": key, "last_saved_timestamp": at(saved) if saved else None, **entries(**told)}


def looked(session: Session, *told: Version, seen_before: str | None = None) -> dict[str, Any]:
    """What the check says of one box with these versions."""
    begun = {"key": "b", "pipeline_key": "p1"}
    rows = versions(begun, *told, seen_before=seen_before)
    handmade.make(session.connection, {"pipeline_boxes_versions": rows, "pipeline_stages": STAGES})
    found = stage_moves_agree(session)
    assert isinstance(found, AssetCheckResult), found
    metadata: dict[str, Any] = {label: entry.value for label, entry in found.metadata.items()}
    assert found.passed == (metadata["boxes that differ"] == 0)
    assert metadata["boxes compared"] == 1
    return {each["stage"]: each["problem"] for each in metadata["examples"]}


OLD, NINE, TEN = "2025-12-01 00:00", "2025-12-03 09:00", "2025-12-03 10:00"
"""By Streak's clock, which is another than ours."""


def test_moves_that_both_tell_agree(session: Session) -> None:
    both = {"s1": OLD, "s2": NINE, "s3": TEN}
    assert (
        looked(
            session,
            (FIRST, "insert", stage("1", "2025-12-02 00:00", s1=OLD)),
            (SECOND, "update", stage("2", NINE, s1=OLD, s2=NINE)),
            (THIRD, "update", stage("3", TEN, **both)),
        )
        == {}
    )


def test_only_the_last_of_several_visits_is_in_streaks_list(session: Session) -> None:
    assert (
        looked(
            session,
            (FIRST, "insert", stage("1", OLD, s1=OLD)),
            (SECOND, "update", stage("2", "2025-12-02 00:00", s1=OLD, s2="2025-12-02 00:00")),
            (THIRD, "update", stage("1", TEN, s1=TEN, s2=NINE)),
        )
        == {}
    )


def test_a_stage_without_an_entry_is_told(session: Session) -> None:
    assert looked(
        session,
        (FIRST, "insert", stage("1", s1=OLD)),
        (SECOND, "update", stage("2", s1=OLD)),
    ) == {"Stage 2": "Streak has no entry of the stage"}


@pytest.mark.parametrize(
    ("entered", "problem"),
    [
        ("2025-12-03 08:58", {"Stage 2": "Streak says that it came before, when it was elsewhere"}),
        ("2025-12-03 08:59:30", {}),
        ("2025-12-03 09:30", {}),
    ],
    ids=["before", "at about the same time", "after"],
)
def test_an_entry_from_when_the_box_was_saved_elsewhere_is_told(
    session: Session, entered: str, problem: dict[str, str]
) -> None:
    told = looked(
        session,
        (FIRST, "insert", stage("1", NINE, s1=NINE)),
        (SECOND, "update", stage("2", TEN, s1=NINE, s2=entered)),
    )
    assert told == problem


def test_a_stage_in_which_the_box_was_saved_after_it_left_is_told(session: Session) -> None:
    assert looked(
        session,
        (FIRST, "insert", stage("1", "2025-12-03 09:30", s1=OLD)),
        (SECOND, "update", stage("2", TEN, s1=OLD, s3=NINE, s2=TEN)),
    ) == {"Stage 1": "Streak says that it had moved on"}


def test_a_box_that_was_away_moved_meanwhile(session: Session) -> None:
    assert (
        looked(
            session,
            (FIRST, "insert", stage("1", OLD, s1=OLD)),
            (SECOND, "delete", {}),
            (THIRD, "insert", stage("2", TEN, s1=OLD, s2=NINE)),
        )
        == {}
    )


def test_stages_that_are_gone_are_not_compared(session: Session) -> None:
    assert (
        looked(
            session,
            (FIRST, "insert", stage("9")),
            (SECOND, "update", stage("2", s2=NINE)),
        )
        == {}
    )


def test_there_is_nothing_to_judge_where_streak_or_the_copies_tell_nothing(session: Session) -> None:
    assert isinstance(stage_moves_agree(session), NothingYet)
    moved = versions(
        {"key": "b", "pipeline_key": "p1"}, (FIRST, "insert", stage("1")), (SECOND, "update", stage("2"))
    )
    handmade.make(session.connection, {"pipeline_boxes_versions": moved, "pipeline_stages": STAGES})
    assert isinstance(stage_moves_agree(session), NothingYet)
    other = versions(
        {"key": "b"},
        (FIRST, "insert", {"pipeline_key": "p2", **stage("1", s1=OLD)}),
        (SECOND, "update", {"pipeline_key": "p1", **stage("2", s1=OLD)}),
    )
    handmade.make(session.connection, {"pipeline_boxes_versions": other, "pipeline_stages": STAGES})
    assert isinstance(stage_moves_agree(session), NothingYet)
