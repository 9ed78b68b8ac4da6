"""What a box itself lists: its contacts and organizations, and the stages that it has been in. No call."""

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import derive
from streak_dagster.assets.step import Step
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import BOX_CONTACTS, BOX_ORGANIZATIONS, BOX_STAGE_HISTORY


@streak_asset(BOX_CONTACTS)
def box_contacts(step: Step) -> Fetched:
    return derive(BOX_CONTACTS, step)


@streak_asset(BOX_ORGANIZATIONS)
def box_organizations(step: Step) -> Fetched:
    return derive(BOX_ORGANIZATIONS, step)


@streak_asset(BOX_STAGE_HISTORY)
def box_stage_history(step: Step) -> Fetched:
    return derive(BOX_STAGE_HISTORY, step)
