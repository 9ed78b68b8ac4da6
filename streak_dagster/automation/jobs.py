"""What can be run as a whole: the two ways to refresh everything, and the checks alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dagster import AssetSelection, RunConfig, define_asset_job, in_process_executor

from streak_dagster.assets.step import RefreshConfig
from streak_dagster.namespace import OURS, Namespace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dagster import AssetChecksDefinition, AssetsDefinition

    from streak_dagster.dagster_internals import UnresolvedAssetJobDefinition
    from streak_dagster.tables import Table


class Jobs(NamedTuple):
    """The jobs of an account."""

    complete: UnresolvedAssetJobDefinition
    changed: UnresolvedAssetJobDefinition
    checks: UnresolvedAssetJobDefinition


def jobs_of(
    tables: Sequence[Table],
    assets: Sequence[AssetsDefinition],
    checks: Sequence[AssetChecksDefinition],
    names: Namespace = OURS,
) -> Jobs:
    """The jobs for the assets of these tables, their views and their checks.

    Each runs in one process, whatever executor a project has: the budget of calls is the limit, not the CPU,
    so parallel steps would gain nothing, and one process has no file lock to fight over.
    """
    everything = AssetSelection.assets(*assets)
    changed = names.of_account("changed")
    return Jobs(
        define_asset_job(
            names.of_account("complete"),
            selection=everything,
            config=config_of("complete", tables, names),
            tags=names.tags,
            executor_def=in_process_executor,
            description=f"Copies everything, and measures what {changed} would have missed since the "
            "last time.",
        ),
        define_asset_job(
            changed,
            selection=everything,
            config=changed_config(tables, names),
            tags=names.tags,
            executor_def=in_process_executor,
            description="Copies everything, but asks only for the children of boxes whose counters or times "
            "moved, and for the contacts that were saved since the last time.",
        ),
        define_asset_job(
            names.of_account("checks"),
            selection=AssetSelection.checks(*checks),
            tags=names.tags,
            executor_def=in_process_executor,
            description="Checks the tables as they are in DuckDB, without asking Streak.",
        ),
    )


def changed_config(tables: Iterable[Table], names: Namespace = OURS) -> RunConfig:
    """The config of a run of the job ``changed`` for these tables alone."""
    return config_of("changed", tables, names)


def config_of(mode: str, tables: Iterable[Table], names: Namespace = OURS) -> RunConfig:
    """The config of a run that refreshes these tables in a mode."""
    ops = [names.step(table.name) for table in tables if table.has_modes]
    return RunConfig(ops={name: RefreshConfig(refresh=mode) for name in ops})
