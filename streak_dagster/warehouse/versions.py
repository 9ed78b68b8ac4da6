"""How two versions of a row are compared, in columns that the declaration and the published table share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.warehouse import ddl
from streak_dagster.warehouse.ddl import comparable, quoted

if TYPE_CHECKING:
    from streak_dagster.tables import Column, Table
    from streak_dagster.warehouse.session import Session


def compared_columns(session: Session, table: Table) -> list[Column] | None:
    """The declared columns in which a difference is a change, and which the published table has, too.

    None where there is no published table with such a primary key.
    """
    return _compared(table, session.columns(table.name))


def _compared(table: Table, before: dict[str, str]) -> list[Column] | None:
    kinds = ddl.column_types(table)
    if any(before.get(name) != kinds[name] for name in table.primary_key):
        return None
    return [
        column
        for column in table.columns
        if not column.volatile and before.get(column.name) == kinds[column.name]
    ]


def row_version(session: Session, table: Table) -> str | None:
    """The expression that differs between two versions of a row, in the published table and in new rows.

    None where there is no published table with such a primary key.
    """
    before = session.columns(table.name)
    columns = _compared(table, before)
    if columns is None:
        return None
    compared = [comparable(column) for column in columns]
    if before.get(ddl.EXTRA) == ddl.column_types(table)[ddl.EXTRA]:
        compared.append(quoted(ddl.EXTRA))
    return f"hash({', '.join(compared)})"
