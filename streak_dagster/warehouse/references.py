"""Whether the keys that a table holds of other tables' rows lead to one: ``references`` of its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streak_dagster.tables.relations import relations_of
from streak_dagster.warehouse.ddl import quoted
from streak_dagster.warehouse.inspection import MAX_EXAMPLES

if TYPE_CHECKING:
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session


@dataclass(frozen=True)
class Reference:
    """``column`` names a row of ``target``; ``on`` pairs this table's columns with the target's.

    There are more pairs than one where a key of the target is unique only inside another (a stage's
    inside its pipeline) and this table has that one, too.
    """

    column: str
    target: Table
    on: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Orphans:
    """Of the ``rows`` with such a reference, ``orphans`` lead to no row; ``examples`` are such values."""

    reference: Reference
    rows: int
    orphans: int
    examples: list[dict[str, Any]]


def references_of(table: Table) -> list[Reference]:
    """What the declaration says; references to tables that aren't copied are left out.

    Those of a table that accumulates are none to be held to: it tells of what is gone since.
    """
    if table.window is not None:
        return []
    return [
        Reference(each.column, each.target, each.on)
        for each in relations_of(table)
        if table.by_name[each.column].references
    ]


def find_orphans(session: Session, table: Table, reference: Reference) -> Orphans | None:
    """Compare one column with the table it names; None where one of both isn't there to compare.

    A row without a value in one of the columns refers to nothing.
    """
    mine, theirs = session.columns(table.name), session.columns(reference.target.name)
    if any(own not in mine or other not in theirs for own, other in reference.on):
        return None
    # As text: a table of an older declaration may have either of them in another type.
    referring = ", ".join(f"{quoted(own)}::VARCHAR AS k{n}" for n, (own, _) in enumerate(reference.on))
    keys = ", ".join(f"{quoted(other)}::VARCHAR AS k{n}" for n, (_, other) in enumerate(reference.on))
    columns = ", ".join(f"k{n}" for n in range(len(reference.on)))
    given = " AND ".join(f"{quoted(own)} IS NOT NULL" for own, _ in reference.on)
    held = (
        f"SELECT {columns}, count(*) AS rows FROM (SELECT {referring} "
        f"FROM {session.qualified(table.name)} WHERE {given}) GROUP BY ALL"
    )
    orphans = (
        f"SELECT {columns}, rows FROM ({held}) AS held ANTI JOIN "
        f"(SELECT {keys} FROM {session.qualified(reference.target.name)}) AS theirs USING ({columns})"
    )
    (rows,) = session.one_row(f"SELECT coalesce(sum(rows), 0)::BIGINT FROM ({held})")
    (lost,) = session.one_row(f"SELECT coalesce(sum(rows), 0)::BIGINT FROM ({orphans})")
    names = [*(own for own, _ in reference.on), "rows"]
    examples = session.execute(
        f"SELECT * FROM ({orphans}) ORDER BY rows DESC, {columns} LIMIT {MAX_EXAMPLES}"
    ).fetchall()
    return Orphans(
        reference, int(rows), int(lost), [dict(zip(names, each, strict=True)) for each in examples]
    )
