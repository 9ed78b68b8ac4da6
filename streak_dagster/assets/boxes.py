"""The boxes of every pipeline: deals, candidates, tickets, whatever a team tracks."""

import json

import pandas as pd
from dagster import AssetExecutionContext

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.session import RefreshSession, refresh_session
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.fetched import Fetched
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import PIPELINE_BOXES
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.published import unlisted_boxes


@streak_asset(PIPELINE_BOXES, reads={"pipelines": ("key", "box_count", "box_count_hint", "stages")})
def pipeline_boxes(
    context: AssetExecutionContext,
    streak: StreakResource,
    warehouse: WarehouseResource,
    pipelines: pd.DataFrame,
) -> Fetched:
    with refresh_session(PIPELINE_BOXES, context, streak, warehouse) as session:
        return read_boxes(session, streak, warehouse.open(), pipelines)


def read_boxes(
    session: RefreshSession, streak: StreakResource, database: Database, pipelines: pd.DataFrame
) -> Fetched:
    """The boxes of these pipelines; those of ``database`` that no list shows are asked for by key."""
    fetched = session.fetch(counted(pipelines))
    missing = {}
    if not session.published.is_replaced:
        spool = session.spool
        missing = unlisted_boxes(database, spool.rows_path, spool.largest_object, unread=fetched.unreadable)
    wanted = set(pipelines["key"])
    if streak.pipelines:  # boxes of those that aren't copied any more go, wherever they are
        missing = {pipeline: keys for pipeline, keys in missing.items() if pipeline in wanted}
    return session.refresher.confirm_boxes(fetched, missing, wanted)


def counted(pipelines: pd.DataFrame) -> list[Parent]:
    """The pipelines with the number of boxes that each is said to hold, so that pages are asked at once."""
    told = pipelines["box_count"].fillna(pipelines["box_count_hint"])
    return [
        Parent(key, _in_stages(stages) if pd.isna(count) else int(count))
        for key, count, stages in zip(pipelines["key"], told, pipelines["stages"], strict=True)
    ]


def _in_stages(stages: object) -> int | None:
    """The boxes of all stages together; None where a stage doesn't say."""
    by_key = json.loads(stages) if isinstance(stages, str) else None
    held = [stage for stage in by_key.values() if isinstance(stage, dict)] if isinstance(by_key, dict) else []
    counts = [stage["boxCount"] for stage in held if isinstance(stage.get("boxCount"), int)]
    return sum(counts) if counts and len(counts) == len(held) else None
