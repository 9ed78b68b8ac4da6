"""What belongs to the team and the user, and not, or not only, to a pipeline."""

from dagster import AssetExecutionContext

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import derive, fetch_list
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import SNIPPETS, TEAM_MEMBERS, TEAMS, USERS, WEBHOOKS


@streak_asset(TEAMS)
def teams(context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource) -> Fetched:
    return fetch_list(TEAMS, context, streak, warehouse)


@streak_asset(TEAM_MEMBERS)
def team_members(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    return derive(TEAM_MEMBERS, context, streak, warehouse)


@streak_asset(USERS)
def users(context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource) -> Fetched:
    return fetch_list(USERS, context, streak, warehouse)


@streak_asset(SNIPPETS)
def snippets(context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource) -> Fetched:
    return fetch_list(SNIPPETS, context, streak, warehouse)


@streak_asset(WEBHOOKS)
def webhooks(context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource) -> Fetched:
    return fetch_list(WEBHOOKS, context, streak, warehouse)
