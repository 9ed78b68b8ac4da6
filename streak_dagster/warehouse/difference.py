"""Which rows came, changed or went, between the published table and what a refresh brought.

Two hashes of each row are compared, which takes little memory whatever the rows are: of all its columns, and
of those in which a difference is a change. A row of which only the first differs is written, but is no new
version: values moved by the clock alone, or the shape of the table did. Which columns a change is in is then
looked up for the changed rows alone.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.warehouse import ddl
from streak_dagster.warehouse.ddl import comparable, literal, quoted, quoted_list
from streak_dagster.warehouse.shape_changes import Unlike, find_shape_changes, without_members

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

_NO_REVISION = "SELECT NULL::BIGINT AS was_id, NULL::BIGINT AS now_id, NULL::VARCHAR[] AS marks WHERE false"

BATCH = 50_000
"""Changed rows whose columns are compared at once."""


@dataclass(frozen=True)
class Difference:
    """Rows that came, changed and went, and all rows to be ``written``.

    A changed row whose values moved by the clock alone is written, too, but isn't counted as ``updated``.
    """

    inserted: int
    updated: int
    deleted: int
    written: int

    @property
    def turns(self) -> int:
        """Versions that begin or end."""
        return self.inserted + self.updated + self.deleted


@contextmanager
def difference(session: Session, table: Table, unlike: Unlike, *, fresh: str) -> Iterator[Difference]:
    """Compare ``incoming`` with the published table, which has the declared shape.

    While the block runs there are two temporary tables. ``difference`` has a line for each row to be written:
    ``was_id`` and ``now_id``, the row's ids in the published table and in ``incoming``, NULL where it isn't
    there. ``revisions`` has the same ids for those of them that are new versions of a row, with ``marks``,
    the names of the columns that changed, each after a sign of how. ``unlike`` are columns that can't be
    compared; ``fresh`` is a condition on rows of ``incoming`` that Streak answered with for this refresh.
    """
    target, key = session.qualified(table.name), quoted_list(table.primary_key)
    whole = ", ".join(quoted(column.name) for column in table.columns)
    hashes = (
        f"rowid AS id, hash({whole}, {quoted(ddl.EXTRA)}) AS whole, "
        f"hash({', '.join(['true', *_compared(table, unlike).values()])}) AS version"
    )
    found = (
        "SELECT was.id AS was_id, now.id AS now_id, was.version IS DISTINCT FROM now.version AS is_version "
        f"FROM (SELECT {key}, {hashes} FROM {target}) AS was "
        f"FULL JOIN (SELECT {key}, {hashes} FROM incoming) AS now USING ({key}) "
        "WHERE was.whole IS DISTINCT FROM now.whole"
    )
    with session.temporary("difference", found):
        if _drop_doubles(session, table):
            session.execute(f"CREATE OR REPLACE TEMPORARY TABLE difference AS {found}")
        written, inserted, deleted, candidates = session.one_row(
            "SELECT count(*), count(*) FILTER (was_id IS NULL), count(*) FILTER (now_id IS NULL), "
            "count(*) FILTER (is_version AND was_id IS NOT NULL AND now_id IS NOT NULL) FROM difference"
        )
        with session.temporary("revisions", _NO_REVISION):
            updated = 0
            if candidates:
                _find_revisions(session, target, _compared(table, unlike))
                updated = _settled_revisions(session, table, target, fresh)
            yield Difference(int(inserted), updated, int(deleted), int(written))


def _drop_doubles(session: Session, table: Table) -> bool:
    """Delete all but the oldest of published rows under one key, which only others can have written there.

    Whether there are any is told by counts; only where rows go are the keys of these looked at.
    """
    target, key = session.qualified(table.name), quoted_list(table.primary_key)
    was, now, came, went = session.one_row(
        f"SELECT (SELECT count(*) FROM {target}), (SELECT count(*) FROM incoming), "
        "count(*) FILTER (was_id IS NULL), count(*) FILTER (now_id IS NULL) FROM difference"
    )
    doubled = was - went != now - came
    if went and not doubled:
        (doubled,) = session.one_row(
            f"SELECT count(*) <> count(DISTINCT ({key})) FROM {target} "
            "WHERE rowid IN (SELECT was_id FROM difference WHERE now_id IS NULL)"
        )
    if doubled:
        session.execute(
            f"DELETE FROM {target} WHERE rowid NOT IN (SELECT min(rowid) FROM {target} GROUP BY {key})"
        )
    return bool(doubled)


def _settled_revisions(session: Session, table: Table, target: str, fresh: str) -> int:
    """How many ``revisions`` are left without what is no change of a row."""
    if session.one_row("SELECT count(*) FROM revisions") == (0,):
        return 0
    (answered,) = session.one_row(f"SELECT count(*) FROM incoming WHERE {fresh}")
    # None where another refresh published meanwhile, or the clock was put back: then all are compared.
    for name in find_shape_changes(session, table, target, fresh if answered else "true"):
        session.execute("UPDATE revisions SET marks = list_filter(marks, lambda mark: mark[2:] <> ?)", [name])
    session.execute("DELETE FROM revisions WHERE len(marks) = 0")
    (updated,) = session.one_row("SELECT count(*) FROM revisions")
    return int(updated)


def _compared(table: Table, unlike: Unlike) -> dict[str, str]:
    """What of each column counts for a change."""
    compared = {
        column.name: comparable(column)
        for column in table.columns
        if not column.volatile and column.name not in unlike.columns
    }
    if ddl.EXTRA not in unlike.columns:
        compared[ddl.EXTRA] = without_members(quoted(ddl.EXTRA), unlike.members)
    return compared


def _find_revisions(session: Session, target: str, compared: Mapping[str, str]) -> None:
    """Fill ``revisions``; a column in ``marks`` is preceded by how it changed.

    ``+`` where it was NULL, ``-`` where it is NULL now, ``=`` where it is another value; no hash stands for
    NULL, for that of 0 is 0. The rows are joined as one list of hashes each: a hash join of wide rows takes
    80 kB for each of them, whatever the limit of memory is (DuckDB 1.4.0 and 2.0.1).
    """
    pairs = (
        f"SELECT was_id, now_id, (row_number() OVER () - 1) // {BATCH} AS batch FROM difference "
        "WHERE is_version AND was_id IS NOT NULL AND now_id IS NOT NULL"
    )
    hashes = ", ".join(f"CASE WHEN {value} IS NOT NULL THEN hash({value}) END" for value in compared.values())
    was, now = (
        f"SELECT rowid AS {name}, [{hashes}] AS {side} FROM {source} "
        f"WHERE rowid IN (SELECT {name} FROM pairs WHERE batch = ?)"
        for side, name, source in (("was", "was_id", target), ("now", "now_id", "incoming"))
    )
    names = ", ".join(map(literal, compared))
    marks = (
        "SELECT was_id, now_id, "
        "list(CASE WHEN was IS NULL THEN '+' WHEN now IS NULL THEN '-' ELSE '=' END || name ORDER BY place) "
        "FROM (SELECT was_id, now_id, unnest(was) AS was, unnest(now) AS now, "
        f"unnest([{names}]) AS name, unnest(range({len(compared)})) AS place "
        "FROM pairs JOIN was_hashed USING (was_id) JOIN now_hashed USING (now_id)) "
        "WHERE was IS DISTINCT FROM now GROUP BY was_id, now_id"
    )
    with session.temporary("pairs", pairs):
        (batches,) = session.one_row("SELECT max(batch) + 1 FROM pairs")
        for batch in range(int(batches)):
            with (
                session.temporary("was_hashed", was, [batch]),
                session.temporary("now_hashed", now, [batch]),
            ):
                session.execute(f"INSERT INTO revisions {marks}")
