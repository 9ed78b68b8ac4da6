"""A run that is told to stop: by Ctrl-C, SIGTERM, a closed terminal, or *Terminate* in Dagster's UI.

Dagster turns SIGINT and SIGTERM into ``DagsterExecutionInterruptedError`` wherever an op, a resource or
an io manager of ours is at work. What is left for us: to let it through at once, to say what it means
in one line, and to have the run called canceled. Dagster calls canceled only what was terminated in its
UI; any other interrupted run fails, is reported as a failure, and is started again.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING

from dagster import DagsterRunStatus

from streak_dagster.dagster_internals import (
    DagsterExecutionInterruptedError,
    DagsterUserCodeProcessError,
    SerializableErrorInfo,
    compute_logs,
    errors,
)
from streak_dagster.signals import GOES_ON, interrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from dagster import DagsterInstance, DagsterRun

INTERRUPTS = (KeyboardInterrupt, DagsterExecutionInterruptedError)


class RunStoppedError(DagsterExecutionInterruptedError, DagsterUserCodeProcessError):
    """An interrupt that Dagster logs as one line, as it does an error that came with its own words.

    Raised where nothing of ours is left to be done: it counts as an Exception, which an interrupt must not as
    long as anybody could take it for a failure.
    """

    def __init__(self, doing: str) -> None:
        told = f"Stopped while {doing}. {GOES_ON}"
        line = SerializableErrorInfo(told, stack=[], cls_name=type(self).__name__)
        super().__init__(told, user_code_process_error_infos=[line])  # type: ignore[no-untyped-call]


@contextmanager
def stoppable(instance: DagsterInstance | None, run: DagsterRun | None) -> Iterator[None]:
    """A run's time: one that ends in an interrupt is canceled, and a closed terminal interrupts it, too."""
    with _hangup_interrupts(), _followers_apart(), _told_between_steps():
        try:
            yield
        finally:
            # Dagster ends a resource's block as always, while it handles what the run ended with.
            if instance is not None and run is not None and isinstance(sys.exc_info()[1], INTERRUPTS):
                _call_canceled(instance, run)


def _call_canceled(instance: DagsterInstance, run: DagsterRun) -> None:
    now = instance.get_run_by_id(run.run_id)
    if now is not None and now.status is DagsterRunStatus.STARTED:
        instance.report_run_canceling(now, message=f"The run was told to stop by a signal. {GOES_ON}")


@contextmanager
def _hangup_interrupts() -> Iterator[None]:
    """SIGHUP does what SIGINT does, unless it is ignored, as under nohup, or somebody sees to it."""
    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGHUP, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@contextmanager
def _told_between_steps() -> Iterator[None]:
    """An interrupt that came while Dagster was busy with itself is told in one line, too.

    Dagster raises it as it next turns to code of ours, before anything of ours could put it into words. Where
    the run ends by an earlier one already, that code is the end of a resource's block: it would be left out,
    and the run be called failed. So a further one says nothing new until that is done.
    """
    theirs = errors.raise_interrupts_as  # type: ignore[attr-defined]

    @contextmanager
    def told(kind: type[BaseException]) -> Iterator[None]:
        if isinstance(sys.exc_info()[1], INTERRUPTS):
            _forget(theirs)
            yield  # Dagster still takes note of what comes, and raises nothing
            _forget(theirs)
            return
        with ExitStack() as stack:
            try:
                stack.enter_context(theirs(kind))
            except DagsterExecutionInterruptedError:
                raise RunStoppedError("going on to the next step") from None
            yield

    errors.raise_interrupts_as = told  # type: ignore[attr-defined,assignment]
    try:
        yield
    finally:
        errors.raise_interrupts_as = theirs  # type: ignore[attr-defined]


def _forget(raising: Callable[[type[BaseException]], AbstractContextManager[None]]) -> None:
    """Have Dagster forget an interrupt that it took note of: it does where it raises one."""
    with suppress(DagsterExecutionInterruptedError), raising(DagsterExecutionInterruptedError):
        pass


@contextmanager
def _followers_apart() -> Iterator[None]:
    """What follows a run's output gets a session of its own, for which Dagster has no setting.

    A terminal sends Ctrl-C to everything that runs in front: `tail` would end with all that a stopped run has
    yet to say, and its watcher with a stack of calls.
    """
    theirs = compute_logs.subprocess  # type: ignore[attr-defined]
    apart = SimpleNamespace(Popen=partial(subprocess.Popen, start_new_session=True))
    compute_logs.subprocess = apart  # type: ignore[attr-defined,assignment]
    try:
        yield
    finally:
        compute_logs.subprocess = theirs  # type: ignore[attr-defined]
