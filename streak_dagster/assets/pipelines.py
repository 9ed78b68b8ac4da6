"""Pipelines, what defines them (their stages and their custom fields), and what happened in them."""

from dataclasses import replace

from dagster import AssetExecutionContext

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.session import RefreshSession, derive, fetch_list, refresh_session
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.fetched import Fetched
from streak_dagster.sync.selection import PipelineSelection
from streak_dagster.tables import NEWSFEED, PIPELINE_FIELDS, PIPELINE_STAGES, PIPELINES


@streak_asset(PIPELINES)
def pipelines(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    with refresh_session(PIPELINES, context, streak, warehouse) as session:
        return read_pipelines(session, streak, warehouse)


def read_pipelines(session: RefreshSession, streak: StreakResource, warehouse: WarehouseResource) -> Fetched:
    """The pipelines that are wanted; those that vanished from the list are asked for by key."""
    fetched = session.fetch()
    selection = PipelineSelection(streak.pipelines, session.spool)
    unwanted = selection.unwanted(session.refresher.report)
    vanished = [key for key in session.published.keys if key not in selection.listed]
    fetched, refused = session.refresher.confirm_rows(fetched, vanished)
    selection.refuse_lost_permission(refused, warehouse.max_shrink)
    return replace(fetched, unwanted=unwanted)


@streak_asset(PIPELINE_STAGES)
def pipeline_stages(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    return derive(PIPELINE_STAGES, context, streak, warehouse)


@streak_asset(PIPELINE_FIELDS)
def pipeline_fields(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    return fetch_list(PIPELINE_FIELDS, context, streak, warehouse)


@streak_asset(NEWSFEED)
def newsfeed(context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource) -> Fetched:
    return fetch_list(NEWSFEED, context, streak, warehouse)
