"""A refresh becomes the table, in one transaction: every reader sees the old table or the new one.

Only rows that came, changed or went are written, and what they were before is kept (``warehouse.history``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streak_dagster.tables import Kind
from streak_dagster.warehouse import ddl, history, meta
from streak_dagster.warehouse.audit import Audit, audit
from streak_dagster.warehouse.ddl import literal, quoted, quoted_list
from streak_dagster.warehouse.difference import difference
from streak_dagster.warehouse.guards import refuse_missing_keys, refuse_shrinkage
from streak_dagster.warehouse.history import Keeping
from streak_dagster.warehouse.history_views import show_history
from streak_dagster.warehouse.incoming import (
    deduplicate,
    keep_others,
    keep_parents,
    keep_single_rows,
    take_out,
    without,
)
from streak_dagster.warehouse.moments import published_until, remember_seen, remember_until, turns
from streak_dagster.warehouse.plain import emptied, otherwise_formed
from streak_dagster.warehouse.saved_until import audit_since
from streak_dagster.warehouse.shape import known_columns, reshape, say_what_it_is
from streak_dagster.warehouse.shape_changes import Unlike
from streak_dagster.warehouse.versions import row_version
from streak_dagster.warehouse.writing import write_difference

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from streak_dagster.sync.plan import ReadingPlan, SincePlan
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

_PREVIEW_ROWS = 5


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
    answers: Path | None = None,
    keeping: Keeping | None = None,
    anew: bool = False,
) -> Publication:
    """Make the table equal the rows of the query ``incoming``, inside the caller's transaction.

    Rows of the parents in ``drop`` are left out; for a table without parents, these rows. The parents in
    ``keep`` keep the rows that they have now, and what came of them is left out, but for rows whose keys are
    in ``spare``. Those that the ``plan`` keeps keep theirs, too, and so do single rows whose keys are in
    ``keep_rows``, and the parents in ``add_to``, which were asked by ``since`` for what changed alone. What
    came takes the place of what is kept under the same key. A table that accumulates keeps every row, but for
    those of the parents in ``parents_left_out``, where that is given.

    Columns that are ``left_out`` are NULL in every row. ``hashed_by`` says which key the hashes of personal
    data are of: rows that are kept and aren't in this form lose what may be personal.

    What the rows were before is kept as ``keeping`` says, dated by the spool's file of ``answers``. With
    ``anew`` the table was another account's, and all of its history goes.

    A complete plan is audited: what would a changed one have missed? Raises PublishRefusedError where the
    rows can't be the table, or where more than the share ``max_shrink`` of the present rows would go and no
    key in ``gone``, nor a parent's row that went, explains it.
    """
    keeping = keeping or Keeping()
    target = session.qualified(table.name)
    session.create_schema()
    if not session.has_table("published_until", meta.SCHEMA):
        meta.prepare(session)
    is_new = not session.has_table(table.name)
    unlike = reshape(session, table, table.name, ddl.SCHEMA, {}, known=known_columns(session, table))
    has_history = keeping.versions or history.has_history(session, table)
    if has_history:
        history.prepare(session, table)
    instead = emptied(session, table, hashed_by, left_out)
    now, until = _now(session, table)
    with session.temporary("incoming", without(table, incoming, left_out)):
        take_out(session, table, drop)
        if not table.optional:  # such a list came whole or not at all, so this can only be another's
            take_out(session, table, keep, spare=spare)
        keep_parents(session, table, [*keep, *add_to], plan, instead)
        keep_single_rows(session, table, keep_rows, instead)
        if table.window is not None and parents_left_out is not None:
            keep_others(session, table, parents_left_out, instead)
        without_key = refuse_missing_keys(session, table)
        deduplicated = deduplicate(session, table)
        missed = None if is_new else _audited(session, table, target, plan, since)
        formed = otherwise_formed(session, table, hashed_by, left_out)
        fresh = f"{quoted(ddl.SYNCED_AT)} > {until}" if table.has_modes and until else "true"
        with difference(session, table, Unlike.of(table, unlike | formed), fresh=fresh) as changes:
            explained = refuse_shrinkage(
                session, table, deleted=changes.deleted, gone=gone, max_shrink=max_shrink
            )
            remember_until(session, table, now)
            if has_history and changes.turns and not is_new and not anew:
                with turns(session, table, answers=answers, until=until, now=now):
                    history.record(session, table, changes, keeping)
            if changes.written:
                write_difference(session, table)
        if has_history:
            _tidy_history(
                session, table, keeping, anew=anew, is_new=is_new, instead=instead if formed else {}
            )
        if table.kind is Kind.DERIVED or answers is not None:
            kept = bool(add_to or keep or keep_rows or (plan and plan.changed))
            remember_seen(session, table, answers, not_whole=[*keep, *add_to], kept=kept)
        say_what_it_is(session, table)
        total, with_extra = session.one_row(f"SELECT count(*), count({quoted(ddl.EXTRA)}) FROM incoming")
        preview = _preview(session, table)
    return Publication(
        total,
        changes.inserted,
        changes.updated,
        changes.deleted,
        deduplicated,
        with_extra,
        preview,
        audit=missed,
        explained=explained,
        without_key=without_key,
    )


def _tidy_history(
    session: Session,
    table: Table,
    keeping: Keeping,
    *,
    anew: bool,
    is_new: bool,
    instead: Mapping[str, str],
) -> None:
    """What is left to do once the present rows became past ones, and others took their place."""
    history.blank(session, table, instead)
    if is_new:
        history.begin_anew(session, table)
    if anew:
        history.forget(session, table)
    elif keeping.days is not None:
        history.expire(session, table, keeping.days)
    show_history(session, table)


def _now(session: Session, table: Table) -> tuple[str, str | None]:
    """The moment of this publication, and the latest of those before it (None: there was none), as SQL."""
    until = published_until(session, table)
    (now,) = session.one_row(
        f"SELECT greatest(date_trunc('milliseconds', get_current_timestamp()), "
        f"{until or 'NULL::TIMESTAMPTZ'} + INTERVAL 1 MILLISECOND)::VARCHAR"
    )
    return f"{literal(now)}::TIMESTAMPTZ", until


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


def _preview(session: Session, table: Table) -> list[dict[str, Any]]:
    if not table.preview:
        return []
    # A person reads what a row is; the keys, which are long, come last.
    names = sorted(table.preview, key=lambda name: name in table.primary_key or name.endswith("_key"))
    columns = ", ".join(f"{quoted(name)}::VARCHAR" for name in names)
    order = quoted_list(table.primary_key)
    found = session.execute(f"SELECT {columns} FROM incoming ORDER BY {order} LIMIT {_PREVIEW_ROWS}")
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
