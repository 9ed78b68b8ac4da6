"""What an asset calls for its table, in its step: what was read ahead of it, or what is read now.

An asset of a kind that needs no more calls ``fetch_list``, ``fetch_planned`` or ``derive``.
"""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

from dagster import AssetExecutionContext, Config

from streak_dagster.assets.ahead import Readings
from streak_dagster.failures import named_failures
from streak_dagster.settings import field_of
from streak_dagster.tables import ALL_TABLES
from streak_dagster.views import picture

if TYPE_CHECKING:
    from streak_dagster.resources import StreakResource, WarehouseResource
    from streak_dagster.sync.fetched import Fetched
    from streak_dagster.tables import Table

PICTURES = "streak_views__pipelines"
"""The step that draws, after all calls."""
RETRY_AFTER = 10.0
"""Seconds, about, before an asset is run again; doubled for the next time."""


class RefreshConfig(Config):
    """How much of what can be asked for in part is read in one run."""

    refresh: str | None = field_of("STREAK_REFRESH", default=None, note="Unset: as for other runs.")


def fetch_list(
    table: Table, context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    """The whole list of the account, or that of each row of the parent as it is published.

    Raises ValueError for a planned table, whose parents are too many to ask all of them each time, and for
    one that can be asked for what changed.
    """
    if table.is_planned:
        raise ValueError(f"{table.name} is planned: its asset calls fetch_planned, not fetch_list")
    if table.changed_since is not None:
        raise ValueError(f"{table.name} has modes: its asset calls fetch_since, not fetch_list")
    return _fetched(table, context, streak, warehouse)


def fetch_planned(
    table: Table,
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Fetched:
    """The lists of the parent's rows that a plan says to fetch: all, or those that can have changed.

    Raises ValueError for a table that isn't planned: nothing shows which of its parents changed.
    """
    if not table.is_planned:
        raise ValueError(f"{table.name} isn't planned: its asset calls fetch_list, not fetch_planned")
    return _fetched(table, context, streak, warehouse, mode=config.refresh or streak.refresh)


def fetch_since(
    table: Table,
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Fetched:
    """The list of each row of the parent: all of it, or what was saved since a moment.

    Raises ValueError for a table whose lists can't be asked so.
    """
    if table.changed_since is None:
        raise ValueError(f"{table.name} can't be asked for what changed: its asset calls fetch_list")
    return _fetched(table, context, streak, warehouse, mode=config.refresh or streak.refresh)


def derive(
    table: Table, context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    """The rows that the parent's rows hold; they are taken out as they are published, without a call."""
    return _fetched(table, context, streak, warehouse)


def _fetched(
    table: Table,
    context: AssetExecutionContext,
    streak: StreakResource,
    warehouse: WarehouseResource,
    *,
    mode: str | None = None,
) -> Fetched:
    """What a step of Dagster's gets of its table: it was read ahead, or is read now.

    ``mode``, of a table that has them, is one of ``REFRESH_MODES``.
    """
    doing = f"refreshing {context.asset_key.to_user_string()}"
    with named_failures(doing, context.instance, context.run.run_id, tried=context.retry_number):
        _wait_before_retry(context)
        return _readings(context, streak, warehouse).read(table, mode, context.log)


def _readings(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Readings:
    """The readings of the run, which begin with the first of its steps that asks."""

    def begin() -> Readings:
        step = context.get_step_execution_context()
        steps = [each.key for each in step.execution_plan.get_steps_to_execute_in_topo_order()]
        by_step = {f"streak__{table.name}": table for table in ALL_TABLES}
        tables = [by_step[each] for each in steps if each in by_step]  # as Dagster comes for them
        ops = step.resolved_run_config.ops
        modes = {
            table.name: (ops[f"streak__{table.name}"].config or {}).get("refresh") or streak.refresh
            for table in tables
            if table.has_modes
        }
        if PICTURES in steps:
            threading.Thread(target=picture.prepare, name="streak-pictures", daemon=True).start()
        refreshed = {key.path[-1] for key in context.job_def.asset_layer.executable_asset_keys}
        readings = Readings(streak, warehouse, tables, modes, refreshed)
        warehouse.on_publication(readings.published)
        return readings

    return streak.for_the_run(begin)


def _wait_before_retry(context: AssetExecutionContext) -> None:
    """Give what failed some time. Here, because Dagster's own waiting can't be interrupted."""
    if context.retry_number:
        seconds = RETRY_AFTER * 2 ** (context.retry_number - 1) * random.uniform(0.5, 1.5)  # noqa: S311
        context.log.info("%s: going on in %.0f s", context.asset_key.to_user_string(), seconds)
        time.sleep(seconds)
