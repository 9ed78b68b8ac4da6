"""A run is called failed where its process is surely gone, and only there."""

from __future__ import annotations

import subprocess
import sys

import pytest
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus
from dagster._core.utils import make_new_run_id

from streak_dagster.automation.dead_runs import PROCESS, call_dead_runs_failed, process_mark

ACCOUNT = "an account that nobody refreshes"


@pytest.fixture(scope="module")
def dead() -> int:
    """The number of a process that was."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def started(instance: DagsterInstance, run_id: str, mark: str | None) -> str:
    tags = {} if mark is None else {PROCESS: mark}
    run = DagsterRun("__ASSET_JOB", run_id=run_id, status=DagsterRunStatus.STARTED, tags=tags)
    return instance.add_run(run).run_id


def test_one_whose_process_is_gone_failed_with_a_sentence(instance: DagsterInstance, dead: int) -> None:
    run_id = make_new_run_id()
    started(instance, run_id, f"{process_mark(run_id, dead)}1")
    assert call_dead_runs_failed(instance, ACCOUNT) == [run_id]
    run = instance.get_run_by_id(run_id)
    assert run is not None
    assert run.status is DagsterRunStatus.FAILURE
    told = [entry.message for entry in instance.all_logs(run_id)]
    assert any("ended without a word" in each and "goes on from there" in each for each in told)
    assert call_dead_runs_failed(instance, ACCOUNT) == []


@pytest.mark.parametrize("whose", ["alive", "of another run", "of another machine", "nobody's"])
def test_any_other_goes_on(instance: DagsterInstance, dead: int, whose: str) -> None:
    run_id = make_new_run_id()
    marks = {
        "alive": process_mark(run_id),
        # Who executes a run again gets its tags.
        "of another run": f"{process_mark(make_new_run_id(), dead)}1",
        "of another machine": f"{run_id} elsewhere {dead} 1",
        "nobody's": None,
    }
    started(instance, run_id, marks[whose])
    assert call_dead_runs_failed(instance, ACCOUNT) == []


def test_a_number_that_another_process_has_now_is_no_sign_of_life(instance: DagsterInstance) -> None:
    run_id = make_new_run_id()
    mark = process_mark(run_id)
    started(instance, run_id, f"{mark.rpartition(' ')[0]} 1")
    assert call_dead_runs_failed(instance, ACCOUNT) == [run_id]
