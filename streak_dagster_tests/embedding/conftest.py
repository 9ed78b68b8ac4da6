"""Accounts of sandboxes, for projects that aren't ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from streak_dagster import StreakAccount
from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster_tests.support.loading import FAST
from streak_dagster_tests.support.sandboxes import sandbox_of

AccountOf = Callable[..., StreakAccount]


def account_in(folder: Path, sandbox: Sandbox, name: str, **more: Any) -> StreakAccount:
    """The account of a sandbox by a name, as a value, with a database in the folder."""
    usual: dict[str, Any] = {
        "api_key": sandbox.key,
        "api_url": sandbox.url,
        "database": str(folder / f"{name}.duckdb"),
        "calls_per_second": float(FAST),
        "schedule": False,
        "serve": False,
    }
    return StreakAccount(name=name, **{**usual, **more})


@pytest.fixture
def acme() -> Iterator[Sandbox]:
    with sandbox_of(generated_workspace(12, seed=1)) as running:
        yield running


@pytest.fixture
def globex() -> Iterator[Sandbox]:
    """Another server with other data, and another key."""
    with sandbox_of(generated_workspace(17, seed=2), key="of-globex") as running:
        yield running


@pytest.fixture
def account_of(tmp_path: Path) -> AccountOf:
    """The account of a sandbox by a name, as a value, with a database in the test's folder."""
    return partial(account_in, tmp_path)
