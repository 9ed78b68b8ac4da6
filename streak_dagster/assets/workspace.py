"""What belongs to the team and the user, and not, or not only, to a pipeline."""

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import derive, fetch_list
from streak_dagster.assets.step import Step
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import SNIPPETS, TEAM_MEMBERS, TEAMS, USERS, WEBHOOKS


@streak_asset(TEAMS)
def teams(step: Step) -> Fetched:
    return fetch_list(TEAMS, step)


@streak_asset(TEAM_MEMBERS)
def team_members(step: Step) -> Fetched:
    return derive(TEAM_MEMBERS, step)


@streak_asset(USERS)
def users(step: Step) -> Fetched:
    return fetch_list(USERS, step)


@streak_asset(SNIPPETS)
def snippets(step: Step) -> Fetched:
    return fetch_list(SNIPPETS, step)


@streak_asset(WEBHOOKS)
def webhooks(step: Step) -> Fetched:
    return fetch_list(WEBHOOKS, step)
