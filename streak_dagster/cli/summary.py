"""What a refresh did, for a person and for a machine."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streak_dagster.checks.check_report import CheckReport
from streak_dagster.checks.table_checks import checks_of
from streak_dagster.cli.refreshed import FIGURES
from streak_dagster.sync.progress import duration
from streak_dagster.warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from streak_dagster.cli.refreshed import Refreshed, Row
    from streak_dagster.refreshing import Finished
    from streak_dagster.settings import Settings
    from streak_dagster.tables import Table

HEADERS = ("table", "rows", "new", "changed", "gone", "calls", "time")
_WIDTHS = (19, 9, 8, 8, 7, 6, 9)
_NARROW_WIDTHS = (19, 8, 7, 7, 6, 5)
"""Of a terminal that has no room for the time."""
_NARROW = 76
_NAMED = 3
_DEALS = "deals"
_OF_ONE = re.compile(r" Tried \d+ times\.|\bat \w+|\bstreak/\w+")
"""What tells two failures of one reason apart: which list or table it was, and how often it was tried."""


def header(width: int) -> str:
    """The first line of the table."""
    return _line(HEADERS, width)


def row_line(row: Row, width: int) -> str:
    """The line of a table that landed; no wider than 76 letters, or than 60 where that is all there is."""
    rows, new, changed, gone, calls, seconds = (row.figures.get(each, 0) for each in FIGURES)
    counts = [f"{int(each):,}" for each in (rows, new, changed, gone, calls)]
    return _line([row.name, *counts, duration(seconds)], width)


def _line(cells: Sequence[str], width: int) -> str:
    widths = _WIDTHS if width >= _NARROW else _NARROW_WIDTHS
    first, *others = zip(cells, widths, strict=False)
    return " ".join([first[0].ljust(first[1]), *(cell.rjust(space) for cell, space in others)]).rstrip()


def view_lines(refreshed: Refreshed, width: int) -> list[str]:
    """How many views there are, and the rows of each, as many to a line as there is room for."""
    if not refreshed.views:
        return []
    told = ", ".join(f"{name} ({rows:,})" for name, rows in refreshed.views.items())
    many = len(refreshed.views)
    begun = f"{many} view{'s' if many > 1 else ''} in streak_views, with the rows: "
    return ["", *wrapped(begun + told, width)]


def alike(reason: str) -> str:
    """A reason without what tells it apart from the same one of another table."""
    return _OF_ONE.sub("", reason)


def failure_lines(failures: Sequence[tuple[str, str]], left: int = 0) -> list[str]:
    """A line a reason, with those that failed of it; then how many tables were ``left`` as they were."""
    by_reason: dict[str, tuple[str, list[str]]] = {}
    for step, reason in failures:
        by_reason.setdefault(alike(reason), (reason, []))[1].append(step)
    lines = [f"{_some(steps)} failed: {reason}" for reason, steps in by_reason.values()]
    if lines and left:
        lines.append(
            f"{left} more tables were left as they were." if left > 1 else "One more was left as it was."
        )
    return lines


def closing_lines(settings: Settings, refreshed: Refreshed) -> list[str]:
    """Where the data is and how to look at it: only what is there to be looked at."""
    database = Database(settings.database)
    if not database.exists():
        return []
    done = [row.name for row in refreshed.rows.values() if row.state == "done"]
    look = f"streak_views.{_DEALS}" if _DEALS in refreshed.views else next(iter(done), None)
    lines = ["", f"DuckDB file:  {settings.database}"]
    if settings.serve and database.is_file and database.served_path.exists():
        lines.append(f"For BI tools: {database.served_path}")
    if settings.report_path and Path(settings.report_path).exists():
        lines.append(f"Report:       {settings.report_path}")
    if look is not None:
        lines.append(f'Try:          {program()} sql "FROM {look} LIMIT 5"')
    if look is not None and refreshed.views:
        lines.append(f"For Excel:    {program()} export .")
    return [*lines, f"Dagster's UI: {program()} ui"]


def program() -> str:
    """How this command is called from where the person is: by its name where that finds it."""
    called = Path(sys.argv[0]).absolute()
    if shutil.which(called.name) == str(called):
        return called.name
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)


def wrapped(text: str, width: int) -> list[str]:
    """A sentence as lines; names in it stay whole."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False, subsequent_indent="  ")


def checked(
    finished: Finished, tables: Sequence[Table], refreshed: Container[str] | None = None
) -> CheckReport:
    """What the checks of ``tables`` found in a run, or of those among them that it ``refreshed``."""
    looked = finished.looked()
    expected = {
        key: each.op.name in looked
        for each in checks_of(tables)
        for key in each.check_keys
        if refreshed is None or key.asset_key.path[-1] in refreshed
    }
    return CheckReport(finished.evaluations(), expected)


def as_document(
    finished: Finished, refreshed: Refreshed, report: CheckReport, settings: Settings, seconds: float
) -> dict[str, Any]:
    """The same as JSON: ``tables`` by name, what ``failed`` with its reason, the checks, and the run."""
    return {
        "run_id": finished.run.run_id,
        "status": finished.run.status.value.lower(),
        "database": settings.database,
        "sample": not settings.has_key,
        "seconds": round(seconds, 2),
        "tables": {row.name: {"state": row.state, **row.figures} for row in refreshed.rows.values()},
        "views": refreshed.views,
        "failures": [{"asset": step, "reason": reason} for step, reason in finished.failures()],
        "checks": report.as_document(),
    }


def _some(steps: Sequence[str]) -> str:
    named, more = steps[:_NAMED], len(steps) - _NAMED
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")
