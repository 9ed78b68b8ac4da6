"""What can be run as a whole: the two ways to refresh everything, and the checks alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster import AssetSelection, RunConfig, define_asset_job

from streak_dagster.assets.activity import RefreshConfig
from streak_dagster.checks.table_checks import ALL_CHECKS
from streak_dagster.tables import ALL_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

_EVERYTHING = AssetSelection.key_prefixes("streak")
_BOX_BY_BOX = [table.name for table in ALL_TABLES if table.parent == "pipeline_boxes"]


def changed_config(tables: Iterable[str]) -> RunConfig:
    """The config of a run of ``streak_changed`` for these tables alone."""
    return _config("changed", tables)


def _config(mode: str, tables: Iterable[str] = _BOX_BY_BOX) -> RunConfig:
    asked = [f"streak__{name}" for name in tables if name in _BOX_BY_BOX]
    return RunConfig(ops={name: RefreshConfig(refresh=mode) for name in asked})


streak_complete = define_asset_job(
    "streak_complete",
    selection=_EVERYTHING,
    config=_config("complete"),
    description="Copies everything, and measures what streak_changed would have missed since the last time.",
)

streak_changed = define_asset_job(
    "streak_changed",
    selection=_EVERYTHING,
    config=_config("changed"),
    description="Copies everything, but asks only for the children of boxes whose counters or times moved.",
)

streak_checks = define_asset_job(
    "streak_checks",
    # Not all checks there are: those of a reading can't be run without it.
    selection=AssetSelection.checks(*ALL_CHECKS),
    description="Checks the tables as they are in DuckDB, without asking Streak.",
)

ALL_JOBS = [streak_complete, streak_changed, streak_checks]
