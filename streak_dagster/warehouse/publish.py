"""A refresh becomes the table, in one transaction: every reader sees the old table or the new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streak_dagster.warehouse import ddl
from streak_dagster.warehouse.audit import Audit, audit
from streak_dagster.warehouse.ddl import literal, quoted, quoted_list
from streak_dagster.warehouse.guards import refuse_missing_keys, refuse_shrinkage
from streak_dagster.warehouse.plain import emptied
from streak_dagster.warehouse.published import keep_published_rows
from streak_dagster.warehouse.saved_until import audit_since
from streak_dagster.warehouse.versions import row_version

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from streak_dagster.sync.plan import ReadingPlan, SincePlan
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

_PREVIEW_ROWS = 5
_KEPT = "SELECT unnest(?::VARCHAR[]) AS parent"


@dataclass(frozen=True)
class Publication:
    """What publishing did to the table.

    ``deduplicated`` rows came twice; the newer version was kept. ``without_key`` records of the parent's rows
    had none, and were left out. Of the ``deleted`` rows ``explained`` were called gone by Streak, or went
    with their parent.
    """

    rows: int
    inserted: int
    updated: int
    deleted: int
    deduplicated: int
    with_extra: int
    preview: list[dict[str, Any]]
    audit: Audit | None = None
    explained: int = 0
    without_key: int = 0


def publish(
    session: Session,
    table: Table,
    incoming: str,
    *,
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    keep_rows: Sequence[str] = (),
    spare: Sequence[str] = (),
    gone: Collection[str] = (),
    max_shrink: float = 1.0,
    plan: ReadingPlan | None = None,
    left_out: Collection[str] = (),
    hashed_by: str | None = None,
    parents_left_out: Collection[str] | None = None,
    since: SincePlan | None = None,
    add_to: Sequence[str] = (),
) -> Publication:
    """Replace the table by the rows of the query ``incoming``, inside the caller's transaction.

    Rows of the parents in ``drop`` are left out; for a table without parents, these rows. The parents in
    ``keep`` keep the rows that they have now, and what came of them is left out, but for rows whose keys are
    in ``spare``. Those that the ``plan`` keeps keep theirs, too, and so do single rows whose keys are in
    ``keep_rows``, and the parents in ``add_to``, which were asked by ``since`` for what changed alone. What
    came takes the place of what is kept under the same key. A table that accumulates keeps every row, but for
    those of the parents in ``parents_left_out``, where that is given.

    Columns that are ``left_out`` are NULL in every row. ``hashed_by`` says which key the hashes of personal
    data are of: rows that are kept and aren't in this form lose what may be personal.

    A complete plan is audited: what would a changed one have missed? Raises PublishRefusedError where the
    rows can't be the table, or where more than the share ``max_shrink`` of the present rows would go and no
    key in ``gone``, nor a parent's row that went, explains it.
    """
    target = session.qualified(table.name)
    session.create_schema()
    instead = emptied(session, table, hashed_by, left_out)
    with session.temporary("incoming", _without(table, incoming, left_out)):
        _take_out(session, table, drop)
        if not table.optional:  # such a list came whole or not at all, so this can only be another's
            _take_out(session, table, keep, spare=spare)
        _keep_parents(session, table, [*keep, *add_to], plan, instead)
        _keep_single_rows(session, table, keep_rows, instead)
        if table.window is not None and parents_left_out is not None:
            _keep_others(session, table, parents_left_out, instead)
        without_key = refuse_missing_keys(session, table)
        deduplicated = _deduplicate(session, table)
        inserted, updated, deleted = _count_changes(session, table, target)
        missed = _audited(session, table, target, plan, since)
        explained = refuse_shrinkage(session, table, deleted=deleted, gone=gone, max_shrink=max_shrink)
        session.execute(ddl.create_table(session.catalog, table))
        session.execute(f"INSERT INTO {target} SELECT * FROM incoming")
        for statement in ddl.comments(session.catalog, table):
            session.execute(statement)
        total, with_extra = session.one_row(f"SELECT count(*), count({quoted(ddl.EXTRA)}) FROM incoming")
        preview = _preview(session, table)
    return Publication(
        total,
        inserted,
        updated,
        deleted,
        deduplicated,
        with_extra,
        preview,
        audit=missed,
        explained=explained,
        without_key=without_key,
    )


def _without(table: Table, incoming: str, left_out: Collection[str]) -> str:
    """The query with columns that are always NULL: rows that are taken out of others bring them along."""
    if not left_out:
        return incoming
    kinds = ddl.column_types(table)
    empty = ", ".join(f"NULL::{kinds[name]} AS {quoted(name)}" for name in sorted(left_out))
    return f"SELECT * REPLACE ({empty}) FROM ({incoming})"


def _take_out(session: Session, table: Table, parents: Sequence[str], spare: Sequence[str] = ()) -> None:
    """Take the rows of some parents out of ``incoming``, but not those whose own keys are in ``spare``."""
    if parents:
        parent, key = ddl.parent_key(table), quoted(table.primary_key[-1])
        session.execute(
            f"DELETE FROM incoming WHERE {parent} IN (SELECT unnest(?)) "
            f"AND {key} NOT IN (SELECT unnest(?::VARCHAR[]))",
            [list(parents), list(spare)],
        )


def _keep_parents(
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
        before = session.columns(table.name)
        there = set(table.parent_columns or table.primary_key[:1]) <= before.keys()
        if there and session.one_row("SELECT count(*) FROM kept") != (0,):
            keep_published_rows(session, table, before, parent, instead)


def _keep_single_rows(
    session: Session, table: Table, keys: Sequence[str], instead: Mapping[str, str]
) -> None:
    """Bring rows back as they were, by the key that they alone have."""
    key, before = table.primary_key[-1], session.columns(table.name)
    if keys and key in before:
        with session.temporary("kept", _KEPT, [list(keys)]):
            keep_published_rows(session, table, before, quoted(key), instead)


def _keep_others(
    session: Session, table: Table, left_out: Collection[str], instead: Mapping[str, str]
) -> None:
    """Bring back every row that isn't listed any more, but those of the parents in ``left_out``."""
    before, parent = session.columns(table.name), ddl.parent_key(table)
    if set(table.parent_columns) <= before.keys():
        others = (
            f"SELECT DISTINCT ({parent})::VARCHAR AS parent FROM {session.qualified(table.name)} "
            f"WHERE ({parent})::VARCHAR NOT IN (SELECT unnest(?::VARCHAR[]))"
        )
        with session.temporary("kept", others, [list(left_out)]):
            keep_published_rows(session, table, before, parent, instead)


