"""Loading a sandbox through Dagster, as a user would, in this process or another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dagster import (
    AssetKey,
    AssetSelection,
    DagsterInstance,
    Definitions,
    ExecuteInProcessResult,
    RetryPolicy,
    define_asset_job,
)

from streak_dagster.checks.table_checks import ALL_CHECKS
from streak_dagster.definitions import build_definitions
from streak_dagster.sandbox import Sandbox
from streak_dagster.settings import load_settings

UNCHECKED = define_asset_job(
    "unchecked", AssetSelection.key_prefixes("streak") - AssetSelection.checks(*ALL_CHECKS)
)
FAST = "900"
"""Calls a second: only a server on this machine may be asked for that many."""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's own reaches a test, and relative paths end in its folder."""
    for name in list(os.environ):
        if name.startswith(("STREAK_", "DAGSTER_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    """An instance on disk, as ``DAGSTER_HOME`` names it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with DagsterInstance.get() as instance:
        yield instance


def environment(sandbox: Sandbox, database: Path, **more: str) -> dict[str, str]:
    return {
        "STREAK_API_KEY": sandbox.key,
        "STREAK_API_URL": sandbox.url,
        "STREAK_DUCKDB_PATH": str(database),
        "STREAK_CALLS_PER_SECOND": FAST,
        "STREAK_SCHEDULE": "off",  # or a test with a daemon would see another run at six o'clock
        **more,
    }


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ExecuteInProcessResult]:
    """Materialize everything, or ``select``, from a sandbox into a database, in this process.

    The checks of the tables, which take most of a small load's time, only where it is ``checked``. An
    asset that is retried doesn't wait first.
    """
    monkeypatch.setattr(RetryPolicy, "calculate_delay", lambda *_: 0.05)

    def run(
        sandbox: Sandbox,
        database: Path,
        *,
        select: list[str] | None = None,
        job: str | None = None,
        checked: bool = False,
        **more: str,
    ) -> ExecuteInProcessResult:
        values = environment(sandbox, database, **more)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        definitions = build_definitions(load_settings(values))
        if job or not checked:
            both = Definitions.merge(definitions, Definitions(jobs=[UNCHECKED]))
            chosen = both.resolve_job_def(job or UNCHECKED.name)
        else:
            chosen = definitions.resolve_implicit_global_asset_job_def()
        config = dict(chosen.run_config or {})
        keys = None if select is None else [AssetKey(["streak", name]) for name in select]
        with DagsterInstance.ephemeral() as instance:
            return chosen.execute_in_process(
                instance=instance,
                raise_on_error=False,
                asset_selection=keys,
                run_config={**config, "loggers": {"console": {"config": {"log_level": "ERROR"}}}},
            )

    return run


def command(
    arguments: list[str], values: dict[str, str], cwd: Path, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment's ``bin``, with nothing of the developer's settings."""
    program = Path(sys.executable).with_name(arguments[0])
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("STREAK_", "DAGSTER_"))
    }
    return subprocess.run(
        [str(program), *arguments[1:]],
        env={**clean, "DAGSTER_DISABLE_TELEMETRY": "1", **values},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        **more,
    )


def failures(result: ExecuteInProcessResult) -> dict[str, str]:
    """Our sentence for each asset that failed."""
    found = {}
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            told = data.user_failure_data.description if data.user_failure_data else data.error.message
            found[event.step_key.removeprefix("streak__")] = told
    return found


def calls(result: ExecuteInProcessResult) -> dict[str, int]:
    """The calls that each materialization says it made."""
    return {
        event.materialization.asset_key.path[-1]: event.materialization.metadata["calls"].value
        for event in result.get_asset_materialization_events()
    }
