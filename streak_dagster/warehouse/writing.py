"""Only what differs is written, so that the table keeps its identity, and what its users added to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.warehouse import ddl
from streak_dagster.warehouse.ddl import quoted, quoted_list
from streak_dagster.warehouse.shape import own_columns

if TYPE_CHECKING:
    from collections.abc import Collection

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session


def write_difference(session: Session, table: Table) -> None:
    """Make the published table equal ``incoming``; needs the temporary tables of ``difference``.

    A row that is no new version keeps its ``_synced_at``, and every row what its users' columns hold. Where
    the table has rows of others under the same keys, all of it is written.
    """
    target, names = session.qualified(table.name), quoted_list(ddl.column_types(table))
    synced = quoted(ddl.SYNCED_AT)
    unmoved = (
        f"SELECT d.now_id, was.{synced} AS since FROM difference AS d "
        f"JOIN {target} AS was ON was.rowid = d.was_id "
        "WHERE d.now_id IS NOT NULL AND d.now_id NOT IN (SELECT now_id FROM revisions)"
    )
    with session.temporary("unmoved", unmoved):
        # Joins of narrow rows alone: DuckDB might hold the wide ones in memory.
        session.execute(
            f"UPDATE incoming SET {synced} = since FROM unmoved WHERE incoming.rowid = unmoved.now_id"
        )
    own = own_columns(session, table)
    if own:
        with session.temporary("theirs", _theirs(target, own)):
            _replace_rows(session, target, names, own)
    else:
        _replace_rows(session, target, names, own)
    if session.one_row(f"SELECT count(*) FROM {target}") != session.one_row("SELECT count(*) FROM incoming"):
        session.execute(f"DELETE FROM {target}")
        session.execute(f"INSERT INTO {target} ({names}) SELECT * FROM incoming")


def _theirs(target: str, own: Collection[str]) -> str:
    """The query of what users' columns hold in rows that stay."""
    values = "".join(f", was.{quoted(name)} AS own_{place}" for place, name in enumerate(own))
    return (
        f"SELECT d.now_id{values} FROM difference AS d JOIN {target} AS was ON was.rowid = d.was_id "
        "WHERE d.now_id IS NOT NULL"
    )


def _replace_rows(session: Session, target: str, names: str, own: Collection[str]) -> None:
    rows, written, replaced = session.one_row(
        "SELECT (SELECT count(*) FROM incoming), count(now_id), count(was_id) FROM difference"
    )
    if replaced:
        session.execute(
            f"DELETE FROM {target} WHERE rowid IN (SELECT was_id FROM difference WHERE was_id IS NOT NULL)"
        )
    new = "" if rows == written else "WHERE rowid IN (SELECT now_id FROM difference WHERE now_id IS NOT NULL)"
    if own:
        session.execute(
            f"INSERT INTO {target} ({names}, {quoted_list(own)}) SELECT came.*, "
            f"{', '.join(f'own_{place}' for place in range(len(own)))} FROM incoming AS came "
            "JOIN theirs ON theirs.now_id = came.rowid"
        )
        new = (
            "WHERE rowid IN (SELECT now_id FROM difference WHERE was_id IS NULL)"  # the columns' own defaults
        )
    if written:
        session.execute(f"INSERT INTO {target} ({names}) SELECT * FROM incoming {new}")
