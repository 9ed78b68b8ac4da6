"""Whom a team knows, apart from any box: people, and the organizations that they belong to."""

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import fetch_list, fetch_since
from streak_dagster.assets.step import Step
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import CONTACTS, ORGANIZATIONS


@streak_asset(CONTACTS)
def contacts(step: Step) -> Fetched:
    return fetch_since(CONTACTS, step)


@streak_asset(ORGANIZATIONS)
def organizations(step: Step) -> Fetched:
    return fetch_list(ORGANIZATIONS, step)
