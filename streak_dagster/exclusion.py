"""Which tables are copied: ``STREAK_EXCLUDE`` names those that aren't, and cost nothing then."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streak_dagster.errors import SettingsError
from streak_dagster.tables import ALL_TABLES, table

if TYPE_CHECKING:
    from collections.abc import Collection

    from streak_dagster.tables import Table

VARIABLE = "STREAK_EXCLUDE"
_NAMES = [table.name for table in ALL_TABLES]


def excluded_tables(text: str) -> tuple[str, ...]:
    """The tables that ``text`` leaves out, in the order of their declaration.

    Names are separated by commas, in any case, alone or as ``streak/<table>`` or ``streak.<table>``. Raises
    SettingsError for what is no table, for a table without those that are made from it, and for all of them.
    """
    found = {_table_of(part.strip()) for part in text.split(",") if part.strip()}
    if found >= set(_NAMES):
        raise SettingsError(f"{VARIABLE} leaves out every table, so nothing would be copied. Leave one in.")
    for name in sorted(found):
        orphans = [each for each in made_from(name) if each not in found]
        if orphans:
            together = ",".join(each for each in _NAMES if each in {*found, *orphans})
            raise SettingsError(
                f"{VARIABLE} leaves out {name}, but {', '.join(orphans)} can't be copied without it. Leave "
                f"those out, too: {VARIABLE}={together}"
            )
    return tuple(name for name in _NAMES if name in found)


def chosen_tables(excluded: Collection[str]) -> tuple[Table, ...]:
    """The tables that are copied, where those named ``excluded`` aren't."""
    return tuple(table for table in ALL_TABLES if table.name not in excluded)


def made_from(name: str) -> list[str]:
    """The tables that are read by the rows of a table, or by rows of those."""
    return [each.name for each in table(name).descendants(ALL_TABLES)]


def _table_of(part: str) -> str:
    name = re.sub(r"^streak\s*[./]\s*", "", part.lower())
    if name in _NAMES:
        return name
    table = name.partition(".")[0].strip()
    if table in _NAMES:
        raise SettingsError(
            f"{VARIABLE} names {part!r}, but only whole tables can be left out, such as {table}, not single "
            "columns."
        )
    raise SettingsError(f"{VARIABLE} names {part!r}, which is no table; the tables are {', '.join(_NAMES)}.")
