"""The whole project as a job that Dagster can load again, as it does for a re-execution."""

from __future__ import annotations

from dagster import Definitions, JobDefinition, define_asset_job

from streak_dagster.definitions import build_definitions
from streak_dagster.settings import load_settings


def everything() -> JobDefinition:
    project = build_definitions(load_settings())
    return Definitions.merge(project, Definitions(jobs=[define_asset_job("everything")])).resolve_job_def(
        "everything"
    )
