"""What an asset calls for its table, in its step: what was read ahead of it, or what is read now.

An asset of a kind that needs no more calls ``fetch_list``, ``fetch_planned`` or ``derive``.
"""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

from streak_dagster.assets.ahead import Readings
from streak_dagster.errors import TableMissingError
from streak_dagster.failures import named_failures
from streak_dagster.tables import ALL_TABLES
from streak_dagster.views import picture
from streak_dagster.warehouse.session import missing_table

if TYPE_CHECKING:
    from dagster import AssetExecutionContext

    from streak_dagster.assets.step import Step
    from streak_dagster.sync.fetched import Fetched
    from streak_dagster.tables import Table

PICTURES = "pipelines"
"""The view whose step draws, after all calls."""
RETRY_AFTER = 10.0
"""Seconds, about, before an asset is run again; doubled for the next time."""


def fetch_list(table: Table, step: Step) -> Fetched:
    """The whole list of the account, or that of each row of the parent as it is published.

    Raises ValueError for a planned table, whose parents are too many to ask all of them each time, and for
    one that can be asked for what changed.
    """
    if table.is_planned:
        raise ValueError(f"{table.name} is planned: its asset calls fetch_planned, not fetch_list")
    if table.changed_since is not None:
        raise ValueError(f"{table.name} has modes: its asset calls fetch_since, not fetch_list")
    return _fetched(table, step)


def fetch_planned(table: Table, step: Step) -> Fetched:
    """The lists of the parent's rows that a plan says to fetch: all, or those that can have changed.

    Raises ValueError for a table that isn't planned: nothing shows which of its parents changed.
    """
    if not table.is_planned:
        raise ValueError(f"{table.name} isn't planned: its asset calls fetch_list, not fetch_planned")
    return _fetched(table, step, mode=step.refresh or step.streak.refresh)


def fetch_since(table: Table, step: Step) -> Fetched:
    """The list of each row of the parent: all of it, or what was saved since a moment.

    Raises ValueError for a table whose lists can't be asked so.
    """
    if table.changed_since is None:
        raise ValueError(f"{table.name} can't be asked for what changed: its asset calls fetch_list")
    return _fetched(table, step, mode=step.refresh or step.streak.refresh)


def derive(table: Table, step: Step) -> Fetched:
    """The rows that the parent's rows hold; they are taken out as they are published, without a call."""
    return _fetched(table, step)


def _fetched(table: Table, step: Step, *, mode: str | None = None) -> Fetched:
    """What a step of Dagster's gets of its table: it was read ahead, or is read now.

    ``mode``, of a table that has them, is one of ``REFRESH_MODES``.
    """
    context = step.context
    doing = f"refreshing {context.asset_key.to_user_string()}"
    with named_failures(
        doing,
        context.instance,
        context.run.run_id,
        tried=context.retry_number,
        words=step.warehouse.worded,
    ):
        _wait_before_retry(context)
        try:
            return _readings(step).read(table, mode, context.log)
        except TableMissingError as error:  # named by the key that the project gave it
            if not error.table:
                raise
            asset = step.names.table(error.table).to_user_string()
            raise missing_table(error.location, error.schema, error.table, asset) from None


def _readings(step: Step) -> Readings:
    """The readings of the run for this account, which begin with the first of its steps that asks."""
    streak, warehouse, names = step.streak, step.warehouse, step.names

    def begin() -> Readings:
        of_run = step.context.get_step_execution_context()
        steps = [each.key for each in of_run.execution_plan.get_steps_to_execute_in_topo_order()]
        by_step = {names.step(table.name): table for table in ALL_TABLES}
        tables = [by_step[each] for each in steps if each in by_step]  # as Dagster comes for them
        ops = of_run.resolved_run_config.ops
        modes = {
            table.name: (ops[names.step(table.name)].config or {}).get("refresh") or streak.refresh
            for table in tables
            if table.has_modes
        }
        if names.view(PICTURES).to_python_identifier() in steps:
            threading.Thread(target=picture.prepare, name="streak-pictures", daemon=True).start()
        made = step.context.job_def.asset_layer.executable_asset_keys
        refreshed = {table.name for table in ALL_TABLES if names.table(table.name) in made}
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
