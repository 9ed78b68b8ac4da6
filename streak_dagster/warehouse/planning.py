"""Whose children have to be asked for? Decided in DuckDB, for every box at once.

Streak has no change feed, but a box carries counters and times of its children (section 5 of the
API notes that this project was built from). Their hash is the box's *fingerprint* for a kind of children; it
is remembered with each reading. In a ``changed`` refresh a box is

* ``empty`` when its counter is zero: there is nothing to ask for;
* ``keep`` when its fingerprint hasn't changed since its rows were read, by the same declaration;
* ``fetch`` otherwise, and always where the box carries neither counter nor ``lastSavedTimestamp``:
  then nothing would show a change.

A fingerprint is older than the rows read with it, so a change in between shows at the next refresh.

For example, of three boxes with comments, A has a counter of 0; B shows a counter of 2 and times that are
those of its last reading; and somebody commented on C, so that its counter is 4 where 3 was read. A is empty,
B is kept and C is fetched: one call. A ``complete`` refresh fetches all three, and notes what would have
been decided, so that ``warehouse.audit`` can tell whether that would have been right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.sync.plan import ReadingPlan
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session


def plan_reading(
    session: Session, table: Table, declaration: str, path: Path, *, changed: bool
) -> ReadingPlan:
    """Decide for every row of the parent, which is there, and write the plan to ``path``.

    ``declaration`` is the fingerprint that rows must have been read by to be kept.
    """
    session.execute(
        f"COPY ({_decisions(session, table, declaration, changed=changed)}) "
        f"TO {literal(str(path))} (FORMAT parquet)"
    )
    source = f"read_parquet({literal(str(path))})"
    counted = dict(session.execute(f"SELECT decision, count(*) FROM {source} GROUP BY decision").fetchall())
    fetch = session.execute(
        f"SELECT box_key, fingerprint, counted FROM {source} WHERE decision = 'fetch' ORDER BY box_key"
    ).fetchall()
    return ReadingPlan(path, changed, fetch, counted.get("keep", 0), counted.get("empty", 0))


def _decisions(session: Session, table: Table, declaration: str, *, changed: bool) -> str:
    """The query of the plan."""
    assert table.parent is not None, f"{table.name} has no parent"
    boxes = session.qualified(table.parent.name)
    decision = "would" if changed else "'fetch'"
    return (
        f"WITH boxes AS ({fingerprinted_boxes(table, boxes)}), "
        f"reads AS ({remembered_fingerprints(session, table, declaration)}), "
        "decided AS (SELECT boxes.box_key, boxes.fingerprint, counted, CASE WHEN counted = 0 THEN 'empty' "
        "WHEN shows_change AND reads.fingerprint = boxes.fingerprint THEN 'keep' ELSE 'fetch' END AS would "
        "FROM boxes LEFT JOIN reads USING (box_key)) "
        f"SELECT box_key, fingerprint, counted, would, {decision} AS decision FROM decided"
    )


def fingerprint_columns(table: Table) -> tuple[str, ...]:
    """The columns of a box that its fingerprint for one table is made of."""
    return (*table.counters, *table.change_columns, *table.parent_row.change_columns)


def fingerprinted_boxes(table: Table, boxes: str) -> str:
    """A query for ``box_key, fingerprint, counted, shows_change`` of each row of ``boxes``, for one table.

    ``counted`` is the number of children by the box's counter, NULL where it has none; ``shows_change`` says
    whether the fingerprint would show a change.
    """
    counted = " + ".join(f"b.{quoted(name)}" for name in table.counters) or "NULL::BIGINT"
    of_any = table.parent_row.change_columns
    hashed = ", ".join(f"b.{quoted(name)}" for name in fingerprint_columns(table))
    shows_change = " OR ".join(f"b.{quoted(name)} IS NOT NULL" for name in (*table.counters, of_any[0]))
    return (
        f'SELECT b."key" AS box_key, hash({hashed})::VARCHAR AS fingerprint, {counted} AS counted, '
        f"({shows_change}) AS shows_change FROM {boxes} AS b"
    )


def remembered_fingerprints(session: Session, table: Table, declaration: str) -> str:
    """A query for the ``fingerprint`` that each ``box_key`` had when its rows were read by this declaration.

    The column is still called ``mark``, as in databases that earlier versions filled.
    """
    if not session.has_table("readings", meta.SCHEMA):
        return "SELECT NULL::VARCHAR AS box_key, NULL::VARCHAR AS fingerprint WHERE false"
    readings = session.qualified("readings", meta.SCHEMA)
    return (
        f"SELECT box_key, mark AS fingerprint FROM {readings} "
        f"WHERE table_name = {literal(table.name)} AND declaration = {literal(declaration)}"
    )


def remember_readings(
    session: Session,
    table: Table,
    declaration: str,
    plan: Path,
    answers: Path,
    *,
    unread: Sequence[str],
) -> None:
    """Note the fingerprint that each box had when its rows were read, inside the caller's transaction.

    A line that is as it was isn't written: there is one for each box and table, and most don't change.
    ``answers`` is the spool's file of answers: those of an earlier, cut short refresh have the fingerprint
    of then. Boxes that are ``unread`` are asked again next time.
    """
    target = session.qualified("readings", meta.SCHEMA)
    read = (
        "SELECT parent AS box_key, any_value(fingerprint) AS fingerprint "
        f"FROM read_json({literal(str(answers))}, "
        "format = 'newline_delimited', columns = {parent: 'VARCHAR', fingerprint: 'VARCHAR'}) "
        "WHERE fingerprint IS NOT NULL AND parent NOT IN (SELECT parent FROM unread) GROUP BY parent"
    )
    spared = f"SELECT box_key, fingerprint FROM read_parquet({literal(str(plan))}) WHERE decision <> 'fetch'"
    reading = f"({read}) UNION ALL (SELECT * FROM ({spared}) ANTI JOIN ({read}) USING (box_key))"
    with (
        session.temporary("unread", "SELECT unnest(?::VARCHAR[]) AS parent", [list(unread)]),
        session.temporary("reading", reading),
    ):
        noted = {"table_name": table.name, "declaration": declaration}
        session.execute(
            f"DELETE FROM {target} WHERE rowid IN (SELECT was.rowid FROM {target} AS was ANTI JOIN reading "
            "ON was.box_key = reading.box_key AND was.mark = fingerprint AND was.declaration = $declaration "
            "WHERE was.table_name = $table_name)",
            noted,
        )
        session.execute(
            f"INSERT INTO {target} SELECT $table_name, box_key, fingerprint, $declaration FROM reading "
            f"ANTI JOIN (FROM {target} WHERE table_name = $table_name) USING (box_key)",
            noted,
        )
