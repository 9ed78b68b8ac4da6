"""A refresh that runs keeps the schedule and the sensor from starting another, whoever started it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest
from dagster import DagsterInstance, Definitions

from streak_dagster.sandbox import Sandbox
from streak_dagster.sync.refresh_lock import is_refreshing, refreshing
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.runs import running
from streak_dagster_tests.support.ticks import Sensor, schedule_tick
from streak_dagster_tests.support.waiting import MAX_WAIT

pytestmark = pytest.mark.slow

MOMENT = datetime(2026, 3, 5, 12, 0, tzinfo=timezone.utc)


def test_a_command_in_another_dagster_home_is_seen_until_it_is_killed(
    instance: DagsterInstance, define: Callable[..., Definitions], sandbox: Sandbox, tmp_path: Path
) -> None:
    definitions = define(sandbox)
    sensor = Sensor(definitions, instance)
    asked, go_on = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        asked.set()
        go_on.wait(MAX_WAIT)

    sandbox.faults.when("", hold)  # the first call, for whose answer all others wait
    other = {**environment(sandbox, tmp_path / "other.duckdb"), "DAGSTER_HOME": str(tmp_path)}
    try:
        with running(other, tmp_path) as command:
            assert asked.wait(MAX_WAIT), command.output
            told = "a refresh of this account is running on this machine"
            assert schedule_tick(definitions, instance, MOMENT).skip_message == f"Skipped, because {told}."
            before = len(sandbox.journal)
            assert sensor.tick().skip_message == f"Not looking, because {told}."
            assert len(sandbox.journal) == before
            command.kill()
            assert schedule_tick(definitions, instance, MOMENT).run_requests
    finally:
        go_on.set()


def test_any_number_may_refresh_and_the_last_one_leaves_nothing(tmp_path: Path) -> None:
    assert not is_refreshing("an account", directory=tmp_path)
    with refreshing("an account", directory=tmp_path):
        with refreshing("an account", directory=tmp_path):
            assert is_refreshing("an account", directory=tmp_path)
            assert not is_refreshing("another account", directory=tmp_path)
        assert is_refreshing("an account", directory=tmp_path)
    assert not is_refreshing("an account", directory=tmp_path)
    assert list(tmp_path.iterdir()) == []
