"""The custom fields of a team's contacts and organizations, out of the team itself. No call."""

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import derive
from streak_dagster.assets.step import Step
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import CONTACT_FIELDS, ORGANIZATION_FIELDS


@streak_asset(CONTACT_FIELDS)
def contact_fields(step: Step) -> Fetched:
    return derive(CONTACT_FIELDS, step)


@streak_asset(ORGANIZATION_FIELDS)
def organization_fields(step: Step) -> Fetched:
    return derive(ORGANIZATION_FIELDS, step)
