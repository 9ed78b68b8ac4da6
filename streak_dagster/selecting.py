"""Which tables and answers are meant by ``--select box_*,streak_views/deals``: plain globs over names."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from streak_dagster.errors import SettingsError
from streak_dagster.exclusion import chosen_tables
from streak_dagster.tables import ALL_TABLES
from streak_dagster.views.answers import ALL_ANSWERS
from streak_dagster.views.sources import SCHEMA as VIEWS
from streak_dagster.warehouse.ddl import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREFIX = "key:"
"""Dagster's own way to write the same; it is taken, too, with its quotes."""


def names_of(exclude: Sequence[str]) -> list[str]:
    """All that can be selected: the tables that ``exclude`` doesn't leave out, the views, and the answers."""
    tables = [f"{SCHEMA}/{table.name}" for table in chosen_tables(exclude)]
    return [*tables, f"{VIEWS}/pipelines", *(f"{VIEWS}/{each.name}" for each in ALL_ANSWERS)]


def selected(patterns: Sequence[str], names: Sequence[str]) -> list[str]:
    """Those of ``names``, such as ``streak/box_tasks``, that the patterns mean, in their order.

    No pattern means all of them. A pattern may be a list with commas. Letters' case means nothing. One
    without a schema means tables, and only where none fits, answers: ``pipelines`` is the table, ``deals``
    the answer, ``*`` everything. Raises SettingsError for one that means nothing, with the nearest name.
    """
    if not patterns:
        return list(names)
    wanted = [each for pattern in patterns for part in pattern.split(",") if (each := _plain(part))]
    if not wanted:
        raise SettingsError(
            "--select names nothing. Write names or patterns, such as box_tasks or streak/box_*."
        )
    found: set[str] = set()
    for each in wanted:
        meant = _meant(each, names)
        if not meant:
            raise SettingsError(_nothing(each, names))
        found.update(meant)
    return [name for name in names if name in found]


def _plain(part: str) -> str:
    text = part.strip().lower()
    return text.removeprefix(_PREFIX).strip().strip("\"'").strip()


def _meant(pattern: str, names: Sequence[str]) -> list[str]:
    if pattern == "*":
        return list(names)
    if "/" in pattern:
        return [name for name in names if fnmatchcase(name.lower(), pattern)]
    fits = [name for name in names if fnmatchcase(_last(name).lower(), pattern)]
    return [name for name in fits if name.startswith(f"{SCHEMA}/")] or fits


def _nothing(pattern: str, names: Sequence[str]) -> str:
    """Why a pattern means nothing, and what may have been meant."""
    left_out = _meant(pattern, [f"{SCHEMA}/{table.name}" for table in ALL_TABLES])
    if left_out:
        named = ", ".join(left_out)
        return f"--select names {pattern!r}, but {named} isn't copied: STREAK_EXCLUDE leaves it out."
    whole = "/" in pattern
    known = {(name if whole else _last(name)).lower(): name for name in names}
    near = get_close_matches(pattern.strip("*"), known, n=1, cutoff=0.5)
    hint = f"Did you mean {known[near[0]]}?" if near else f"There are {', '.join(names)}."
    return f"--select names {pattern!r}, which is neither a table nor an answer. {hint}"


def _last(name: str) -> str:
    return name.rpartition("/")[2]
