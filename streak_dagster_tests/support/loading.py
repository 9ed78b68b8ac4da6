"""Loading a sandbox through Dagster in this process, and what a load says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from dagster import (
    AssetChecksDefinition,
    AssetKey,
    AssetSelection,
    DagsterInstance,
    Definitions,
    ExecuteInProcessResult,
    define_asset_job,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.execution.plan.objects import StepFailureData

from streak_dagster import labels
from streak_dagster.definitions import build_definitions
from streak_dagster.sandbox import Sandbox
from streak_dagster.settings import load_settings
from streak_dagster_tests.support.fewer import exclude

UNCHECKED = "unchecked"
OF_READINGS = ("_was_read", "_would_be_true")
"""How the names of the checks of a reading end."""
FAST = "900"
"""Calls a second: only a server on this machine may be asked for that many."""


def environment(sandbox: Sandbox, database: Path, **more: str) -> dict[str, str]:
    """The settings of somebody whose account is the sandbox; see ``fewer`` for what may be left out."""
    return {
        "STREAK_API_KEY": sandbox.key,
        "STREAK_API_URL": sandbox.url,
        "STREAK_DUCKDB_PATH": str(database),
        "STREAK_CALLS_PER_SECOND": FAST,
        "STREAK_SCHEDULE": "off",  # or a test with a daemon would see another run at six o'clock
        "STREAK_SERVE": "off",  # what follows a refresh has tests of its own
        **exclude(),
        **more,
    }


def log_level(level: str) -> dict[str, object]:
    """The run config that lets Dagster print nothing below a level."""
    return {"loggers": {"console": {"config": {"log_level": level}}}}


@dataclass(frozen=True)
class Load:
    """Loads a sandbox into a database in this process; the fixture `load`.

    The checks, which take most of a small load's time, run only where it is `checked`, those of a reading
    alone where `readings` are. Dagster prints nothing below its `level`. Its settings last as long as the
    patches.
    """

    monkeypatch: pytest.MonkeyPatch
    instance: DagsterInstance
    checked: bool = False
    readings: bool = False
    level: str = "ERROR"

    def __call__(
        self,
        sandbox: Sandbox,
        database: Path,
        *,
        select: list[str] | None = None,
        job: str | None = None,
        **more: Any,
    ) -> ExecuteInProcessResult:
        """Materialize everything, or `select`, or what a `job` does; `more` are further settings."""
        return self.by(environment(sandbox, database, **more), select=select, job=job)

    def by(
        self, values: dict[str, str], *, select: list[str] | None = None, job: str | None = None
    ) -> ExecuteInProcessResult:
        """The same by settings that may be anybody's: with none of them the built-in sample is copied."""
        for name, value in values.items():
            self.monkeypatch.setenv(name, value)
        definitions = build_definitions(load_settings(values))
        if job or not self.checked:
            both = Definitions.merge(
                definitions, Definitions(jobs=[_unchecked(definitions, readings=self.readings)])
            )
            chosen = both.resolve_job_def(job or UNCHECKED)
        else:
            chosen = definitions.resolve_implicit_global_asset_job_def()
        keys = None if select is None else [AssetKey(["streak", name]) for name in select]
        return chosen.execute_in_process(
            instance=self.instance,
            raise_on_error=False,
            asset_selection=keys,
            run_config={**(chosen.run_config or {}), **log_level(self.level)},
        )


def _unchecked(definitions: Definitions, *, readings: bool) -> UnresolvedAssetJobDefinition:
    """A job that copies all, without the checks, or with those of a reading alone."""
    checks = cast("list[AssetChecksDefinition]", list(definitions.asset_checks or ()))
    kept = OF_READINGS if readings else ()
    left_out = [key for each in checks for key in each.check_keys if not key.name.endswith(kept)]
    everything = AssetSelection.key_prefixes("streak")
    return define_asset_job(UNCHECKED, everything - AssetSelection.checks(*left_out))


def failed(result: ExecuteInProcessResult) -> dict[str, StepFailureData]:
    """What Dagster keeps of each asset that failed."""
    return {
        str(event.step_key).removeprefix("streak__"): event.step_failure_data
        for event in result.all_events
        if event.is_step_failure
    }


def failures(result: ExecuteInProcessResult) -> dict[str, str]:
    """Our sentence for each asset that failed."""
    return {
        name: (data.user_failure_data and data.user_failure_data.description)
        or str(data.error and data.error.message)
        for name, data in failed(result).items()
    }


def calls(result: ExecuteInProcessResult) -> dict[str, int]:
    """The calls that each materialization of a table says it made."""
    found: dict[str, int] = {}
    for event in result.get_asset_materialization_events():
        if event.materialization.asset_key.path[0] != "streak":
            continue  # a view
        value = labels.figure(event.materialization.metadata, labels.CALLS)
        assert isinstance(value, int)
        found[event.materialization.asset_key.path[-1]] = value
    return found


def changed_rows(metadata: Mapping[str, Any]) -> tuple[int, int, int]:
    """The rows that a materialization says it inserted, updated and deleted."""
    inserted, updated, deleted = (
        labels.figure(metadata, each) for each in (labels.INSERTED, labels.UPDATED, labels.DELETED)
    )
    return inserted, updated, deleted