def _audited(
    session: Session, table: Table, target: str, plan: ReadingPlan | None, since: SincePlan | None
) -> Audit | None:
    """The audit of a complete plan; None where there is nothing to compare with."""
    version = row_version(session, table)
    if version is None:
        return None
    if plan is not None and not plan.changed:
        return audit(session, table, plan.path, target, version)
    if since is not None and not since.changed and since.saved_until:
        return audit_since(session, table, since, target, version)
    return None


def _deduplicate(session: Session, table: Table) -> int:
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


def _count_changes(session: Session, table: Table, target: str) -> tuple[int, int, int]:
    """Rows inserted, updated, deleted. A new, lost or retyped column doesn't count as an update."""
    version = row_version(session, table)
    if version is None:
        (count,) = session.one_row("SELECT count(*) FROM incoming")
        return int(count), 0, 0
    key = quoted_list(table.primary_key)
    versions = f"{key}, {version} AS version"
    inserted, updated, deleted = session.one_row(
        "SELECT count(*) FILTER (was.version IS NULL), count(*) FILTER (was.version <> now.version), "
        f"count(*) FILTER (now.version IS NULL) FROM (SELECT {versions} FROM incoming) AS now "
        f"FULL JOIN (SELECT {versions} FROM {target}) AS was USING ({key})",
    )
    return int(inserted), int(updated), int(deleted)


def _preview(session: Session, table: Table) -> list[dict[str, Any]]:
    if not table.preview:
        return []
    # A person reads what a row is; the keys, which are long, come last.
    names = sorted(table.preview, key=lambda name: name in table.primary_key or name.endswith("_key"))
    columns = ", ".join(f"{quoted(name)}::VARCHAR" for name in names)
    order = quoted_list(table.primary_key)
    found = session.execute(f"SELECT {columns} FROM incoming ORDER BY {order} LIMIT {_PREVIEW_ROWS}")
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
