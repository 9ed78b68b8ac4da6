"""In a home of ours, a run is dead by its process or by its silence; one that was to stop is canceled."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterEvent, DagsterEventType, DagsterInstance, DagsterRun, DagsterRunStatus

from streak_dagster.automation import dead_runs
from streak_dagster.automation.dead_runs import PROCESS, call_dead_runs_failed, process_mark
from streak_dagster.automation.old_runs import OWN_JOB
from streak_dagster.home import prepare_home
from streak_dagster_tests.automation.test_schedule import run_of

ACCOUNT = "account of these tests"
UNTIL_IT_MAY_END = [sys.executable, "-c", "import sys; sys.stdin.read()"]
STARTED, CANCELING = DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    """An instance in a home that we made."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "ours"))
    prepare_home("data/crm.duckdb")
    with DagsterInstance.get() as instance:
        yield instance


def marked(
    instance: DagsterInstance, status: DagsterRunStatus = STARTED, *, ended: bool = True
) -> DagsterRun:
    """A run with the mark of a process that has ended since, or of this one."""
    run = run_of("__ASSET_JOB", status)
    with subprocess.Popen(UNTIL_IT_MAY_END, stdin=subprocess.PIPE) as process:
        mark = process_mark(run.run_id, process.pid if ended else None)
    return instance.add_run(run.with_tags({PROCESS: mark}))


def status_of(instance: DagsterInstance, run: DagsterRun) -> DagsterRunStatus:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found.status


def test_a_run_is_judged_by_its_process(ours: DagsterInstance) -> None:
    alive, dead = marked(ours, ended=False), marked(ours)
    assert call_dead_runs_failed(ours, ACCOUNT) == [dead.run_id]
    assert [status_of(ours, run) for run in (alive, dead)] == [STARTED, DagsterRunStatus.FAILURE]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks Linux")
def test_a_process_that_nobody_has_waited_for_is_over(ours: DagsterInstance) -> None:
    run = run_of("__ASSET_JOB", STARTED)
    with subprocess.Popen(UNTIL_IT_MAY_END, stdin=subprocess.PIPE) as process:
        mark = process_mark(run.run_id, process.pid)
        run = ours.add_run(run.with_tags({PROCESS: mark}))
        assert process.stdin is not None
        process.stdin.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it stays as it is
        assert call_dead_runs_failed(ours, ACCOUNT) == [run.run_id]


def test_one_that_was_told_to_stop_is_canceled_so_that_nobody_retries_it(ours: DagsterInstance) -> None:
    dead = marked(ours, CANCELING)
    assert call_dead_runs_failed(ours, ACCOUNT) == [dead.run_id]
    assert status_of(ours, dead) is DagsterRunStatus.CANCELED


def test_one_that_ends_well_meanwhile_stays_so(
    ours: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = marked(ours)

    def ends(_: DagsterInstance, seen: DagsterRun, *__: object) -> bool:
        ours.handle_run_event(seen.run_id, _success(seen))
        return True

    monkeypatch.setattr(dead_runs, "_is_dead", ends)
    assert call_dead_runs_failed(ours, ACCOUNT) == []
    assert status_of(ours, run) is DagsterRunStatus.SUCCESS


@pytest.mark.parametrize(("job", "minutes"), [("streak_complete", 6), (OWN_JOB, 31)])
def test_one_without_a_mark_is_dead_once_it_is_silent_for_longer_than_it_can_be(
    ours: DagsterInstance, monkeypatch: pytest.MonkeyPatch, job: str, minutes: int
) -> None:
    run = ours.add_run(run_of(job, STARTED))
    ours.report_engine_event("It began.", run)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + (minutes - 2) * 60)
    assert call_dead_runs_failed(ours, ACCOUNT) == []
    monkeypatch.setattr(time, "time", lambda: now + minutes * 60)
    assert call_dead_runs_failed(ours, ACCOUNT) == [run.run_id]


def test_a_process_of_another_machine_or_container_is_not_looked_for_here(
    ours: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = marked(ours)
    ours.report_engine_event("It began.", dead)
    monkeypatch.setattr(dead_runs, "_machine", lambda: "elsewhere")
    assert call_dead_runs_failed(ours, ACCOUNT) == []


def _success(run: DagsterRun) -> DagsterEvent:
    return DagsterEvent(DagsterEventType.PIPELINE_SUCCESS.value, run.job_name)
