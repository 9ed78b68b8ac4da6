"""What happens in a box: for each kind one walk over the boxes, one call a box that is asked."""

from collections.abc import Iterator

from dagster import AssetCheckResult, AssetExecutionContext, Config, Output

from streak_dagster.assets.base import refresh_session, streak_asset
from streak_dagster.checks.reading import reading_checks, reading_results
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.settings import REFRESH_MODES, field_of
from streak_dagster.sync.refresh import Refresh
from streak_dagster.tables import BOX_COMMENTS, BOX_MEETINGS, BOX_TASKS, BOX_THREADS, Table
from streak_dagster.warehouse.planning import is_complete_due, plan_reading

BOXES = ["pipeline_boxes"]
Events = Iterator[Output[Refresh] | AssetCheckResult]
"""The refresh, which the io manager publishes, and then what the reading showed."""


class RefreshConfig(Config):
    """How the boxes are read in one run."""

    refresh: str | None = field_of("STREAK_REFRESH", default=None, note="Unset: as for other runs.")


@streak_asset(BOX_COMMENTS, deps=BOXES, checks=reading_checks)
def box_comments(
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Events:
    yield from _of_every_box(BOX_COMMENTS, context, config, streak, warehouse)


@streak_asset(BOX_MEETINGS, deps=BOXES, checks=reading_checks)
def box_meetings(
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Events:
    yield from _of_every_box(BOX_MEETINGS, context, config, streak, warehouse)


@streak_asset(BOX_TASKS, deps=BOXES, checks=reading_checks)
def box_tasks(
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Events:
    yield from _of_every_box(BOX_TASKS, context, config, streak, warehouse)


@streak_asset(BOX_THREADS, deps=BOXES, checks=reading_checks)
def box_threads(
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Events:
    yield from _of_every_box(BOX_THREADS, context, config, streak, warehouse)


def _of_every_box(
    table: Table,
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Events:
    with refresh_session(context, streak, warehouse) as refresher:
        database = warehouse.open()
        changed = REFRESH_MODES.read("refresh", config.refresh or streak.refresh) == "changed"
        if changed and is_complete_due(database, table, streak.complete_every_hours * 3600):
            context.log.info("%s: the last complete refresh is too old, so this is one", table.name)
            changed = False
        refresh = refresher.fetch_planned(
            table,
            lambda declaration, path: plan_reading(database, table, declaration, path, changed=changed),
        )
    yield Output(refresh)
    yield from reading_results(refresh)
