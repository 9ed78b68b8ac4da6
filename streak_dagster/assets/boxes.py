"""The boxes of every pipeline: deals, candidates, tickets, whatever a team tracks."""

from collections.abc import Iterator

import pandas as pd
from dagster import AssetCheckResult, AssetExecutionContext, Output

from streak_dagster.assets.base import refresh_session, replaces_another_account, streak_asset
from streak_dagster.assets.pipelines import json_or, names_of
from streak_dagster.checks.pipelines import pipeline_reading_check, pipeline_reading_result
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.refresh import Refresh
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import PIPELINE_BOXES
from streak_dagster.warehouse.published import unlisted_boxes


@streak_asset(
    PIPELINE_BOXES,
    reads={"pipelines": ("key", "name", "box_count", "box_count_hint", "stages")},
    checks=pipeline_reading_check,
)
def pipeline_boxes(
    context: AssetExecutionContext,
    streak: StreakResource,
    warehouse: WarehouseResource,
    pipelines: pd.DataFrame,
) -> Iterator[Output[Refresh] | AssetCheckResult]:
    with refresh_session(context, streak, warehouse) as refresher:
        refresh = refresher.fetch(PIPELINE_BOXES, counted(pipelines))
        spool = refresh.spool
        missing = {}
        if not replaces_another_account(streak, warehouse, "pipeline_boxes"):
            missing = unlisted_boxes(
                warehouse.open(), spool.rows_path, spool.largest_object, unread=refresh.unreadable
            )
        wanted = set(pipelines["key"])
        if streak.pipelines:  # boxes of those that aren't copied any more go, wherever they are
            missing = {pipeline: keys for pipeline, keys in missing.items() if pipeline in wanted}
        refresher.confirm_boxes(refresh, missing, wanted)
    yield Output(refresh)
    yield pipeline_reading_result(refresh, names_of(pipelines))


def counted(pipelines: pd.DataFrame) -> list[Parent]:
    """The pipelines with the number of boxes that each is said to hold, so that pages are asked at once."""
    told = pipelines["box_count"].fillna(pipelines["box_count_hint"])
    return [
        Parent(key, _in_stages(stages) if pd.isna(count) else int(count))
        for key, count, stages in zip(pipelines["key"], told, pipelines["stages"], strict=True)
    ]


def _in_stages(stages: object) -> int | None:
    """The boxes of all stages together; None where a stage doesn't say."""
    held = [stage for stage in json_or(stages, {}).values() if isinstance(stage, dict)]
    counts = [stage["boxCount"] for stage in held if isinstance(stage.get("boxCount"), int)]
    return sum(counts) if counts and len(counts) == len(held) else None
