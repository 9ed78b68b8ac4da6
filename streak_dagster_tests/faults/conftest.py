"""Loads over a sandbox that fails, with a client that waits less long between its attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streak_dagster.api.client import StreakClient
from streak_dagster.sandbox import Fault, Sandbox, generated_workspace
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.waiting import MAX_WAIT


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A made-up workspace of 60 boxes, served without a limit of calls."""
    with sandbox_of(generated_workspace(60, seed=5)) as running:
        yield running


@pytest.fixture
def database(load: Load, sandbox: Sandbox, copies: Copies, tmp_path: Path) -> Path:
    """A true copy of that workspace; the journal is empty."""
    return copies.put("60 boxes of seed 5", tmp_path / "copy.duckdb", sandbox, load)


@pytest.fixture(autouse=True)
def own_budgets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The budgets of this process's clients end with the test."""
    folder = tmp_path / "budgets"
    folder.mkdir()
    monkeypatch.setattr("streak_dagster.api.rate_limiter.shared_directory", lambda: folder)
    return folder


@pytest.fixture
def impatient_after(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> Callable[[Fault], None]:
    """Clients give up silent answers soon, but only while a fault strikes that lets no call through.

    At other times a busy machine's slow answer would be taken for silence.
    """

    def impatient(fault: Fault) -> None:
        def read_seconds() -> float:
            return 0.4 if fault.struck and sandbox.faults.any else MAX_WAIT

        timeouts = property(lambda _: (MAX_WAIT, read_seconds()), lambda *_: None)
        monkeypatch.setattr(StreakClient, "_timeouts", timeouts, raising=False)

    return impatient
