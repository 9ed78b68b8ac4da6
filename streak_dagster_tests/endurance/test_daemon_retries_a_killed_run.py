"""A real daemon with ``run_retries`` starts a killed run again, from where it was killed."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus

from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster_tests.support.asked import IN_FLIGHT, asks, spooled
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.runs import running
from streak_dagster_tests.support.truth import differences
from streak_dagster_tests.support.waiting import MAX_WAIT

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

SETTINGS = "telemetry: {enabled: false}\nrun_retries: {enabled: true, max_retries: 2}\n"
LAUNCH = ["dagster", "job", "launch", "-m", "streak_dagster", "-j", "__ASSET_JOB"]


@pytest.fixture
def home() -> Iterator[Path]:
    """Short, because Dagster's processes meet at sockets below it."""
    with tempfile.TemporaryDirectory(prefix="streak-") as folder:
        (Path(folder) / "dagster.yaml").write_text(SETTINGS, encoding="utf-8")
        yield Path(folder)


def test_a_killed_run_is_taken_up_by_the_daemon(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    database = home / "streak.duckdb"
    values = {
        **environment(sandbox, database),
        "DAGSTER_HOME": str(home),
        "DAGSTER_EVENT_LOG_CONSUMER_DAEMON_INTERVAL_SECONDS": "1",
    }
    go_on = threading.Event()
    # The run doesn't get to its end before it is killed, however late that is.
    sandbox.faults.when("/tasks$", lambda _: go_on.wait(MAX_WAIT), skip=100)
    # Two processes that make the instance's storage at the same time fail of each other.
    with DagsterInstance.get() as instance, running(values, home, _daemon()) as daemon:
        with running(values, home, LAUNCH) as launch:
            assert launch.ends() == 0, launch.output
        daemon.awaits(lambda: spooled(database).get("box_tasks"))
        killed = instance.get_runs()[0]
        os.kill(_process_of(instance, killed), signal.SIGKILL)
        go_on.set()
        kept = spooled(database)
        daemon.awaits(lambda: _last(instance).status is DagsterRunStatus.SUCCESS)
        assert _last(instance).parent_run_id == killed.run_id
    assert differences(database, sandbox.workspace, Variants()) == []
    twice = {ask for ask, times in asks(sandbox.journal.arrivals).items() if times > 1}
    # What was asked before the kill can't be told: a busy sandbox takes in the dead run's last calls late.
    assert {ask.table for ask in twice} <= kept.keys()
    assert not [ask for ask in twice if ask in kept[ask.table]]
    assert len(twice) <= IN_FLIGHT


def _daemon() -> list[str]:
    return ["dagster-daemon", "run", "-m", "streak_dagster"]


def _process_of(instance: DagsterInstance, run: DagsterRun) -> int:
    events = [entry.dagster_event for entry in instance.all_logs(run.run_id)]
    pids = [event.pid for event in events if event is not None and event.is_step_start]
    assert pids[-1] is not None
    return pids[-1]


def _last(instance: DagsterInstance) -> DagsterRun:
    """The youngest run, which is the retry once there is one."""
    return instance.get_runs(limit=1)[0]
