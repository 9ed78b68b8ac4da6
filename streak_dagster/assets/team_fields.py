"""The custom fields of a team's contacts and organizations, out of the team itself. No call."""

from dagster import AssetExecutionContext

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import derive
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import CONTACT_FIELDS, ORGANIZATION_FIELDS


@streak_asset(CONTACT_FIELDS)
def contact_fields(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    return derive(CONTACT_FIELDS, context, streak, warehouse)


@streak_asset(ORGANIZATION_FIELDS)
def organization_fields(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    return derive(ORGANIZATION_FIELDS, context, streak, warehouse)
