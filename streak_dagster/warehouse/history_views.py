"""``streak_history.<table>``: the versions of rows that ended, and those that are present, in one view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.ddl import literal, quoted, quoted_list
from streak_dagster.warehouse.history import BEGUN, PAST, SCHEMA, VERSION_COLUMNS
from streak_dagster.warehouse.opening import is_ambiguous

if TYPE_CHECKING:
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

_MEANINGS = {
    "_valid_from": "When Streak answered with this version of the row; of a delete, when it was known.",
    "_valid_to": "When the next version begins; NULL for the present one.",
    "_change": "How the version began: insert, update, or delete, whose other columns are the last ones.",
    "_changed": "Names of the columns in which it differs from the version before; NULL unless an update.",
    "_seen_before": "When the row was last seen as it was before: it changed between then and _valid_from.",
}


def show_history(session: Session, table: Table) -> None:
    """Make the view, where it isn't there as it should be. No catalog is named: the file may be renamed."""
    if is_ambiguous(session.catalog):
        return
    wanted = {**ddl.column_types(table), **VERSION_COLUMNS}
    comment = f"All versions of the rows of streak.{table.name}: {table.description}"
    found = session.execute(
        "SELECT comment FROM duckdb_views() WHERE database_name = current_database() AND schema_name = ? "
        "AND view_name = ?",
        [SCHEMA, table.name],
    ).fetchone()
    if found == (comment,) and list(session.columns(table.name, SCHEMA).items()) == list(wanted.items()):
        return
    session.create_schema(SCHEMA)
    target = session.qualified(table.name, SCHEMA)
    session.execute(f"CREATE OR REPLACE VIEW {target} AS {select_versions(table)}")
    session.execute(f"COMMENT ON VIEW {target} IS {literal(comment)}")
    meanings = {**{each.name: each.meaning for each in table.all_columns}, **_MEANINGS}
    for name, meaning in meanings.items():
        session.execute(f"COMMENT ON COLUMN {target}.{quoted(name)} IS {literal(meaning)}")


def select_versions(table: Table) -> str:
    """The query of the view."""
    names, key = list(ddl.column_types(table)), quoted_list(table.primary_key)
    present = ", ".join(f"present.{quoted(name)}" for name in names)
    return (
        f"SELECT {present}, coalesce(start._valid_from, present.{quoted(ddl.SYNCED_AT)}) AS _valid_from, "
        "NULL::TIMESTAMP WITH TIME ZONE AS _valid_to, coalesce(start._change, 'insert') AS _change, "
        "start._changed, start._seen_before "
        f"FROM {ddl.SCHEMA}.{quoted(table.name)} AS present "
        f"LEFT JOIN {meta.SCHEMA}.{quoted(f'{BEGUN}{table.name}')} AS start USING ({key}) "
        f"UNION ALL SELECT {quoted_list(names)}, {', '.join(VERSION_COLUMNS)} "
        f"FROM {meta.SCHEMA}.{quoted(f'{PAST}{table.name}')}"
    )
