"""The project for the account of a sandbox, with an instance on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dagster import Definitions

from streak_dagster.definitions import build_definitions
from streak_dagster.sandbox import Sandbox, Workspace, sample_workspace
from streak_dagster.settings import load_settings
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.sandboxes import sandbox_of


@pytest.fixture
def define(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Definitions]:
    """The project for the account of a sandbox, as this process's environment names it."""

    def made(sandbox: Sandbox, refresh_minutes: int | None = None, **more: str) -> Definitions:
        values = environment(sandbox, tmp_path / "copy.duckdb", **more)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings = load_settings(values)
        if refresh_minutes is not None:
            settings = replace(settings, refresh_minutes=refresh_minutes)
        return build_definitions(settings)

    return made


@pytest.fixture
def workspace() -> Workspace:
    """What the sandbox serves; a test's file may say otherwise."""
    return sample_workspace()


@pytest.fixture
def sandbox(workspace: Workspace) -> Iterator[Sandbox]:
    with sandbox_of(workspace) as running:
        yield running
