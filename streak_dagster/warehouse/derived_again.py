"""Rows that are taken out of others, made anew where those others were erased in part.

A refresh would make them so from the erased rows; what is made of a person's key, such as the label of a
value, can't be told from the derived row itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.warehouse import ddl
from streak_dagster.warehouse.ddl import quoted
from streak_dagster.warehouse.derived_rows import select_derived_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session


def touched(table: Table) -> str:
    """The temporary table with the keys of a table's rows that were erased in part, as ``parent``."""
    return f"touched_{table.name}"


def derive_again(session: Session, table: Table) -> None:
    """Make derived rows equal to what the scrubbed rows of their parents hold now, where those are as old."""
    parent = table.parent
    if parent is None or not session.has_table(table.name):
        return
    there = session.one_row(
        "SELECT count(*) FROM duckdb_tables() WHERE temporary AND table_name = ?", [touched(parent)]
    )
    if there == (0,) or not all(session.has_table(each.name) for each in (parent, *table.joined)):
        return
    query = select_derived_rows(session, table)
    now = session.columns(table.name)
    columns = [
        each.name
        for each in table.all_columns
        if each.name in now and each.name not in table.required_columns
    ]
    of_parent = quoted(table.parent_column or "")
    same = " AND ".join(
        f"t.{quoted(each)} = d.{quoted(each)}" for each in (*table.primary_key, ddl.SYNCED_AT)
    )
    session.execute(
        f"UPDATE {session.qualified(table.name)} AS t SET "
        f"{', '.join(f'{quoted(each)} = d.{quoted(each)}' for each in columns)} "
        f"FROM (SELECT * FROM ({query}) WHERE {of_parent} IN (FROM {quoted(touched(parent))})) AS d "
        f"WHERE {same} AND ({_row('t', columns)}) IS DISTINCT FROM ({_row('d', columns)})"
    )


def _row(source: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{source}.{quoted(each)}::VARCHAR" for each in columns)
