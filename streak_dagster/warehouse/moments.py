"""When did a row come, change or go? By Streak's answers, as far as these tell.

A version begins when Streak answered with it. A row is gone since the answer that said so: to the question
for it by key, or of the list of its parent that no longer showed it, or that its parent is gone. Where no
answer of this refresh tells it (a row made anew because another table changed, an answer from before the last
publication), it is the moment of publishing. No moment is before the last publication of the table: what was
published then was true until then, also where the clock was put back; and none is after this one.

When a row was last seen as it was before is told by ``streak_meta.seen``: when lists were last read whole.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from streak_dagster.tables import Kind
from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.ddl import literal, parent_key, quoted, quoted_list
from streak_dagster.warehouse.history import begun, has_history, past

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

_ANSWERS = "{parent: 'VARCHAR', token: 'VARCHAR', 'at': 'BIGINT', confirmed_gone: 'VARCHAR[]'}"


def published_until(session: Session, table: Table) -> str | None:
    """The latest moment at which a version of the table began or ended, as SQL; None before the first.

    Of a table that an earlier version of this package published it is the last publication. Needs
    ``meta.prepare``.
    """
    (found,) = session.one_row(
        f"SELECT greatest((SELECT max(until) FROM {session.qualified('published_until', meta.SCHEMA)} "
        f"WHERE table_name = $name), (SELECT max(published_at) FROM "
        f"{session.qualified('refreshes', meta.SCHEMA)} WHERE table_name = $name), "
        f"(SELECT max({quoted(ddl.SYNCED_AT)}) FROM {session.qualified(table.name)}))::VARCHAR",
        {"name": table.name},
    )
    return f"{literal(found)}::TIMESTAMPTZ" if found is not None else None


def remember_until(session: Session, table: Table, moment: str) -> None:
    """Note the latest moment, an SQL expression, at which a version of the table began or ended."""
    target = session.qualified("published_until", meta.SCHEMA)
    (until,) = session.one_row(f"SELECT ({moment})::VARCHAR")
    session.execute(f"DELETE FROM {target} WHERE table_name = ?", [table.name])
    session.execute(f"INSERT INTO {target} SELECT ?, ?::TIMESTAMPTZ", [table.name, until])


@contextmanager
def turns(
    session: Session, table: Table, *, answers: Path | None, until: str | None, now: str
) -> Iterator[None]:
    """Make the temporary table ``turns`` of the rows that came, changed or went.

    It has ``was_id, now_id, change, changed, moment, seen_before``; for the first two see ``difference``,
    which it needs, as it does ``history.prepare``. ``answers`` is the spool's file, ``until`` and ``now`` are
    moments as SQL.
    """
    after = f"> {until}" if until else "IS NOT NULL"
    target, synced = session.qualified(table.name), quoted(ddl.SYNCED_AT)
    parent = f"coalesce(({parent_key(table)})::VARCHAR, '')" if table.parent_columns else "''"
    own = f"{quoted(table.primary_key[0])}::VARCHAR" if len(table.primary_key) == 1 else "NULL::VARCHAR"
    answered = _answered(answers)
    gone_with_parent = _gone_with_parent(session, table)
    was = (
        f"SELECT d.was_id, {parent} AS parent, {own} AS own, coalesce(start._valid_from, {synced}) AS since "
        f"FROM difference AS d JOIN {target} AS w ON w.rowid = d.was_id "
        f"LEFT JOIN {begun(session, table)} AS start USING ({quoted_list(table.primary_key)})"
    )
    came = f"SELECT rowid AS now_id, {parent} AS parent, {synced} AS answered FROM incoming"
    seen = (
        f"SELECT parent_key AS parent, seen_at FROM {session.qualified('seen', meta.SCHEMA)} "
        f"WHERE table_name = {literal(table.name)}"
    )
    query = f"""
      WITH answered AS ({answered}), seen AS ({seen}), whole AS (SELECT max(seen_at) AS seen_at FROM seen
        WHERE parent = ''), was AS ({was}), came AS ({came}),
      gone_parents AS ({gone_with_parent}),
      listed AS (SELECT parent, max(said) AS said FROM answered WHERE own IS NULL GROUP BY parent),
      asked AS (SELECT own, max(said) AS said FROM answered WHERE own IS NOT NULL GROUP BY own),
      drawn AS (
        SELECT d.was_id, d.now_id,
          CASE WHEN d.was_id IS NULL THEN 'insert' WHEN d.now_id IS NULL THEN 'delete' ELSE 'update' END
          AS change,
          list_transform(r.marks, lambda mark: mark[2:]) AS changed,
          was.since, coalesce(was.parent, came.parent) AS parent, was.own, came.answered
        FROM difference AS d LEFT JOIN revisions AS r ON r.was_id = d.was_id
        LEFT JOIN was ON was.was_id = d.was_id LEFT JOIN came ON came.now_id = d.now_id
        WHERE d.was_id IS NULL OR d.now_id IS NULL OR r.was_id IS NOT NULL
      ), dated AS (
        SELECT was_id, now_id, change, changed, since,
          CASE WHEN change = 'delete' THEN coalesce(asked.said, listed.said, gone_parents.said,
            (SELECT max(said) FROM listed)) ELSE answered END AS said,
          coalesce(seen.seen_at, whole.seen_at) AS seen_at
        FROM drawn LEFT JOIN asked ON asked.own = drawn.own LEFT JOIN listed ON listed.parent = drawn.parent
        LEFT JOIN gone_parents ON gone_parents.parent = drawn.parent
        LEFT JOIN seen ON seen.parent = drawn.parent CROSS JOIN whole
      ), timed AS (
        SELECT * EXCLUDE (said), CASE WHEN said {after} AND said <= {now} THEN said ELSE {now} END AS moment
        FROM dated
      )
      SELECT was_id, now_id, change, changed, moment,
        CASE WHEN coalesce(since, seen_at) IS NOT NULL THEN least(moment, greatest(since, seen_at)) END
          AS seen_before
      FROM timed"""
    with session.temporary("turns", query):
        yield


def _answered(answers: Path | None) -> str:
    """A query for ``parent, own, said``: when a list was answered, or its row asked by key was found gone."""
    if answers is None:
        return "SELECT NULL::VARCHAR AS parent, NULL::VARCHAR AS own, NULL::TIMESTAMPTZ AS said WHERE false"
    source = (
        f'(SELECT parent, token, confirmed_gone, make_timestamptz("at" * 1000) AS said '
        f"FROM read_json({literal(str(answers))}, format = 'newline_delimited', columns = {_ANSWERS}))"
    )
    return (
        f"SELECT parent, NULL AS own, said FROM {source} WHERE token IS NOT NULL UNION ALL "
        f"SELECT parent, unnest(confirmed_gone) AS own, said FROM {source} WHERE token IS NULL"
    )


def _gone_with_parent(session: Session, table: Table) -> str:
    """A query for ``parent, said``: since when parents are gone, or as they are now."""
    queries = ["SELECT NULL::VARCHAR AS parent, NULL::TIMESTAMPTZ AS said WHERE false"]
    for parent in table.parents:
        if has_history(session, parent):
            queries.append(
                f'SELECT "key"::VARCHAR AS parent, _valid_from AS said FROM {past(session, parent)} '
                "WHERE _change = 'delete' AND _valid_to IS NULL"
            )
        if table.kind is Kind.DERIVED and session.has_table(parent.name):
            queries.append(
                f'SELECT "key"::VARCHAR AS parent, {quoted(ddl.SYNCED_AT)} AS said '
                f"FROM {session.qualified(parent.name)}"
            )
    return f"SELECT parent, max(said) AS said FROM ({' UNION ALL '.join(queries)}) GROUP BY parent"


def remember_seen(
    session: Session,
    table: Table,
    answers: Path | None,
    *,
    not_whole: Collection[str],
    kept: bool,
) -> None:
    """Note when the lists of this refresh were read, inside the caller's transaction.

    Those of the parents ``not_whole`` weren't read to their end, or were only asked for what changed.
    Where rows of others were ``kept``, a line for each list that was read says so; else one for the table.
    A table made of another one's rows was seen when the earliest of these was.
    """
    target = session.qualified("seen", meta.SCHEMA)
    if answers is None:
        parents = [each.name for each in table.parents]
        session.execute(f"DELETE FROM {target} WHERE table_name = ?", [table.name])
        session.execute(
            f"INSERT INTO {target} SELECT ?, '', min(seen_at) FROM {target} "
            "WHERE table_name IN (SELECT unnest(?::VARCHAR[])) HAVING count(*) > 0",
            [table.name, parents],
        )
        return
    whole = not kept and not not_whole
    parent = "''" if whole else "parent"
    read = (
        f"SELECT {literal(table.name)} AS table_name, {parent} AS parent_key, "
        f"min(said) AS seen_at FROM ({_answered(answers)}) WHERE own IS NULL AND said IS NOT NULL "
        "AND parent NOT IN (SELECT unnest(?::VARCHAR[])) GROUP BY ALL HAVING count(*) > 0"
    )
    with session.temporary("seen_now", read, [list(not_whole)]):
        session.execute(
            f"DELETE FROM {target} WHERE table_name = ? "
            "AND (? OR parent_key IN (SELECT parent_key FROM seen_now))",
            [table.name, whole],
        )
        session.execute(f"INSERT INTO {target} SELECT * FROM seen_now")
