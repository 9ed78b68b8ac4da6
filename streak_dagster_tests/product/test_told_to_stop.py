"""What is said of an interrupt that comes while Dagster is busy with itself, between two steps."""

from __future__ import annotations

import os
import signal

import pytest
from dagster._core.errors import DagsterExecutionInterruptedError, raise_execution_interrupts
from dagster._utils.interrupts import capture_interrupts

from streak_dagster.signals import GOES_ON
from streak_dagster.stopping import RunStoppedError, stoppable


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
