"""Where everything is put together."""

from __future__ import annotations

import warnings
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from dagster import (
    AssetsDefinition,
    Definitions,
    FreshnessPolicy,
    in_process_executor,
    map_asset_specs,
    with_source_code_references,
)

from streak_dagster.assets import assets_of
from streak_dagster.assets.views import view_assets_of
from streak_dagster.automation.alerts import failure_alert
from streak_dagster.automation.due import LATE, STALE
from streak_dagster.automation.housekeeping import housekeeping_schedule
from streak_dagster.automation.jobs import jobs_of
from streak_dagster.automation.schedule import refresh_schedule
from streak_dagster.automation.sensor import change_sensor
from streak_dagster.checks.table_checks import checks_of
from streak_dagster.exclusion import chosen_tables
from streak_dagster.familiar import understand_familiar_selections
from streak_dagster.io_manager import StreakDuckDBIOManager
from streak_dagster.resources import WarehouseResource, streak_resource, warehouse_resource
from streak_dagster.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence


def build_definitions(settings: Settings) -> Definitions:
    """The project for these settings. Keys are named, not read: Dagster resolves them in the run."""
    streak, warehouse = streak_resource(settings), warehouse_resource(settings)
    # Only so is it one resource to Dagster, whoever asks for it, also where a run's config says otherwise.
    in_a_run = WarehouseResource.configure_at_launch(**warehouse.model_dump())
    io_manager = StreakDuckDBIOManager(warehouse=in_a_run)
    fresh = _freshness(settings)
    tables = chosen_tables(settings.exclude)
    assets = [*assets_of(tables), *view_assets_of(tables)]
    checks = checks_of(tables)
    jobs = jobs_of(tables, checks)
    return Definitions(
        assets=_linked_to_code(
            map_asset_specs(lambda spec: spec.replace_attributes(freshness_policy=fresh), assets)
        ),
        asset_checks=checks,
        jobs=jobs,
        schedules=[refresh_schedule(settings, streak, jobs), housekeeping_schedule(settings)],
        sensors=[change_sensor(settings, streak, warehouse, jobs.changed), failure_alert(settings)],
        resources={"streak": streak, "warehouse": in_a_run, "io_manager": io_manager},
        # The budget of calls is the limit, not the CPU: parallel steps would gain nothing, and one
        # process has no file lock to fight over.
        executor=in_process_executor,
    )


def _linked_to_code(assets: Sequence[AssetsDefinition]) -> Sequence[AssetsDefinition]:
    """The assets with a link to their code; Dagster would warn every user that this part of it is young."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r".* is currently in (beta|preview)")
        return cast("Sequence[AssetsDefinition]", with_source_code_references(assets))


def _freshness(settings: Settings) -> FreshnessPolicy:
    """Late when a refresh was missed, and stale when the next one was, too."""
    interval = timedelta(minutes=settings.refresh_minutes)
    return FreshnessPolicy.time_window(warn_window=interval * LATE, fail_window=interval * STALE)


understand_familiar_selections()
defs = build_definitions(load_settings())
