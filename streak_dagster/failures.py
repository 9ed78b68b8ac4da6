"""Our errors as Dagster shows them: one clear sentence, and no retry of what can't succeed.

Dagster retries in three ways: an op that asks for it, a run by the daemon, and whatever automation
starts next. A permanent error doesn't ask for the first, and stops the second by a tag of the
run; the third meets the same error again, for one call.

No op has a retry policy: with one, Dagster takes an interrupt for an error that may pass, and starts
what was stopped again (1.13, ``op_execution_error_boundary``).
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
from dagster import DagsterError, Failure, RetryRequested

from streak_dagster.errors import DatabaseLockedError, StreakDagsterError, TransientError
from streak_dagster.signals import is_interrupted_query
from streak_dagster.stopping import INTERRUPTS, RunStoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dagster import DagsterEvent, DagsterInstance

NO_RUN_RETRY = {"dagster/retry_on_asset_or_op_failure": "false"}
MAX_RETRIES = 2
"""Times that an op is run again after an error that may pass, which outlived the client's own patience."""


@contextmanager
def named_failures(
    doing: str,
    instance: DagsterInstance,
    run_id: str,
    *,
    tried: int = 0,
    words: Callable[[str], str] = str,
) -> Iterator[None]:
    """Turn an error of this package, of DuckDB or of the disk into a Failure, an interrupt into one line.

    ``doing`` completes "while …". What may succeed later raises a RetryRequested instead, until the op, which
    was ``tried`` so many times before, was tried ``MAX_RETRIES`` times more: a last RetryRequested would have
    Dagster say "Exceeded max_retries of 2" in place of what happened. ``words`` puts an error of ours into
    the words of who reads it.
    """
    try:
        yield
    except INTERRUPTS:
        raise RunStoppedError(doing) from None
    except TransientError as error:
        failure = _failure(words(str(error)))
        if tried >= MAX_RETRIES:
            raise failure from None
        raise RetryRequested(max_retries=MAX_RETRIES) from failure
    except (DagsterError, Failure, RetryRequested):
        raise
    except Exception as error:  # noqa: BLE001 - a stack of calls must not be all that a user gets
        failure = _failure_of(error, doing, words)
        # What was waited for already, such as a lock, may be there for a later run.
        final = not isinstance(error, DatabaseLockedError)
    else:
        return
    if final and instance.has_run(run_id):
        instance.add_run_tags(run_id, NO_RUN_RETRY)
    raise failure from failure.__cause__  # not from what the sentence says already


def _failure_of(error: Exception, doing: str, words: Callable[[str], str]) -> Failure:
    """The words for an error. Raises RunStoppedError where DuckDB says that it was interrupted."""
    if is_interrupted_query(error):
        raise RunStoppedError(doing) from None
    if isinstance(error, StreakDagsterError):
        return _failure(words(str(error)))
    if isinstance(error, duckdb.Error):
        return _failure(f"DuckDB failed while {doing}; the table was left as it was. {error}{_advice(error)}")
    if isinstance(error, OSError):
        return _failure(
            f"{error.strerror or error} while {doing} ({error.filename or 'spool'}). What is published was "
            f"left as it was; what Streak answered is kept for the next run.{_advice(error)}"
        )
    failure = _failure(
        f"Something that streak_dagster doesn't handle happened while {doing}: {type(error).__name__}: "
        f"{error}. What is published was left as it was. Please report it, with the error below."
    )
    failure.__cause__ = error
    return failure


def _advice(error: Exception) -> str:
    """What to do where the disk is full, which DuckDB tells in the system's words."""
    full = os.strerror(errno.ENOSPC)
    return " Free some space on that disk, and run again." if full in str(error) else ""


def failures_of(events: Iterable[DagsterEvent]) -> Iterator[tuple[str, str]]:
    """The step and the reason of each failure, in our own words where we have them."""
    for event in events:
        if event.is_step_failure:
            data = event.step_failure_data
            told = data.user_failure_data.description if data.user_failure_data else None
            reason = told or (data.error.message if data.error else "unknown reason")
            yield (event.step_key or "").replace("__", "/"), reason.strip()


def is_of_a_check(event: DagsterEvent) -> bool:
    """Whether a step failed only because one of its checks did, which is a result, and reported as one."""
    error = event.step_failure_data.error if event.is_step_failure else None
    return error is not None and error.cls_name == "DagsterAssetCheckFailedError"


def _failure(told: str) -> Failure:
    return Failure(description=told, allow_retries=False)
