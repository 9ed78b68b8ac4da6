"""The page becomes a file: whole, or not at all."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.errors import ReportError
from streak_dagster.report.page import empty_page, page
from streak_dagster.warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta
    from pathlib import Path

    from streak_dagster.warehouse.session import Session

PAGES = (".html", ".htm")
"""What the name of a page ends with."""
MEMORY = "1GB"
"""DuckDB's at most: it needs 100 MB for an account of 100,000 boxes, and took 700 MB for one of 400,000."""


def write_report(
    source: Path | str,
    target: Path,
    *,
    title: str | None = None,
    zone: str = "UTC",
    interval: timedelta | None = None,
    excluded: Collection[str] = (),
) -> None:
    """Write the page about a database, which is opened read only, in place of what ``target`` was before.

    ``title`` is the page's heading, by default the teams' names; ``zone`` the IANA name of the time zone of
    its moments. With the ``interval`` at which tables should be copied, the page says whether they are late;
    tables that are ``excluded`` from copying never are. Raises ReportError, and what opening a database does:
    DatabaseLockedError, DatabaseUnusableError. A database that isn't there yet makes a page that says so.
    """
    written(Database(str(source)), target, title=title, zone=zone, interval=interval, excluded=excluded)


@dataclass(frozen=True)
class Written:
    """How large a page is, in bytes, and of when the data in it is; None where there is none."""

    size: int
    data_of: datetime | None


def written(
    database: Database,
    target: Path,
    *,
    title: str | None = None,
    zone: str = "UTC",
    interval: timedelta | None = None,
    excluded: Collection[str] = (),
) -> Written:
    """``write_report`` of a ``Database``; says what was written."""
    check_target(target)
    if not database.exists():
        made = empty_page(title=title, zone=zone)
    else:
        with database.connect(read_only=True) as session:
            _be_modest(session, database)
            made = page(session, title=title, zone=zone, interval=interval, excluded=excluded)
    return Written(save(made.html, target), made.data_of)


def _be_modest(session: Session, database: Database) -> None:
    """Keep to ``MEMORY``; what exceeds it goes beside the file."""
    session.execute("SET threads = 2")  # every further one takes buffers of its own
    session.execute("SET preserve_insertion_order = false")
    if database.is_file and os.access(database.path.parent, os.W_OK):
        session.execute(f"SET memory_limit = '{MEMORY}'")


def check_target(target: Path) -> None:
    """Raises ReportError where no page can stand at ``target``; before anything is read.

    A page replaces what is there: so a name that isn't one of a page may be of a file of value.
    """
    if target.suffix.lower() not in PAGES and not target.is_dir():
        raise ReportError(
            f"{target} isn't the name of a page, so nothing was written: name one such as "
            f"{target.with_suffix('.html')}."
        )
    if not target.parent.is_dir():
        raise ReportError(
            f"The folder {target.parent} of the report isn't there: make it, or name another one."
        )
    if target.is_dir():
        raise ReportError(f"{target} is a folder: name a file in it, such as {target / 'report.html'}.")


def save(html: str, target: Path) -> int:
    """Put a page in place of what was there, in one step; returns its size in bytes. Raises ReportError.

    Who opens the file meanwhile sees the old page, or the new one. A link to a file stays one.
    """
    check_target(target)
    target = target.resolve()
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    content = html.encode()
    try:
        # As any new file, so that who could read the folder's files can read this one.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ReportError(f"The report {target} can't be written ({error.strerror}).") from error
    return len(content)
