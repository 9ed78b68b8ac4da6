"""Pipelines, what defines them (their stages and their custom fields), and what happened in them."""

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import derive, fetch_list
from streak_dagster.assets.step import Step
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import NEWSFEED, PIPELINE_FIELDS, PIPELINE_STAGES, PIPELINES


@streak_asset(PIPELINES)
def pipelines(step: Step) -> Fetched:
    return fetch_list(PIPELINES, step)


@streak_asset(PIPELINE_STAGES)
def pipeline_stages(step: Step) -> Fetched:
    return derive(PIPELINE_STAGES, step)


@streak_asset(PIPELINE_FIELDS)
def pipeline_fields(step: Step) -> Fetched:
    return fetch_list(PIPELINE_FIELDS, step)


@streak_asset(NEWSFEED)
def newsfeed(step: Step) -> Fetched:
    return fetch_list(NEWSFEED, step)
