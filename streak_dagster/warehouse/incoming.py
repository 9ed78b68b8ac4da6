"""The rows that the table shall have, in the temporary table ``incoming``: what came, and what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.warehouse import ddl
from streak_dagster.warehouse.ddl import literal, quoted, quoted_list
from streak_dagster.warehouse.published import keep_published_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from streak_dagster.sync.plan import ReadingPlan
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

_KEPT = "SELECT unnest(?::VARCHAR[]) AS parent"


def without(table: Table, incoming: str, left_out: Collection[str]) -> str:
    """The query with columns that are always NULL: rows that are taken out of others bring them along."""
    if not left_out:
        return incoming
    kinds = ddl.column_types(table)
    empty = ", ".join(f"NULL::{kinds[name]} AS {quoted(name)}" for name in sorted(left_out))
    return f"SELECT * REPLACE ({empty}) FROM ({incoming})"


def take_out(session: Session, table: Table, parents: Sequence[str], spare: Sequence[str] = ()) -> None:
    """Take the rows of some parents out of ``incoming``, but not those whose own keys are in ``spare``."""
    if parents:
        parent, key = ddl.parent_key(table), quoted(table.primary_key[-1])
        session.execute(
            f"DELETE FROM incoming WHERE {parent} IN (SELECT unnest(?)) "
            f"AND {key} NOT IN (SELECT unnest(?::VARCHAR[]))",
            [list(parents), list(spare)],
        )


def keep_parents(
    session: Session,
    table: Table,
    keep: Sequence[str],
    plan: ReadingPlan | None,
    instead: Mapping[str, str],
) -> None:
    """Bring the rows of some parents back as they were."""
    parent = ddl.parent_key(table)
    with session.temporary("kept", _KEPT, [list(keep)]):
        if plan is not None and plan.changed:
            # What was answered after all, before a refresh was cut short, is newer than what is kept.
            session.execute(
                f"INSERT INTO kept SELECT box_key FROM read_parquet({literal(str(plan.path))}) "
                f"WHERE decision = 'keep' AND box_key NOT IN (SELECT {parent} FROM incoming)"
            )
        if session.one_row("SELECT count(*) FROM kept") != (0,):
            keep_published_rows(session, table, parent, instead)


def keep_single_rows(session: Session, table: Table, keys: Sequence[str], instead: Mapping[str, str]) -> None:
    """Bring rows back as they were, by the key that they alone have."""
    if keys:
        with session.temporary("kept", _KEPT, [list(keys)]):
            keep_published_rows(session, table, quoted(table.primary_key[-1]), instead)


def keep_others(
    session: Session, table: Table, left_out: Collection[str], instead: Mapping[str, str]
) -> None:
    """Bring back every row that isn't listed any more, but those of the parents in ``left_out``."""
    parent = ddl.parent_key(table)
    others = (
        f"SELECT DISTINCT ({parent})::VARCHAR AS parent FROM {session.qualified(table.name)} "
        f"WHERE ({parent})::VARCHAR NOT IN (SELECT unnest(?::VARCHAR[]))"
    )
    with session.temporary("kept", others, [list(left_out)]):
        keep_published_rows(session, table, parent, instead)


def deduplicate(session: Session, table: Table) -> int:
    """Keep the newest version of a row that came more than once, which a shifting page can cause.

    Of those that are equally new it is always the same one, or the row would seem to change each time.
    """
    key = quoted_list(table.primary_key)
    (extra,) = session.one_row(f"SELECT count(*) - count(DISTINCT ({key})) FROM incoming")
    if not extra:
        return 0
    if table.in_several_lists:
        parent = quoted(table.parent_column or "")
        session.execute(
            f"UPDATE incoming SET {parent} = first.parent FROM (SELECT {key}, min({parent}) AS parent "
            f"FROM incoming GROUP BY ALL) AS first WHERE ({_of('incoming', table)}) = ({_of('first', table)})"
        )
    newest = "".join(f"{quoted(name)} DESC NULLS LAST, " for name in (*table.latest_by, ddl.SYNCED_AT))
    session.execute(
        f"DELETE FROM incoming WHERE rowid IN (SELECT rowid FROM (SELECT rowid, row_number() OVER "
        f"(PARTITION BY {key} ORDER BY {newest}hash(incoming), rowid) AS version "
        "FROM incoming) WHERE version > 1)"
    )
    return int(extra)


def _of(source: str, table: Table) -> str:
    return ", ".join(f"{source}.{quoted(name)}" for name in table.primary_key)
