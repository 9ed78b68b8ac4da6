"""An account, a true copy of it, and room for a run that will be killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.support.accounts import account
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.sandboxes import sandbox_of

LATENCY = 0.06
"""Seconds that each answer takes, so that many calls are in flight when a run is killed."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with sandbox_of(account(), latency=LATENCY) as running:
        yield running


@pytest.fixture
def database(load: Load, sandbox: Sandbox, copies: Copies, tmp_path: Path) -> Path:
    """A true copy of the sandbox's account as it is now; nothing has been asked of the sandbox."""
    return copies.put("endured", tmp_path / "streak.duckdb", sandbox, load)
