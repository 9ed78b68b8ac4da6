"""The boxes of every pipeline: deals, candidates, tickets, whatever a team tracks."""

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import fetch_list
from streak_dagster.assets.step import Step
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import PIPELINE_BOXES


@streak_asset(PIPELINE_BOXES)
def pipeline_boxes(step: Step) -> Fetched:
    return fetch_list(PIPELINE_BOXES, step)
