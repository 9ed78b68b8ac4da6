"""What DuckDB says of a query that can't be run, and the next step where there is one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streak_dagster.errors import WarehouseError
from streak_dagster.tables import ALL_TABLES
from streak_dagster.views.answers import ALL_ANSWERS

if TYPE_CHECKING:
    from collections.abc import Collection

    import duckdb

_LINES = 11
_LONGEST = 900
_WRITES = re.compile(r'statement of type "(\w+)" .*read-only mode|transaction is launched in read-only mode')
_MISSING = re.compile(r'Table with name "?(?P<name>\w+)"? does not exist')


def worded(error: duckdb.Error, excluded: Collection[str]) -> WarehouseError:
    """The error, in DuckDB's words and at most twelve lines.

    ``excluded`` are the tables that the settings leave out: one that isn't there is told apart from a
    mistyped one.
    """
    said = str(error).strip()
    writes = _WRITES.search(said)
    if writes:
        what = f"{writes[1]} was refused" if writes[1] else "this was refused"
        return WarehouseError(
            f"The copy is opened for reading only, so {what}: a refresh writes it, and nobody else. For "
            "tables of your own, open the file with any DuckDB while nothing else has it open."
        )
    lines = [line for line in said.splitlines() if line.strip()]
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], "…"]
    said = "\n".join(lines)
    said = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
    missing = _MISSING.search(said)
    return WarehouseError(said + (_next_step(missing["name"].lower(), excluded) if missing else ""))


def _next_step(name: str, excluded: Collection[str]) -> str:
    if name in excluded:
        return f"\nSTREAK_EXCLUDE leaves {name} out, so it was never copied."
    if name in {each.name for each in ALL_TABLES}:
        return f"\n{name} was never copied into this database. Run: streak-dagster run"
    if name in {each.name for each in ALL_ANSWERS}:
        return f"\nViews are in schema streak_views: FROM streak_views.{name}"
    return ""
