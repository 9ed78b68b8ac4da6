"""A box whose own row is erased in part keeps its readings: nothing has to be asked for because of it.

The fingerprint of a box (``warehouse.planning``) is made of columns that may name people, such as those whom
tasks are assigned to. Where the published row still had the fingerprint that its children were read with,
that of the erased one takes its place.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from streak_dagster.tables import ALL_TABLES, PIPELINE_BOXES
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.ddl import literal
from streak_dagster.warehouse.planning import fingerprinted_boxes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streak_dagster.warehouse.session import Session


@contextmanager
def readings_kept(session: Session, condition: str) -> Iterator[None]:
    """Around the erasing, in its transaction; ``condition`` is true of each row of a box that may change."""
    columns = session.columns(PIPELINE_BOXES.name)
    tables = [
        each
        for each in ALL_TABLES
        if each.is_planned
        and {*each.counters, *each.change_columns, *each.parent_row.change_columns} <= columns.keys()
    ]
    if not tables or not session.has_table("readings", meta.SCHEMA):
        yield
        return
    boxes = session.qualified(PIPELINE_BOXES.name)
    chosen = {
        "before": f"(FROM {boxes} WHERE {condition})",
        "after": f'(FROM {boxes} SEMI JOIN before_erasing ON {boxes}."key" = before_erasing.box_key)',
    }
    query = {
        moment: " UNION ALL ".join(
            f"SELECT {literal(table.name)} AS table_name, box_key, fingerprint "
            f"FROM ({fingerprinted_boxes(table, source)})"
            for table in tables
        )
        for moment, source in chosen.items()
    }
    with session.temporary("before_erasing", query["before"]):
        yield
        session.execute(
            f"UPDATE {session.qualified('readings', meta.SCHEMA)} AS r SET mark = now.fingerprint "
            f"FROM before_erasing AS was JOIN ({query['after']}) AS now USING (table_name, box_key) "
            "WHERE r.table_name = was.table_name AND r.box_key = was.box_key AND r.mark = was.fingerprint "
            "AND was.fingerprint <> now.fingerprint"
        )
