"""The values of custom fields, decoded by their definitions: no call, no question to Streak."""

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import derive
from streak_dagster.assets.step import Step
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import BOX_FIELD_VALUES


@streak_asset(BOX_FIELD_VALUES)
def box_field_values(step: Step) -> Fetched:
    return derive(BOX_FIELD_VALUES, step)
