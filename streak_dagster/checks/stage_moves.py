"""Whether copies of boxes and Streak's own stage history tell the same moves, as the result of a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster import MetadataValue

from streak_dagster.checks.verdicts import NothingYet, result
from streak_dagster.warehouse.stage_moves import compare_stage_moves

if TYPE_CHECKING:
    from dagster import AssetCheckResult

    from streak_dagster.warehouse.session import Session

AGREE = "stage_moves_agree"
AGREE_MEANING = (
    "Each stage that copies saw a box in is in the box's own stage history, with a time that fits. Warns "
    "with boxes where it differs. Not compared: boxes of several pipelines in turn, stages that are gone."
)


def stage_moves_agree(session: Session) -> AssetCheckResult | NothingYet:
    """Says boxes by their keys, and stages by their names."""
    found = compare_stage_moves(session)
    if found is None:
        return NothingYet(AGREE, "no versions of the boxes are kept")
    if not found.boxes:
        return NothingYet(AGREE, "no box has a stage history")
    metadata: dict[str, Any] = {
        "boxes compared": found.boxes,
        "boxes that differ": found.differing,
        "examples": MetadataValue.json(found.examples),
    }
    return result(AGREE, metadata, passed=not found.differing)
