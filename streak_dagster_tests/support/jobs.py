"""The whole project as a job that Dagster can load again, as it does for a re-execution."""

from __future__ import annotations

from dagster import (
    AssetKey,
    AssetSelection,
    Definitions,
    JobDefinition,
    define_asset_job,
    multiprocess_executor,
)

from streak_dagster.definitions import build_definitions
from streak_dagster.settings import load_settings


def everything() -> JobDefinition:
    project = build_definitions(load_settings())
    return Definitions.merge(project, Definitions(jobs=[define_asset_job("everything")])).resolve_job_def(
        "everything"
    )


def in_processes() -> JobDefinition:
    """A few tables, each step in a process of its own, as many at once as there are cores."""
    project = build_definitions(load_settings())
    names = ("pipelines", "pipeline_boxes", "box_comments", "snippets")
    chosen = AssetSelection.assets(*(AssetKey(["streak", name]) for name in names)).without_checks()
    job = define_asset_job("in_processes", chosen, executor_def=multiprocess_executor)
    return Definitions.merge(project, Definitions(jobs=[job])).resolve_job_def("in_processes")
