"""In what form the published rows hold personal data: as Streak sent it, or as hashes of which key.

Remembered with each publication in ``streak_meta.withheld``, one line a table. A table without one was
published before that was known, as it was sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.tables import ALL_TABLES, EXTRA, ColumnType
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.ddl import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from streak_dagster.tables import Column, Table
    from streak_dagster.warehouse.session import Session

NAME = "withheld"


def remember_form(session: Session, table: Table, hashed_by: str | None, left_out: Collection[str]) -> None:
    """Note the form of the rows just published, inside the caller's transaction."""
    target = session.qualified(NAME, meta.SCHEMA)
    form = (hashed_by, sorted(left_out))
    query = f"SELECT hashed_by, left_out FROM {target} WHERE table_name = ?"
    if session.execute(query, [table.name]).fetchall() == [form]:
        return
    session.execute(f"DELETE FROM {target} WHERE table_name = ?", [table.name])
    session.execute(f"INSERT INTO {target} VALUES (?, ?, ?::VARCHAR[])", [table.name, *form])


def plain_tables(session: Session, hashed_by: str) -> tuple[str, ...]:
    """The published tables that hold personal data as it was sent, or hashes of another key than this one."""
    forms = _forms(session)
    return tuple(
        each.name for each in ALL_TABLES if session.has_table(each.name) and forms.get(each.name) != hashed_by
    )


def emptied(
    session: Session, table: Table, hashed_by: str | None, left_out: Collection[str]
) -> Mapping[str, str]:
    """What takes the place of columns in a row that is kept as it was published: an expression for each.

    A column that is left out is NULL. Where the rows aren't in the form that is wanted, so is whatever may be
    personal, until the row can be read again.
    """
    instead = dict.fromkeys(left_out, "NULL")
    if hashed_by is not None and _forms(session).get(table.name) != hashed_by:
        for column in table.all_columns:
            if column.name in table.required_columns or column.type not in (ColumnType.TEXT, ColumnType.JSON):
                continue
            if column is EXTRA or _may_be_personal(table, column):
                instead[column.name] = "NULL"
            elif column.references is None:
                name = quoted(column.name)
                instead.setdefault(
                    column.name, f"CASE WHEN NOT contains({name}::VARCHAR, '@') THEN {name} END"
                )
    return instead


def otherwise_formed(
    session: Session, table: Table, hashed_by: str | None, left_out: Collection[str]
) -> frozenset[str]:
    """The columns that aren't published in the form that is wanted: a difference in them is no change.

    Needs ``meta.prepare``.
    """
    row = session.execute(
        f"SELECT hashed_by, left_out FROM {session.qualified(NAME, meta.SCHEMA)} WHERE table_name = ?",
        [table.name],
    ).fetchone()
    before, left_out_before = row or (None, [])
    texts = (ColumnType.TEXT, ColumnType.TEXTS, ColumnType.JSON)
    hashed = {each.name for each in table.all_columns if each.type in texts} if before != hashed_by else set()
    return frozenset(hashed.difference(table.required_columns) | (set(left_out) ^ set(left_out_before)))


def _may_be_personal(table: Table, column: Column) -> bool:
    """Whether it is marked, or a table that is taken out of it has a column that is."""
    return column.personal or any(
        each.personal
        for child in table.children(ALL_TABLES)
        if child.members is not None and child.members.column == column.name
        for each in child.columns
    )


def _forms(session: Session) -> dict[str, str | None]:
    if not session.has_table(NAME, meta.SCHEMA):
        return {}
    query = f"SELECT table_name, hashed_by FROM {session.qualified(NAME, meta.SCHEMA)}"
    return dict(session.execute(query).fetchall())
