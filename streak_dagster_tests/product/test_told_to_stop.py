"""What is said of an interrupt that comes while Dagster is busy with itself, between two steps."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from dagster import DagsterInstance, EventLogEntry
from dagster._core.errors import DagsterExecutionInterruptedError, raise_execution_interrupts
from dagster._utils.interrupts import capture_interrupts

from streak_dagster.assets.ahead import Readings
from streak_dagster.definitions import build_definitions
from streak_dagster.refreshing import refresh
from streak_dagster.sandbox import Workspace, generated_workspace
from streak_dagster.settings import load_settings
from streak_dagster.signals import GOES_ON
from streak_dagster.stopping import RunStoppedError, stoppable
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.sandboxes import sandbox_of


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_is_told_in_a_sentence_as_the_next_step_begins(number: signal.Signals) -> None:
    with capture_interrupts(), stoppable(None, None):
        os.kill(os.getpid(), number)
        with pytest.raises(RunStoppedError, match="the next step") as told, raise_execution_interrupts():
            pytest.fail("the step began")
    assert GOES_ON in str(told.value)


def test_within_a_step_it_is_an_interrupt_and_no_error() -> None:
    with (
        capture_interrupts(),
        stoppable(None, None),
        raise_execution_interrupts(),
        pytest.raises(DagsterExecutionInterruptedError) as raised,
    ):
        os.kill(os.getpid(), signal.SIGINT)
    assert not isinstance(raised.value, Exception)


def test_it_is_dagsters_again_after_the_run() -> None:
    with stoppable(None, None):
        pass
    with capture_interrupts():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(DagsterExecutionInterruptedError) as raised, raise_execution_interrupts():
            pytest.fail("the step began")
    assert not isinstance(raised.value, RunStoppedError)


@pytest.mark.parametrize("kind", ["STEP_FAILURE", "PIPELINE_CANCELING"])
def test_a_second_one_as_the_run_ends_lets_it_end_well(
    kind: str, new: Path, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes as Dagster writes down that the step was stopped, or that the run is to be canceled."""
    closed, came = [], []
    close = Readings.close

    def noted(readings: Readings) -> None:
        close(readings)
        closed.append(readings)

    def stop(_: Workspace) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    def stop_again(entry: EventLogEntry) -> None:
        if entry.dagster_event and entry.dagster_event.event_type_value == kind:
            came.append(entry)
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Readings, "close", noted)
    with sandbox_of(generated_workspace(12, seed=1)) as sandbox:
        for name, value in (values := environment(sandbox, new)).items():
            monkeypatch.setenv(name, value)
        sandbox.faults.when("/comments$", stop, skip=3)
        finished = refresh(build_definitions(load_settings(values)), instance, onlooker=stop_again)
        sandbox.faults.check()
    assert came
    assert finished.stopped
    assert len(closed) == 1
