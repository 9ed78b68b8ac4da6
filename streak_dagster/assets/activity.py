"""What happens in a box: one walk over all boxes for each kind, one call a box."""

from collections.abc import Iterator

import pandas as pd
from dagster import AssetCheckResult, AssetExecutionContext, Output

from streak_dagster.assets.base import asking, streak_asset
from streak_dagster.checks.reading import every_box_was_read, reading_check
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.refresh import Refresh
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import BOX_COMMENTS, BOX_MEETINGS, BOX_TASKS, BOX_THREADS, Table

BOXES = {"pipeline_boxes": ("key",)}
Events = Iterator[Output[Refresh] | AssetCheckResult]
"""The refresh, which the io manager publishes, and whether every box was read."""


@streak_asset(BOX_COMMENTS, reads=BOXES, checks=[reading_check])
def box_comments(
    context: AssetExecutionContext,
    streak: StreakResource,
    warehouse: WarehouseResource,
    pipeline_boxes: pd.DataFrame,
) -> Events:
    yield from _of_every_box(BOX_COMMENTS, context, streak, warehouse, pipeline_boxes)


@streak_asset(BOX_MEETINGS, reads=BOXES, checks=[reading_check])
def box_meetings(
    context: AssetExecutionContext,
    streak: StreakResource,
    warehouse: WarehouseResource,
    pipeline_boxes: pd.DataFrame,
) -> Events:
    yield from _of_every_box(BOX_MEETINGS, context, streak, warehouse, pipeline_boxes)


@streak_asset(BOX_TASKS, reads=BOXES, checks=[reading_check])
def box_tasks(
    context: AssetExecutionContext,
    streak: StreakResource,
    warehouse: WarehouseResource,
    pipeline_boxes: pd.DataFrame,
) -> Events:
    yield from _of_every_box(BOX_TASKS, context, streak, warehouse, pipeline_boxes)


@streak_asset(BOX_THREADS, reads=BOXES, checks=[reading_check])
def box_threads(
    context: AssetExecutionContext,
    streak: StreakResource,
    warehouse: WarehouseResource,
    pipeline_boxes: pd.DataFrame,
) -> Events:
    yield from _of_every_box(BOX_THREADS, context, streak, warehouse, pipeline_boxes)


def _of_every_box(
    table: Table,
    context: AssetExecutionContext,
    streak: StreakResource,
    warehouse: WarehouseResource,
    boxes: pd.DataFrame,
) -> Events:
    with asking(context, streak, warehouse) as refresher:
        refresh = refresher.ask(table, [Parent(key) for key in boxes["key"]])
    yield Output(refresh)
    yield every_box_was_read(refresh)
