"""An account, a true copy of it, and room for a run that will be killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dagster import ExecuteInProcessResult

from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster_tests.endurance.accounts import account
from streak_dagster_tests.endurance.budgets import forget_budget
from streak_dagster_tests.product.conftest import _clean_environment, instance, load
from streak_dagster_tests.truth import differences

__all__ = ["_clean_environment", "instance", "load"]

LATENCY = 0.06
"""Seconds that each answer takes, so that many calls are in flight when a run is killed."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(account(), rate=0, latency=LATENCY) as running:
        yield running
    forget_budget(running)


@pytest.fixture(scope="session")
def first_copy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Where the worker keeps a true copy of the account, once a test wants one."""
    return {}


@pytest.fixture
def database(
    load: Callable[..., ExecuteInProcessResult],
    sandbox: Sandbox,
    first_copy: dict[str, bytes],
    tmp_path: Path,
) -> Path:
    """A true copy of the sandbox's account as it is now; nothing has been asked of the sandbox."""
    path = tmp_path / "streak.duckdb"
    if not first_copy:
        sandbox.latency = 0
        assert load(sandbox, path).success
        sandbox.latency = LATENCY
        assert differences(path, sandbox.workspace, Variants()) == []
        first_copy["file"] = path.read_bytes()
        sandbox.journal.clear()
    path.write_bytes(first_copy["file"])
    return path
