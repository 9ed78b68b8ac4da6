"""Whom a team knows, apart from any box: people, and the organizations that they belong to."""

from dagster import AssetExecutionContext

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import RefreshConfig, fetch_list, fetch_since
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import CONTACTS, ORGANIZATIONS


@streak_asset(CONTACTS)
def contacts(
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Fetched:
    return fetch_since(CONTACTS, context, config, streak, warehouse)


@streak_asset(ORGANIZATIONS)
def organizations(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    return fetch_list(ORGANIZATIONS, context, streak, warehouse)
