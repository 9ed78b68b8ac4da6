"""Only what differs is written, so that the table keeps its identity, and what its users added to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.warehouse import ddl
from streak_dagster.warehouse.ddl import quoted, quoted_list
from streak_dagster.warehouse.shape import own_columns

if TYPE_CHECKING:
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session


def write_difference(session: Session, table: Table) -> None:
    """Make the published table equal ``incoming``; needs the temporary tables of ``difference``.

    A row that is no new version keeps its ``_synced_at``, and every row what its users' columns hold. Where
    the table has rows of others under the same keys, all of it is written.
    """
    target, names = session.qualified(table.name), quoted_list(ddl.column_types(table))
    own = own_columns(session, table)
    came_with = f"{names}, {quoted_list(own)}" if own else names
    synced = quoted(ddl.SYNCED_AT)
    stays = (
        f"SELECT d.now_id, CASE WHEN r.was_id IS NULL THEN was.{synced} END AS synced_before"
        f"{''.join(f', was.{quoted(name)}' for name in own)} FROM difference AS d "
        f"JOIN {target} AS was ON was.rowid = d.was_id LEFT JOIN revisions AS r ON r.was_id = d.was_id "
        "WHERE d.now_id IS NOT NULL"
    )
    rows = (
        f"SELECT came.* REPLACE (coalesce(stays.synced_before, came.{synced}) AS {synced})"
        f"{''.join(f', stays.{quoted(name)}' for name in own)} FROM incoming AS came "
    )
    with session.temporary("stays", stays):
        session.execute(
            f"DELETE FROM {target} WHERE rowid IN (SELECT was_id FROM difference WHERE was_id IS NOT NULL)"
        )
        session.execute(f"INSERT INTO {target} ({came_with}) {rows} JOIN stays ON stays.now_id = came.rowid")
        session.execute(
            f"INSERT INTO {target} ({names}) SELECT came.* FROM incoming AS came JOIN difference AS d "
            "ON d.now_id = came.rowid WHERE d.was_id IS NULL"
        )
    if session.one_row(f"SELECT count(*) FROM {target}") != session.one_row("SELECT count(*) FROM incoming"):
        session.execute(f"DELETE FROM {target}")
        session.execute(f"INSERT INTO {target} ({names}) SELECT * FROM incoming")
