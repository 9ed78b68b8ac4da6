"""Dagster's retry of an asset and its re-execution of a run go on where Streak or the key failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from dagster import (
    DagsterEventType,
    DagsterInstance,
    JobExecutionResult,
    ReexecutionOptions,
    execute_job,
    reconstructable,
)

from streak_dagster.api.retries import RetryLimits
from streak_dagster.failures import NO_RUN_RETRY
from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster_tests.support.accounts import all_boxes
from streak_dagster_tests.support.asked import Ask, asks, spooled
from streak_dagster_tests.support.jobs import everything
from streak_dagster_tests.support.loading import environment, log_level
from streak_dagster_tests.support.truth import differences

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

Execute = Callable[..., JobExecutionResult]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "streak.duckdb"


@pytest.fixture
def execute(
    instance: DagsterInstance,
    sandbox: Sandbox,
    copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    prompt_retries: None,
) -> Iterator[Execute]:
    """Run everything, or what ``after`` left undone; the client and Dagster lose patience soon."""
    impatient = partial(RetryLimits, attempts=2, first_wait=0.01, longest_wait=0.05)
    monkeypatch.setattr("streak_dagster.api.client.RetryLimits", impatient)
    for name, value in environment(sandbox, copy).items():
        monkeypatch.setenv(name, value)

    def run(after: JobExecutionResult | None = None) -> JobExecutionResult:
        options = ReexecutionOptions.from_failure(after.run_id, instance) if after else None
        job = reconstructable(everything)
        result = execute_job(job, instance, run_config=log_level("CRITICAL"), reexecution_options=options)
        return results.enter_context(result)

    with ExitStack() as results:
        yield run


def retried(result: JobExecutionResult) -> list[str | None]:
    return [e.step_key for e in result.all_events if e.event_type is DagsterEventType.STEP_UP_FOR_RETRY]


def materialized(result: JobExecutionResult) -> set[str]:
    keys = [each.asset_key for each in result.all_events if each.is_step_materialization]
    return {key.path[-1] for key in keys if key is not None}


def test_a_reexecution_from_failure_leaves_alone_what_was_published(
    execute: Execute, sandbox: Sandbox, copy: Path
) -> None:
    sandbox.faults.when("/tasks$", lambda _: sandbox.revoke(), skip=70)
    failed = execute()
    assert not failed.success
    done, kept = materialized(failed), spooled(copy)
    assert {"pipeline_boxes", "box_comments"} <= done
    assert len(kept["box_tasks"]) > 0
    sandbox.restore()
    sandbox.journal.clear()
    resumed = execute(after=failed)
    assert resumed.success
    assert not materialized(resumed) & done
    asked = asks(sandbox.journal.arrivals)
    # The last calls for meetings, which are asked for before, may meet the revoked key, too.
    behind = {"box_meetings", "box_tasks"} - done
    assert {ask.table for ask in asked} - {"box_meetings"} == {"box_tasks", "box_threads"}
    for table in ("box_meetings", "box_tasks"):
        boxes = all_boxes(sandbox.workspace) if table in behind else []
        of_table = {ask for ask in asked if ask.table == table}
        assert of_table == {Ask(table, box, "0") for box in boxes} - kept.get(table, set())
    assert set(asked.values()) == {1}
    assert differences(copy, sandbox.workspace, Variants()) == []


def test_a_wrong_key_is_tried_once_by_all_of_dagsters_retries(
    execute: Execute, sandbox: Sandbox, instance: DagsterInstance
) -> None:
    sandbox.revoke()
    failed = execute()
    assert not failed.success
    assert retried(failed) == []
    assert len(sandbox.journal) == 1
    run = instance.get_run_by_id(failed.run_id)
    assert run is not None
    assert NO_RUN_RETRY.items() <= run.tags.items()


def test_an_asset_that_streak_failed_is_retried_and_goes_on(
    execute: Execute, sandbox: Sandbox, copy: Path
) -> None:
    """Two boxes of 120 are more than may be left out; the other 118 aren't asked for again."""
    failing = all_boxes(sandbox.workspace)[40:42]
    for box in failing:
        sandbox.faults.add(f"{box}/tasks$", kind="error_503", times=2)
    result = execute()
    assert result.success
    assert retried(result) == ["streak__box_tasks"]
    asked = asks(sandbox.journal.calls(re.compile("/tasks$")))
    assert {ask.parent for ask, times in asked.items() if times == 3} == set(failing)
    assert {times for ask, times in asked.items() if ask.parent not in failing} == {1}
    assert differences(copy, sandbox.workspace, Variants()) == []


def test_a_run_that_streak_failed_may_be_retried_as_a_whole(
    execute: Execute, sandbox: Sandbox, copy: Path, instance: DagsterInstance
) -> None:
    sandbox.faults.add("v1/pipelines$", kind="error_503", times=6)
    failed = execute()
    assert not failed.success
    assert retried(failed) == ["streak__pipelines"] * 2
    run = instance.get_run_by_id(failed.run_id)
    assert run is not None
    assert not NO_RUN_RETRY.keys() & run.tags.keys()
    resumed = execute(after=failed)
    assert resumed.success
    assert not materialized(resumed) & {"teams", "snippets"}
    assert differences(copy, sandbox.workspace, Variants()) == []
