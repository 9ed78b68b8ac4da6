"""What isn't copied: ``STREAK_EXCLUDE`` names tables, which cost nothing then, and single columns.

A column that is left out stays in its table, and is always NULL: what reads the table goes on. Its value gets
onto no disk (``sync.withheld``). What the copy itself works by can't be left out.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from streak_dagster.errors import SettingsError
from streak_dagster.tables import ALL_TABLES, EXTRA, SYNCED_AT, table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from streak_dagster.tables import Table

VARIABLE = "STREAK_EXCLUDE"
_NAMES = [table.name for table in ALL_TABLES]
_READ = {
    ("pipelines", "name"): "STREAK_PIPELINES chooses by it",
    ("pipelines", "team_key"): "it shows whose data the database holds",
    ("pipeline_boxes", "stage_key"): "the boxes of each stage are counted by it",
}
"""Columns that the copy reads beside those that a declaration names, and what for."""


def excluded_names(text: str) -> tuple[str, ...]:
    """What ``text`` leaves out, in the order of its declaration: tables, then columns as ``table.column``.

    Names are separated by commas, in any case, with or without ``streak/`` or ``streak.`` before them. Raises
    SettingsError for what is neither, for a table without those that are made from it, for all of them, and
    for a column that the copy needs.
    """
    named = [_named(part.strip()) for part in text.split(",") if part.strip()]
    tables = {table for table, column in named if column is None}
    if tables >= set(_NAMES):
        raise SettingsError(f"{VARIABLE} leaves out every table, so nothing would be copied. Leave one in.")
    _refuse_orphans(tables)
    columns = {(table, column) for table, column in named if column is not None and table not in tables}
    for name, column in sorted(columns):
        _refuse_needed(name, column, tables)
    return (
        *(name for name in _NAMES if name in tables),
        *(
            f"{each.name}.{column.name}"
            for each in ALL_TABLES
            for column in each.all_columns
            if (each.name, column.name) in columns
        ),
    )


def chosen_tables(excluded: Collection[str]) -> tuple[Table, ...]:
    """The tables that are copied, where those named ``excluded`` aren't."""
    return tuple(table for table in ALL_TABLES if table.name not in excluded)


def without_all_but(named: Iterable[str], excluded: Sequence[str]) -> tuple[str, ...]:
    """What to leave out so that only the tables ``named`` are copied, and what is ``excluded`` isn't, either.

    Raises SettingsError for a name that no table has, and for a table that can't be copied without another.
    """
    wanted = [each.strip().lower() for each in named]
    for name in wanted:
        if name not in _NAMES:
            raise SettingsError(
                f"tables names {name!r}, which is no table; there are {', '.join(_NAMES)}."
                f"{_meant(name, _NAMES)}"
            )
    needed = {each for each in _NAMES for below in (each, *made_from(each)) if below in wanted}
    if missing := [each for each in _NAMES if each in needed and each not in wanted]:
        together = [each for each in _NAMES if each in needed]
        raise SettingsError(
            f"tables leaves out {', '.join(missing)}, which others that it names are made from. Name those, "
            f"too: tables={together}"
        )
    left = [each for each in _NAMES if each not in wanted]
    return excluded_names(",".join([*left, *excluded]))


def excluded_columns(excluded: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The columns that are left out, by their table; for what ``excluded_names`` returned."""
    found: dict[str, set[str]] = {}
    for name in excluded:
        table, dot, column = name.partition(".")
        if dot:
            found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


def made_from(name: str) -> list[str]:
    """The tables that are read by the rows of a table, or by rows of those."""
    return [each.name for each in table(name).descendants(ALL_TABLES)]


def needed_columns(each: Table, copied: Sequence[Table]) -> dict[str, tuple[str, frozenset[str]]]:
    """The columns of a table that can't be left out where these tables are ``copied``.

    Each with the reason, and the tables with which it could be left out after all: none where it never can.
    """
    needed: dict[str, tuple[str, frozenset[str]]] = {}

    def note(names: Iterable[str], why: str, unless: Table | None = None) -> None:
        without = frozenset({unless.name}) if unless else frozenset()
        for name in names:
            told, others = needed.get(name, (why, without))
            needed[name] = (told, others | without if others and without else frozenset())

    note(each.primary_key, "its rows are told apart by it")
    note([SYNCED_AT.name], "it says when Streak answered")
    note(filter(None, [each.parent_column]), "it says what a row belongs to")
    note(each.latest_by, "it shows which of two versions of a row is the newer")
    for child in each.children(copied):
        if child.members:
            taken = filter(None, [child.members.column, child.members.order])
            note(taken, f"{child.name} is taken out of it", child)
        changes = (*child.counters, *child.change_columns)
        if child.is_planned and each.row:
            changes += each.row.change_columns
        note(changes, f"it shows whether {child.name} has to be asked for", child)
    for (name, column), why in _READ.items():
        if name == each.name:
            needed[column] = (why, frozenset())
    return needed


def _refuse_orphans(tables: set[str]) -> None:
    for name in sorted(tables):
        orphans = [each for each in made_from(name) if each not in tables]
        if orphans:
            together = ",".join(each for each in _NAMES if each in {*tables, *orphans})
            raise SettingsError(
                f"{VARIABLE} leaves out {name}, but {', '.join(orphans)} can't be copied without it. Leave "
                f"those out, too: {VARIABLE}={together}"
            )


def _refuse_needed(name: str, column: str, tables: set[str]) -> None:
    needed = needed_columns(table(name), chosen_tables(tables))
    if column not in needed:
        return
    why, others = needed[column]
    with_those = {*tables, *others}
    with_those |= {each for other in others for each in made_from(other)}
    if others and name not in with_those:
        together = ",".join([*(each for each in _NAMES if each in with_those), f"{name}.{column}"])
        instead = f"It can be left out only with what needs it: {VARIABLE}={together}"
    else:
        free = [each.name for each in table(name).columns if each.name not in needed]
        personal = [each for each in free if table(name).by_name[each].personal]
        instead = f"What can be: {', '.join(personal or free) or 'none of its columns'}."
        if personal and len(personal) < len(free):
            instead = f"{instead[:-1]}, and {len(free) - len(personal)} more of its columns."
    raise SettingsError(f"{VARIABLE} leaves out {name}.{column}, but {why}. {instead}")


def _named(part: str) -> tuple[str, str | None]:
    """The table and the column that a name means, which is None for a whole table."""
    name = re.sub(r"^streak\s*[./]\s*", "", part.lower())
    if name in _NAMES:
        return name, None
    of, dot, column = (each.strip() for each in name.partition("."))
    if of not in _NAMES:
        what = "a column of no table" if dot else "no table"
        raise SettingsError(
            f"{VARIABLE} names {part!r}, which is {what}; the tables are {', '.join(_NAMES)}."
            f"{_meant(of, _NAMES)}"
        )
    columns = [each.name for each in table(of).all_columns]
    if column not in columns:
        raise SettingsError(
            f"{VARIABLE} names {part!r}, but {of} has no such column.{_meant(column, columns)} "
            f"docs/tables.md lists all of them: {EXTRA.name} has what no column is declared for."
        )
    return of, column


def _meant(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.55)
    return f" Is {' or '.join(near)} meant?" if near else ""
