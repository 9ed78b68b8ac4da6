"""What a box itself lists: its contacts and organizations, and the stages that it has been in. No call."""

from dagster import AssetExecutionContext

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import derive
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import BOX_CONTACTS, BOX_ORGANIZATIONS, BOX_STAGE_HISTORY


@streak_asset(BOX_CONTACTS)
def box_contacts(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    return derive(BOX_CONTACTS, context, streak, warehouse)


@streak_asset(BOX_ORGANIZATIONS)
def box_organizations(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    return derive(BOX_ORGANIZATIONS, context, streak, warehouse)


@streak_asset(BOX_STAGE_HISTORY)
def box_stage_history(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    return derive(BOX_STAGE_HISTORY, context, streak, warehouse)
