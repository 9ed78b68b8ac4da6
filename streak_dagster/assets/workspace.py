"""What belongs to the team and the user, not to a pipeline."""

from dagster import AssetExecutionContext

from streak_dagster.assets.base import refresh_session, streak_asset
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.refresh import Refresh
from streak_dagster.tables import SNIPPETS, TEAMS


@streak_asset(TEAMS)
def teams(context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource) -> Refresh:
    with refresh_session(context, streak, warehouse) as refresher:
        return refresher.fetch(TEAMS)


@streak_asset(SNIPPETS)
def snippets(context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource) -> Refresh:
    with refresh_session(context, streak, warehouse) as refresher:
        return refresher.fetch(SNIPPETS)
