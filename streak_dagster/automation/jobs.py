"""What can be run as a whole: the two ways to refresh everything, and the checks alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dagster import AssetSelection, RunConfig, define_asset_job

from streak_dagster.assets.fetching import RefreshConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dagster import AssetChecksDefinition
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

    from streak_dagster.tables import Table

_EVERYTHING = AssetSelection.key_prefixes("streak", "streak_views")


class Jobs(NamedTuple):
    """The jobs of a project."""

    complete: UnresolvedAssetJobDefinition
    changed: UnresolvedAssetJobDefinition
    checks: UnresolvedAssetJobDefinition


def jobs_of(tables: Sequence[Table], checks: Sequence[AssetChecksDefinition]) -> Jobs:
    """The jobs for these tables and their checks."""
    return Jobs(
        define_asset_job(
            "streak_complete",
            selection=_EVERYTHING,
            config=config_of("complete", tables),
            description="Copies everything, and measures what streak_changed would have missed since the "
            "last time.",
        ),
        define_asset_job(
            "streak_changed",
            selection=_EVERYTHING,
            config=changed_config(tables),
            description="Copies everything, but asks only for the children of boxes whose counters or times "
            "moved, and for the contacts that were saved since the last time.",
        ),
        define_asset_job(
            "streak_checks",
            selection=AssetSelection.checks(*checks),
            description="Checks the tables as they are in DuckDB, without asking Streak.",
        ),
    )


def changed_config(tables: Iterable[Table]) -> RunConfig:
    """The config of a run of ``streak_changed`` for these tables alone."""
    return config_of("changed", tables)


def config_of(mode: str, tables: Iterable[Table]) -> RunConfig:
    """The config of a run that refreshes these tables in a mode."""
    ops = [f"streak__{table.name}" for table in tables if table.has_modes]
    return RunConfig(ops={name: RefreshConfig(refresh=mode) for name in ops})
