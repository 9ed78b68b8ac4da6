"""The boxes of every pipeline: deals, candidates, tickets, whatever a team tracks."""

from dagster import AssetExecutionContext

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import fetch_list
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import PIPELINE_BOXES


@streak_asset(PIPELINE_BOXES)
def pipeline_boxes(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    return fetch_list(PIPELINE_BOXES, context, streak, warehouse)
