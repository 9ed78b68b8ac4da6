"""What must hold of new rows before they take the place of the old ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.errors import PublishRefusedError
from streak_dagster.tables import ALL_TABLES, Kind
from streak_dagster.warehouse.ddl import SCHEMA, parent_key, quoted, quoted_list

if TYPE_CHECKING:
    from collections.abc import Collection

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

HANDFUL = 10
"""Rows that may go unexplained, however few the table has."""


def refuse_missing_keys(session: Session, table: Table) -> int:
    """Raises PublishRefusedError where an incoming row has no primary key.

    One odd record among those that other rows hold is left out instead, for its parent's row shows it all the
    same, and it would keep the good ones away. Returns how many are; where all are odd, that is refused, too.
    """
    missing = " OR ".join(f"{quoted(name)} IS NULL" for name in table.primary_key)
    count, rows = session.one_row(f"SELECT count(*) FILTER ({missing}), count(*) FROM incoming")
    if table.kind is Kind.DERIVED and count < rows:
        session.execute(f"DELETE FROM incoming WHERE {missing}")
        return int(count)
    if count:
        raise PublishRefusedError(
            f"{count:,} rows of {table.name} came without {' or '.join(table.primary_key)}, which every row "
            f"must have. {SCHEMA}.{table.name} was left as it was."
        )
    return 0


def refuse_shrinkage(
    session: Session,
    table: Table,
    *,
    deleted: int,
    gone: Collection[str],
    max_shrink: float,
) -> int:
    """How many of the ``deleted`` rows are explained. Raises PublishRefusedError where too many aren't.

    Explained are rows whose key is in ``gone``, because Streak said so when asked for it, and rows whose
    parent's row went before, past the guard of the parent's own table. Up to ``HANDFUL`` rows may go
    unexplained, where ``max_shrink`` isn't 0. Otherwise no more than the share ``max_shrink`` may, and never
    all rows, unless all of their parents went, a handful of an optional list did, or it is 1. A pipeline also
    counts with the share of all boxes that it holds, whatever Streak said of it: no source says what Streak
    answers for a lost permission. So does every row by which a long list is read.
    """
    if not deleted:
        return 0
    target = session.qualified(table.name)
    (before,) = session.one_row(f"SELECT count(*) FROM {target}")
    orphaned, explained = _explained(session, table, target, gone)
    unexplained = deleted - explained
    if max_shrink >= 1:
        return explained
    share = unexplained / before
    loss = f"{deleted:,} of {before:,} rows ({deleted / before:.0%}), {unexplained:,} of them unexplained"
    may_end = table.optional and before <= HANDFUL  # whoever has few of them may well end all
    if deleted == before and orphaned < deleted and not may_end:
        raise _refusal(table, loss, "and all rows may go only if so allowed")
    # Where it is 0, not even a handful may go.
    if share > max_shrink and (unexplained > HANDFUL or max_shrink == 0):
        raise _refusal(table, loss, f"more than STREAK_MAX_SHRINK allows ({max_shrink:.0%})")
    for held in _held_by(table):
        share, loss = _share_held(session, table, held, target)
        if share > max_shrink:
            raise _refusal(
                table, f"{loss} ({share:.0%})", f"more than STREAK_MAX_SHRINK allows ({max_shrink:.0%})"
            )
    return explained


def _refusal(table: Table, loss: str, why: str) -> PublishRefusedError:
    return PublishRefusedError(
        f"{table.name} would lose {loss}, {why}; it was left as it was. If Streak really has so much less, "
        "or you chose fewer pipelines, set STREAK_MAX_SHRINK=1 for one run. If not, check that the key's "
        "user still sees everything in Streak."
    )


def _explained(session: Session, table: Table, target: str, gone: Collection[str]) -> tuple[int, int]:
    """Of the published rows that would go, how many have no parent any more, and how many are explained."""
    key = quoted_list(table.primary_key)
    own = '"key"::VARCHAR' if table.primary_key == ("key",) else "NULL::VARCHAR"
    held, parents = "NULL::VARCHAR", "SELECT NULL::VARCHAR WHERE false"
    # A table of an older declaration may lack the one or the other.
    columns = [(table.name, each) for each in table.parent_columns]
    columns += [(parent.name, "key") for parent in table.parents]
    if columns and all(name in session.columns(of) for of, name in columns):
        held = f"{parent_key(table)}::VARCHAR"
        parents = " UNION ALL ".join(
            f'SELECT "key"::VARCHAR FROM {session.qualified(parent.name)}' for parent in table.parents
        )
    going = f"SELECT {own} AS own, {held} AS parent FROM {target} ANTI JOIN incoming USING ({key})"
    with session.temporary("going", going):
        orphaned, explained = session.one_row(
            # The inner IN leaves few of the parents, of which there may be very many.
            f"WITH there AS (SELECT k FROM ({parents}) AS t(k) WHERE k IN (SELECT parent FROM going)), "
            "seen AS (SELECT own, parent IS NOT NULL AND parent NOT IN (SELECT k FROM there) AS orphaned "
            "FROM going) SELECT count(*) FILTER (orphaned), "
            "count(*) FILTER (orphaned OR coalesce(own IN (SELECT unnest(?::VARCHAR[])), false)) FROM seen",
            [list(gone)],
        )
    return int(orphaned), int(explained)


def _held_by(table: Table) -> list[Table]:
    """Tables of which one row of this one holds very many: losing a pipeline loses all its boxes."""
    return [
        each
        for each in table.children(ALL_TABLES)
        if each.endpoint and (each.kind is Kind.TEAM_LIST or not each.endpoint.small)
    ]


def _share_held(session: Session, table: Table, held: Table, target: str) -> tuple[float, str]:
    """The share of the held table's rows that belong to rows which would go."""
    column = held.parent_column or ""
    if column not in session.columns(held.name):
        return 0.0, ""
    key = quoted_list(table.primary_key)
    going = f"SELECT {key} FROM {target} ANTI JOIN incoming USING ({key})"
    lost, total = session.one_row(
        f"SELECT count(*) FILTER ({quoted(column)} IN ({going})), count(*) "
        f"FROM {session.qualified(held.name)}",
    )
    return (lost / total, f"{lost:,} of {total:,} rows of {held.name} with it") if total else (0.0, "")
