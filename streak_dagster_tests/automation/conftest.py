"""Dagster's schedule and sensors, evaluated with its own contexts on an instance on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, Definitions, RunRequest, build_schedule_context, build_sensor_context

from streak_dagster.definitions import build_definitions
from streak_dagster.sandbox import Sandbox
from streak_dagster.settings import load_settings
from streak_dagster_tests.endurance.budgets import forget_budget
from streak_dagster_tests.product.conftest import _clean_environment, environment, instance, load

__all__ = ["_clean_environment", "instance", "load"]


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
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(request.getfixturevalue("workspace"), rate=0) as running:
        yield running
    forget_budget(running)


class Sensor:
    """The sensor as the daemon drives it: the cursor of one tick is given to the next."""

    def __init__(self, definitions: Definitions, instance: DagsterInstance) -> None:
        self._definitions = definitions
        self._instance = instance
        self._sensor = definitions.resolve_sensor_def("streak_change_sensor")
        self.cursor: str | None = None

    def tick(self) -> Any:
        context = build_sensor_context(instance=self._instance, cursor=self.cursor)
        result = self._sensor.evaluate_tick(context)
        self.cursor = result.cursor if result.cursor is not None else self.cursor
        return result

    def asks(self) -> set[str]:
        """The tables that one tick asks to refresh; it must ask for some."""
        return tables(self.request())

    def request(self) -> RunRequest:
        result = self.tick()
        assert result.run_requests, result.skip_message
        assert len(result.run_requests) == 1
        return result.run_requests[0]

    def refresh(self, request: RunRequest) -> bool:
        """Do what a tick asked for, as the daemon would."""
        job = self._definitions.resolve_job_def("streak_changed")
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        return job.execute_in_process(
            instance=self._instance,
            run_config={**request.run_config, **quiet},
            asset_selection=request.asset_selection,
            raise_on_error=False,
        ).success


def tables(request: RunRequest) -> set[str]:
    assert request.asset_selection is not None
    return {key.path[-1] for key in request.asset_selection}


def schedule_tick(definitions: Definitions, instance: DagsterInstance, moment: datetime) -> Any:
    schedule = definitions.resolve_schedule_def("streak_complete_schedule")
    return schedule.evaluate_tick(build_schedule_context(instance, moment))
