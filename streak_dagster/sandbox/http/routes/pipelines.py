"""Pipelines, stages and field definitions, as v1 and as v2 show them."""

from __future__ import annotations

from typing import get_args

from ...objects.types import Json, with_key
from ...workspace.boxes import SortBy
from ..call import Call, HTTPError
from ..paging import page_of
from ..routing import Route, slow
from ..shapes import shape_field, shape_pipeline, shape_stage


def _sorted(call: Call) -> list[Json]:
    """All pipelines, descending by `sortBy`. An unknown value of it doesn't fail (API notes 3.3)."""
    pipelines = call.workspace.pipelines()
    sort_by = call.choice("sortBy", get_args(SortBy))
    if sort_by:
        pipelines.sort(key=lambda each: int(each[sort_by]), reverse=True)
    return pipelines


@slow
def v1_list(call: Call) -> list[Json]:
    """A bare array, never paged."""
    return [shape_pipeline(each, call.variants, version=1) for each in _sorted(call)]


@slow
def v2_list(call: Call) -> Json:
    """Wrapped and paged."""
    found, more = page_of(call, _sorted(call))
    return call.wrapped([shape_pipeline(each, call.variants, version=2) for each in found], more=more)


@slow
def v1_one(call: Call, key: str) -> Json:
    """One pipeline."""
    return shape_pipeline(call.workspace.pipeline(key), call.variants, version=1)


@slow
def v2_one(call: Call, key: str) -> Json:
    """One pipeline without `pipelineKey` and other properties of v1."""
    return shape_pipeline(call.workspace.pipeline(key), call.variants, version=2)


@slow
def stages(call: Call, pipeline_key: str) -> Json:
    """A map keyed by stage key; its order means nothing, so it isn't the display order."""
    found = call.workspace.stages(pipeline_key)
    return {
        each["key"]: shape_stage(each, call.variants)
        for each in sorted(found, key=lambda each: str(each["name"]))
    }


@slow
def v2_stages(call: Call, pipeline_key: str) -> Json:
    """The map of OpenAPI 2026, or the 400 recorded a few months earlier."""
    if call.variants.stages_v2 == "400":
        raise HTTPError(400, "Invalid API path specified")
    return stages(call, pipeline_key)


@slow
def stage(call: Call, pipeline_key: str, key: str) -> Json:
    """One stage."""
    return shape_stage(with_key(call.workspace.stages(pipeline_key), key), call.variants)


def fields(call: Call, pipeline_key: str) -> list[Json]:
    """A bare array in stored order."""
    return [shape_field(each, call.variants) for each in call.workspace.fields(pipeline_key)]


def field(call: Call, pipeline_key: str, key: str) -> Json:
    """One field definition."""
    return shape_field(with_key(call.workspace.fields(pipeline_key), key), call.variants)


ROUTES: list[Route] = [
    ("GET", "v1/pipelines", v1_list),
    ("GET", "v2/pipelines", v2_list),
    ("GET", "v1/pipelines/*", v1_one),
    ("GET", "v2/pipelines/*", v2_one),
    ("GET", "v1/pipelines/*/stages", stages),
    ("GET", "v2/pipelines/*/stages", v2_stages),
    ("GET", "v1/pipelines/*/stages/*", stage),
    ("GET", "v2/pipelines/*/stages/*", stage),
    ("GET", "v1/pipelines/*/fields", fields),
    ("GET", "v1/pipelines/*/fields/*", field),
]
