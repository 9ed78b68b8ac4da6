"""Our errors as Dagster shows them: one clear sentence, and no retry of what can't succeed.

Dagster retries in three ways: an op by its retry policy, a run by the daemon, and whatever automation
starts next. A permanent error stops the first by ``allow_retries`` and the second by a tag of the
run; the third meets the same error again, for one call.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
from dagster import DagsterError, Failure, RetryRequested

from streak_dagster.errors import DatabaseLockedError, StreakDagsterError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dagster import DagsterEvent, DagsterInstance

NO_RUN_RETRY = {"dagster/retry_on_asset_or_op_failure": "false"}


@contextmanager
def named_failures(doing: str, instance: DagsterInstance, run_id: str) -> Iterator[None]:
    """Turn an error of this package, of DuckDB or of the disk into a Failure.

    ``doing`` completes "while …". Only what may succeed later leaves Dagster's retries allowed.
    """
    try:
        yield
    except DatabaseLockedError as error:
        raise _failure(str(error), retry=False) from None  # waited for already; a later run may do
    except StreakDagsterError as error:
        failure = _failure(str(error), retry=isinstance(error, TransientError))
    except duckdb.Error as error:
        failure = _failure(f"DuckDB failed while {doing}; the table was left as it was. {error}", retry=False)
    except OSError as error:
        failure = _failure(
            f"{error.strerror or error} while {doing} ({error.filename or 'spool'}). What is published was "
            "left as it was; what Streak answered is kept for the next run.",
            retry=False,
        )
    except (DagsterError, Failure, RetryRequested):
        raise
    except Exception as error:  # noqa: BLE001 - a stack of calls must not be all that a user gets
        failure = _failure(
            f"Something that streak_dagster doesn't handle happened while {doing}: {type(error).__name__}: "
            f"{error}. What is published was left as it was. Please report it, with the error below.",
            retry=False,
        )
        failure.__cause__ = error
    else:
        return
    if not failure.allow_retries and instance.has_run(run_id):
        instance.add_run_tags(run_id, NO_RUN_RETRY)
    raise failure


def failures_of(events: Iterable[DagsterEvent]) -> Iterator[tuple[str, str]]:
    """The step and the reason of each failure, in our own words where we have them."""
    for event in events:
        if event.is_step_failure:
            data = event.step_failure_data
            told = data.user_failure_data.description if data.user_failure_data else None
            reason = told or (data.error.message if data.error else "unknown reason")
            yield (event.step_key or "").replace("__", "/"), reason.strip()


def is_of_a_check(event: DagsterEvent) -> bool:
    """Whether a step failed only because one of its checks did, which is a result and told as one."""
    error = event.step_failure_data.error if event.is_step_failure else None
    return error is not None and error.cls_name == "DagsterAssetCheckFailedError"


def _failure(told: str, *, retry: bool) -> Failure:
    return Failure(description=told, allow_retries=retry)
