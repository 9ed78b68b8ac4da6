"""Pipelines, what defines them (their stages and their custom fields), and what happened in them."""

from dagster import AssetExecutionContext

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import derive, fetch_list
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import NEWSFEED, PIPELINE_FIELDS, PIPELINE_STAGES, PIPELINES


@streak_asset(PIPELINES)
def pipelines(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    return fetch_list(PIPELINES, context, streak, warehouse)


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
