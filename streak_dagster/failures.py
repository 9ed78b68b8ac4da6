"""Our errors as Dagster shows them: one clear sentence, and no retry of what can't succeed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
from dagster import Failure

from streak_dagster.errors import DatabaseLockedError, StreakDagsterError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def named_failures(doing: str) -> Iterator[None]:
    """Turn an error of this package, or of DuckDB, into a Failure; ``doing`` completes "while …".

    Only what may succeed later leaves Dagster's retries allowed.
    """
    try:
        yield
    except StreakDagsterError as error:
        transient = isinstance(error, TransientError | DatabaseLockedError)
        raise Failure(description=str(error), allow_retries=transient) from None
    except duckdb.Error as error:
        raise Failure(
            description=f"DuckDB failed while {doing}; the table was left as it was. {error}",
            allow_retries=False,
        ) from None
    except OSError as error:
        raise Failure(
            description=f"{error.strerror or error} while {doing} ({error.filename or 'spool'}). "
            "What is published was left as it was; what Streak answered is kept for the next run.",
            allow_retries=False,
        ) from None
