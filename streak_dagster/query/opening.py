"""The database opened by somebody who only reads: a person at a terminal, who can wait and be told."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from streak_dagster.errors import DatabaseLockedError, TableMissingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streak_dagster.warehouse.database import Database
    from streak_dagster.warehouse.session import Session

_WORTH_TELLING = 1.0
"""Seconds of waiting; a table is mostly published in less."""


def nothing_copied(database: Database) -> TableMissingError:
    """The error for a database that nothing was copied into yet."""
    return TableMissingError(
        f"{database.location} doesn't exist yet. Run: streak-dagster run. "
        "Another file is named by STREAK_DUCKDB_PATH."
    )


@contextmanager
def opened_to_read(database: Database, report: Callable[[str], None] | None = None) -> Iterator[Session]:
    """The database, open for reading only. Raises WarehouseError.

    ``report`` gets a line where another process has held it for a second.
    """
    if not database.exists():
        raise nothing_copied(database)
    telling: list[threading.Timer] = []

    def tell_later(text: str) -> None:
        if report is not None:
            telling.append(threading.Timer(_WORTH_TELLING, report, [text]))
            telling[-1].daemon = True
            telling[-1].start()

    def tell_no_more() -> None:
        for each in telling:
            each.cancel()

    try:
        with database.connect(read_only=True, report=tell_later) as session:
            tell_no_more()
            yield session
    except DatabaseLockedError as error:
        held = str(error).partition(" Close it there")[0]
        raise DatabaseLockedError(
            f"{held} Ask again when that has ended, or wait longer with STREAK_LOCK_WAIT (seconds)."
        ) from error
    finally:
        tell_no_more()
