"""Where everything is put together."""

from __future__ import annotations

from dagster import Definitions, EnvVar, in_process_executor

from streak_dagster.assets import ALL_ASSETS
from streak_dagster.automation.jobs import ALL_JOBS
from streak_dagster.io_manager import StreakDuckDBIOManager
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.settings import Settings, load_settings


def build_definitions(settings: Settings) -> Definitions:
    """The project for these settings. The key is named, not read: Dagster resolves it in the run."""
    return Definitions(
        assets=ALL_ASSETS,
        jobs=ALL_JOBS,
        resources={
            "streak": StreakResource(
                api_key=EnvVar("STREAK_API_KEY") if settings.has_key else None,
                api_url=settings.api_url,
                calls_per_second=settings.calls_per_second,
                page_size=settings.page_size,
                pipelines=list(settings.pipelines),
                refresh=settings.refresh,
                complete_every_hours=settings.complete_every_hours,
            ),
            "warehouse": WarehouseResource(
                database=settings.database,
                lock_wait=settings.lock_wait,
                max_shrink=settings.max_shrink,
                allow_account_change=settings.allow_account_change,
            ),
            "io_manager": StreakDuckDBIOManager(
                database=settings.database,
                lock_wait=settings.lock_wait,
                max_shrink=settings.max_shrink,
            ),
        },
        # The budget of calls is the limit, not the CPU: parallel steps would gain nothing, and one
        # process has no file lock to fight over.
        executor=in_process_executor,
    )


defs = build_definitions(load_settings())
