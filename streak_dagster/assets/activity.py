"""What happens in a box: for each kind one walk over the boxes, one call a box that is asked."""

from dagster import AssetExecutionContext

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import RefreshConfig, fetch_planned
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import BOX_COMMENTS, BOX_FILES, BOX_MEETINGS, BOX_TASKS, BOX_THREADS


@streak_asset(BOX_COMMENTS)
def box_comments(
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Fetched:
    return fetch_planned(BOX_COMMENTS, context, config, streak, warehouse)


@streak_asset(BOX_MEETINGS)
def box_meetings(
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Fetched:
    return fetch_planned(BOX_MEETINGS, context, config, streak, warehouse)


@streak_asset(BOX_TASKS)
def box_tasks(
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Fetched:
    return fetch_planned(BOX_TASKS, context, config, streak, warehouse)


@streak_asset(BOX_THREADS)
def box_threads(
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Fetched:
    return fetch_planned(BOX_THREADS, context, config, streak, warehouse)


@streak_asset(BOX_FILES)
def box_files(
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Fetched:
    return fetch_planned(BOX_FILES, context, config, streak, warehouse)
