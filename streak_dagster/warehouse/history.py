"""Every version of every row, kept as the table changes, in the table's own transaction.

The version that a row has now is the row itself: ``streak.<table>``. What it was before, and rows that are
gone, are in ``streak_meta.past_<table>``, and how a present version began, where that isn't simply "inserted
when Streak answered with it", in ``streak_meta.begun_<table>``. View ``streak_history.<table>`` shows them
together (``history_views``), so that table and history can't disagree, and a first copy costs nothing twice.

A version is valid from when Streak answered with it until the next one is, and that one begins at the same
moment. A deleted row's last version is followed by a tombstone, ``_change = 'delete'``, with its last values;
that ends where the row returns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.ddl import quoted, quoted_list
from streak_dagster.warehouse.shape import reshape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.difference import Difference
    from streak_dagster.warehouse.session import Session

SCHEMA = "streak_history"
VERSION_COLUMNS = {
    "_valid_from": "TIMESTAMP WITH TIME ZONE",
    "_valid_to": "TIMESTAMP WITH TIME ZONE",
    "_change": "VARCHAR",
    "_changed": "VARCHAR[]",
    "_seen_before": "TIMESTAMP WITH TIME ZONE",
}
"""The columns that a version has beside the row's own, with their types."""
PAST, BEGUN = "past_", "begun_"
_BEGUN_COLUMNS = ("_valid_from", "_change", "_changed", "_seen_before")


@dataclass(frozen=True)
class Keeping:
    """Whether versions that end are kept, and for how many days after that; None for always."""

    versions: bool = True
    days: int | None = None


def past(session: Session, table: Table) -> str:
    """The full name of the table of the versions of ``table`` that ended, and of the tombstones."""
    return session.qualified(f"{PAST}{table.name}", meta.SCHEMA)


def begun(session: Session, table: Table) -> str:
    """The full name of the table that says how present versions of ``table`` began."""
    return session.qualified(f"{BEGUN}{table.name}", meta.SCHEMA)


def has_history(session: Session, table: Table) -> bool:
    """Whether versions of the table's rows are kept, or were."""
    return session.has_table(f"{PAST}{table.name}", meta.SCHEMA)


def prepare(session: Session, table: Table) -> None:
    """Make the two tables as the declaration is now, inside the caller's transaction."""
    session.create_schema(meta.SCHEMA)
    reshape(session, table, f"{PAST}{table.name}", meta.SCHEMA, VERSION_COLUMNS, known=None)
    if not session.has_table(f"{BEGUN}{table.name}", meta.SCHEMA):
        kinds = ddl.column_types(table)
        columns = [f"{quoted(name)} {kinds[name]} NOT NULL" for name in table.primary_key]
        columns += [f"{name} {VERSION_COLUMNS[name]}" for name in _BEGUN_COLUMNS]
        session.execute(f"CREATE TABLE {begun(session, table)} ({', '.join(columns)})")


def record(session: Session, table: Table, changes: Difference, keeping: Keeping) -> None:
    """Keep what is about to be written over; needs ``moments.turns``, before the difference is written."""
    if changes.inserted:  # also where history is off: the row is there again
        _end_tombstones(session, table)
    if keeping.versions:
        if changes.updated or changes.deleted:
            _end_versions(session, table)
        if changes.deleted:
            _make_tombstones(session, table)
    _note_beginnings(session, table)


def _end_tombstones(session: Session, table: Table) -> None:
    """Of rows that return."""
    same = " AND ".join(f"came.{quoted(name)} = gone.{quoted(name)}" for name in table.primary_key)
    session.execute(
        f"UPDATE {past(session, table)} AS gone SET _valid_to = turns.moment FROM turns, incoming AS came "
        "WHERE turns.change = 'insert' AND came.rowid = turns.now_id AND gone._valid_to IS NULL AND " + same
    )


def _end_versions(session: Session, table: Table) -> None:
    values = (
        f"coalesce(start._valid_from, was.{quoted(ddl.SYNCED_AT)}), turns.moment, "
        "coalesce(start._change, 'insert'), start._changed, start._seen_before"
    )
    starts = f"LEFT JOIN {begun(session, table)} AS start USING ({quoted_list(table.primary_key)})"
    _keep(session, table, values, f"{starts} WHERE turns.change <> 'insert'")


def _make_tombstones(session: Session, table: Table) -> None:
    values = "turns.moment, NULL, 'delete', NULL, turns.seen_before"
    _keep(session, table, values, "WHERE turns.change = 'delete'")


def _keep(session: Session, table: Table, values: str, condition: str) -> None:
    names = list(ddl.column_types(table))
    session.execute(
        f"INSERT INTO {past(session, table)} ({quoted_list(names)}, {', '.join(VERSION_COLUMNS)}) "
        f"SELECT {', '.join(f'was.{quoted(name)}' for name in names)}, {values} "
        f"FROM turns JOIN {session.qualified(table.name)} AS was ON was.rowid = turns.was_id {condition}"
    )


def _note_beginnings(session: Session, table: Table) -> None:
    target, starts = session.qualified(table.name), begun(session, table)
    key = quoted_list(table.primary_key)
    # One that comes has none, unless somebody else deleted its row.
    for source, row in ((target, "was_id"), ("incoming", "now_id")):
        session.execute(
            f"DELETE FROM {starts} WHERE ({key}) IN (SELECT ({key}) FROM turns "
            f"JOIN {source} AS its ON its.rowid = turns.{row})"
        )
    session.execute(
        f"INSERT INTO {starts} SELECT {key}, turns.moment, turns.change, turns.changed, turns.seen_before "
        f"FROM turns JOIN incoming AS came ON came.rowid = turns.now_id WHERE turns.change <> 'insert' OR "
        f"turns.seen_before IS NOT NULL OR turns.moment <> came.{quoted(ddl.SYNCED_AT)}"
    )


def expire(session: Session, table: Table, days: int) -> None:
    """Forget versions, and tombstones, that ended more than so many days ago."""
    session.execute(
        f"DELETE FROM {past(session, table)} WHERE coalesce(_valid_to, _valid_from) < now() - to_days(?)",
        [days],
    )


def blank(session: Session, table: Table, instead: Mapping[str, str]) -> None:
    """Put an expression instead of columns into every version that ended; see ``plain.emptied``."""
    if instead:
        values = ", ".join(f"{quoted(name)} = {expression}" for name, expression in instead.items())
        session.execute(f"UPDATE {past(session, table)} SET {values}")


def begin_anew(session: Session, table: Table) -> None:
    """Somebody dropped the table: how its rows began isn't known; those of ``incoming`` are no more gone."""
    session.execute(f"DELETE FROM {begun(session, table)}")
    same = " AND ".join(f"came.{quoted(name)} = gone.{quoted(name)}" for name in table.primary_key)
    session.execute(
        f"UPDATE {past(session, table)} AS gone SET _valid_to = greatest(came.{quoted(ddl.SYNCED_AT)}, "
        "gone._valid_from + INTERVAL 1 MILLISECOND) FROM incoming AS came "
        f"WHERE gone._valid_to IS NULL AND {same}"
    )


def forget(session: Session, table: Table) -> None:
    """Forget all of it: the rows were another account's."""
    session.execute(f"DELETE FROM {past(session, table)}")
    session.execute(f"DELETE FROM {begun(session, table)}")
