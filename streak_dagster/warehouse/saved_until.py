"""Up to when a list is known to be published whole, by Streak's clock: what a changed refresh asks from.

It is remembered for each parent in ``streak_meta.saved_until``, in the transaction that publishes the rows;
see ``sync.plan.SincePlan``. Where it is forgotten, all rows of the parent are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.sync.plan import SincePlan
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.audit import Audit
from streak_dagster.warehouse.ddl import quoted, quoted_list

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

_NAME = "saved_until"
_MAX_EXAMPLES = 10


def plan_since(session: Session, table: Table, account: str, declaration: str, *, changed: bool) -> SincePlan:
    """From when on the rows of each parent can be asked for.

    Only what ``account`` published by this declaration counts: another key may see other rows.
    """
    needed = {*table.primary_key, table.parent_column}
    is_there = needed <= session.columns(table.name).keys() and session.has_table(_NAME, meta.SCHEMA)
    if not is_there or meta.owner_of(session, table.name) != account:
        return SincePlan(changed)
    found = session.execute(
        f"SELECT parent_key, epoch_ms(saved_until) FROM {session.qualified(_NAME, meta.SCHEMA)} "
        "WHERE table_name = ? AND declaration = ?",
        [table.name, declaration],
    ).fetchall()
    return SincePlan(changed, dict(found))


def remember_saved_until(
    session: Session, table: Table, declaration: str, saved_until: Mapping[str, int]
) -> None:
    """Note up to when each parent's rows (ms) are published, in place of what was noted of the table."""
    session.execute(f"DELETE FROM {session.qualified(_NAME, meta.SCHEMA)} WHERE table_name = ?", [table.name])
    target = session.qualified(_NAME, meta.SCHEMA)
    session.execute(
        f"INSERT INTO {target} SELECT ?, parent, make_timestamptz(until * 1000), ? FROM "
        "(SELECT unnest(?::VARCHAR[]) AS parent, unnest(?::BIGINT[]) AS until)",
        [table.name, declaration, list(saved_until), list(saved_until.values())],
    )


def audit_since(session: Session, table: Table, plan: SincePlan, target: str, version: str) -> Audit:
    """What a changed refresh would have missed, of ``incoming`` beside the published rows in ``target``.

    That are rows that differ although they were saved before it would have asked from, and those that are
    gone, which it never finds. ``version`` is the SQL expression that differs between two versions of a row.
    """
    by = table.changed_since
    assert by is not None, f"{table.name} can't be asked for what changed"
    key, parent, saved = quoted_list(table.primary_key), quoted(table.parent_column or ""), quoted(by.column)
    from_when = {each: since for each in plan.saved_until if (since := plan.since(each)) is not None}
    asked = "SELECT unnest(?::VARCHAR[]) AS parent, make_timestamptz(unnest(?::BIGINT[]) * 1000000) AS since"
    one = f"SELECT {key}, {parent} AS parent, {saved} AS saved, {version} AS version FROM"
    with session.temporary("asked_since", asked, [list(from_when), list(from_when.values())]):
        missed = (
            "SELECT coalesce(now.parent, was.parent) AS parent, count(*) AS rows "
            f"FROM ({one} incoming) AS now FULL JOIN ({one} {target}) AS was USING ({key}) "
            "JOIN asked_since ON asked_since.parent = coalesce(now.parent, was.parent) "
            "WHERE was.version IS DISTINCT FROM now.version "
            "AND (now.version IS NULL OR coalesce(now.saved < since, true)) GROUP BY ALL"
        )
        teams, rows, examples = session.one_row(
            "SELECT count(*), coalesce(sum(rows), 0)::BIGINT, "
            f"list(parent ORDER BY parent)[:{_MAX_EXAMPLES}] FROM ({missed})"
        )
    return Audit(len(from_when), 0, int(teams), int(rows), examples or [])
