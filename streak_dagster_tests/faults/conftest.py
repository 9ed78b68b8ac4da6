"""Loads over a sandbox that fails, with a client that waits less long between its attempts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from dagster import RetryPolicy

from streak_dagster.api.retries import Patience
from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster_tests.product.conftest import _clean_environment, load

__all__ = ["_clean_environment", "load"]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A made-up workspace of 60 boxes, served without a limit of calls."""
    with Sandbox(generated_workspace(60, seed=5), rate=0) as running:
        yield running


@pytest.fixture
def database(load: Any, sandbox: Sandbox, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A true copy of that workspace; made once, as it is the same for every test. The journal is empty."""
    first = tmp_path_factory.getbasetemp() / "first.duckdb"
    if not first.exists():
        assert load(sandbox, first).success
        sandbox.journal.clear()
    return Path(shutil.copy(first, tmp_path / "copy.duckdb"))


@pytest.fixture(autouse=True)
def own_budgets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The budgets of this process's clients end with the test."""
    folder = tmp_path / "budgets"
    folder.mkdir()
    monkeypatch.setattr("streak_dagster.api.limits.shared_directory", lambda: folder)
    return folder


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Shorten every wait: of the client, of the budget and of Dagster. Says how long a call may be tried."""

    def hurry(*, attempts: int = 6, seconds: float = 60.0, read_seconds: float = 20.0) -> None:
        patience = partial(Patience, attempts=attempts, seconds=seconds, first_wait=0.01, longest_wait=0.05)
        monkeypatch.setattr("streak_dagster.api.client.Patience", patience)
        monkeypatch.setattr("streak_dagster.api.client.READ_SECONDS", read_seconds)
        monkeypatch.setattr("streak_dagster.api.client.PAUSE_WITHOUT_ADVICE", 0.02)
        monkeypatch.setattr("streak_dagster.api.limits.LONGEST_PAUSE", 0.1)
        monkeypatch.setattr(RetryPolicy, "calculate_delay", lambda *_: 0.05)

    return hurry
