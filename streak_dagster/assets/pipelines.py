"""Pipelines, and what defines them: their stages and their custom fields."""

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
from dagster import AssetCheckResult, AssetExecutionContext, Output

from streak_dagster.api.paging import keyed_records
from streak_dagster.assets.base import keys_of_this_account, refresh_session, streak_asset
from streak_dagster.checks.pipelines import pipeline_reading_check, pipeline_reading_result
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.sync.refresh import Derived, Refresh
from streak_dagster.sync.selection import PipelineSelection
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import PIPELINE_FIELDS, PIPELINE_STAGES, PIPELINES


@streak_asset(PIPELINES)
def pipelines(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Refresh:
    with refresh_session(context, streak, warehouse) as refresher:
        refresh = refresher.fetch(PIPELINES)
        selection = PipelineSelection(streak.pipelines, refresh)
        selection.apply(refresher.report)
        before = keys_of_this_account(streak, warehouse, "pipelines")
        vanished = [key for key in before if key not in selection.listed]
        refused = refresher.confirm_pipelines(refresh, vanished)
        selection.refuse_lost_permission(refused, warehouse.max_shrink)
        return refresh


@streak_asset(PIPELINE_STAGES, reads={"pipelines": ("key", "stages", "stage_order", "_synced_at")})
def pipeline_stages(
    context: AssetExecutionContext,
    streak: StreakResource,
    warehouse: WarehouseResource,
    pipelines: pd.DataFrame,
) -> Refresh:
    with refresh_session(context, streak, warehouse) as refresher:
        return refresher.derive(PIPELINE_STAGES, stages_of(pipelines))


@streak_asset(PIPELINE_FIELDS, reads={"pipelines": ("key", "name")}, checks=pipeline_reading_check)
def pipeline_fields(
    context: AssetExecutionContext,
    streak: StreakResource,
    warehouse: WarehouseResource,
    pipelines: pd.DataFrame,
) -> Iterator[Output[Refresh] | AssetCheckResult]:
    with refresh_session(context, streak, warehouse) as refresher:
        refresh = refresher.fetch(PIPELINE_FIELDS, [Parent(key) for key in pipelines["key"]])
    yield Output(refresh)
    yield pipeline_reading_result(refresh, names_of(pipelines))


def stages_of(pipelines: pd.DataFrame) -> Iterator[Derived]:
    """The stages that each row of ``pipelines`` (key, stages, stage_order, _synced_at) holds."""
    columns = (pipelines[name] for name in ("key", "stages", "stage_order", "_synced_at"))
    for key, stages, order, synced_at in zip(*columns, strict=True):
        places = {stage: place for place, stage in enumerate(json_or(order, [])) if isinstance(stage, str)}
        listed = [stage for stage in json_or(stages, []) if isinstance(stage, dict)]
        found = listed or keyed_records(json_or(stages, {}))
        records = [(places.get(str(stage.get("key"))), stage) for stage in found]
        yield Derived(key, records, round(synced_at.timestamp() * 1000))


def names_of(pipelines: pd.DataFrame) -> dict[str, str]:
    """What the pipelines are called, by key; empty for one without a name."""
    named = zip(pipelines["key"], pipelines["name"], strict=True)
    return {key: name if isinstance(name, str) else "" for key, name in named}


def json_or(text: object, default: Any) -> Any:
    """The value of a JSON column's cell; ``default`` where it is NULL or of another kind."""
    value = json.loads(text) if isinstance(text, str) else None
    return value if isinstance(value, type(default)) else default
