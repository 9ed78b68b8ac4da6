"""What follows a refresh: the copy for readers is replaced, then the report is written.

Neither can fail the refresh, which is over and whole by then: what goes wrong is one warning, which names the
file and what to do.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from streak_dagster.errors import StreakDagsterError
from streak_dagster.warehouse.readers_file import remove_copy, remove_unfinished, replace_copy

if TYPE_CHECKING:
    import logging
    from collections.abc import Sequence

    from streak_dagster.warehouse.database import Database


@dataclass(frozen=True)
class Page:
    """A report that is written.

    Its ``path``, the time ``zone`` of its moments, the ``interval`` after which data is late, and what is
    ``excluded`` from copying and so never late.
    """

    path: str
    zone: str = "UTC"
    interval: timedelta | None = None
    excluded: Sequence[str] = ()


def page_of(path: str | None, zone: str, minutes: int | None, excluded: Sequence[str]) -> Page | None:
    """The report at a path, of data that is refreshed every so many minutes; None where there is no path."""
    interval = timedelta(minutes=minutes) if minutes else None
    return Page(path, zone, interval, excluded) if path else None


def after_refresh(database: Database, log: logging.Logger, *, serve: bool, report: Page | None) -> None:
    """Replace the copy where it is to be, and write the ``report`` where there is to be one."""
    source = database.location
    if serve and database.is_file and _serve(database, log):
        source = str(database.served_path)
    if report:
        _write_report(source, report, log)


def after_erasure(database: Database, *, serve: bool, report: Page | None) -> list[str]:
    """Leave nothing of an erased person in the copy and the report. Returns what was done, in sentences.

    What can't be made anew is removed; only copies that are there are made anew.
    """
    lines = []
    path = database.served_path
    remove_unfinished(database)
    if database.is_file and path.exists():
        try:
            if serve:
                replace_copy(database)
                lines.append(
                    f"{path} was made anew. Programs that have it open read the former one until then."
                )
            else:
                remove_copy(database)
                lines.append(f"{path} was removed, as STREAK_SERVE is off.")
        except (StreakDagsterError, OSError, duckdb.Error) as error:
            lines.append(_withdrawn(database, error))
    if report and Path(report.path).exists():
        try:
            _report(database.location, report)
            lines.append(f"{report.path} was written anew.")
        except Exception as error:  # noqa: BLE001 - whatever it is, the report still names them
            lines.append(f"{report.path} may still name them: remove it. It couldn't be made anew ({error}).")
    return lines


def _serve(database: Database, log: logging.Logger) -> bool:
    """Whether the copy shows what the database does."""
    path = database.served_path
    try:
        replaced = replace_copy(database, report=log.info)
    except (StreakDagsterError, OSError, duckdb.Error) as error:
        log.warning(
            "%s, the copy for readers, wasn't replaced, so they see an earlier refresh: %s. "
            "The next refresh tries again; STREAK_SERVE=off goes without.",
            path,
            _words(error),
        )
        return False
    if replaced:
        how = "sharing the database's blocks" if replaced.cloned else f"{replaced.size / 1e6:,.1f} MB"
        log.info("replaced %s, the copy for readers, in %.2f s (%s)", path, replaced.seconds, how)
    return True


def _write_report(source: str, report: Page, log: logging.Logger) -> None:
    began = time.monotonic()
    try:
        _report(source, report)
    except Exception as error:  # noqa: BLE001 - a picture that can't be drawn is no reason to fail a refresh
        log.warning(
            "The report %s wasn't written, so it shows an earlier refresh: %s. "
            "The next refresh tries again; name another file in STREAK_REPORT_PATH, or unset it.",
            report.path,
            _words(error),
        )
    else:
        log.info("wrote the report %s in %.1f s", report.path, time.monotonic() - began)


def _report(source: str, report: Page) -> None:
    from streak_dagster.report import write_report  # noqa: PLC0415 - brings matplotlib with it

    target = Path(report.path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_report(source, target, zone=report.zone, interval=report.interval, excluded=report.excluded)


def _withdrawn(database: Database, error: Exception) -> str:
    path = database.served_path
    try:
        remove_copy(database)
    except (StreakDagsterError, OSError, duckdb.Error):
        return f"{path} may still name them, and is left as it is: {_words(error)}."
    return f"{path} was removed until the next refresh, because it can't be made anew ({_words(error)})."


def _words(error: Exception) -> str:
    told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (told.strip().splitlines() or [type(error).__name__])[0].rstrip(".")
