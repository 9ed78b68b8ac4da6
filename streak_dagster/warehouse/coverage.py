"""Since when a table of a window is whole: where lists of the newest rows alone overlap, nothing is missing.

Streak's newsfeed shows the newest 50 entries of a pipeline and no others. A list of fewer is all there is, so
it is whole from the beginning. A full one whose oldest entry isn't newer than the newest that is stored meets
it, and what was known of the past still holds. Otherwise more happened between two refreshes than a list
shows: there is a gap, and what is stored is whole only since the oldest entry of the list.

For example, entries up to 12:00 are stored, and the list now has 50 from 11:58 to 15:00: they meet. If the
oldest of them were of 12:30, what happened between 12:00 and 12:30 would be missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.ddl import literal, quoted
from streak_dagster.warehouse.recorded import last_started

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

NAME = "newsfeed_coverage"


@dataclass(frozen=True)
class Gap:
    """A gap that the last refresh found in the rows of one parent: its key, and from when to when (UTC)."""

    parent: str
    since: str
    until: str


@dataclass(frozen=True)
class Coverage:
    """Of how many ``parents`` there is a list, of how many all is known, and the ``gaps`` that are new."""

    parents: int
    from_the_beginning: int
    gaps: list[Gap]


def remember_coverage(
    session: Session,
    table: Table,
    rows: str,
    answers: Path,
    *,
    unread: Collection[str],
    left_out: Collection[str],
    anew: bool,
) -> None:
    """Note what the lists that came say, before their ``rows`` (a query) are published, in one transaction.

    ``answers`` is the spool's file of answers. Of parents that are ``unread`` nothing new is known, and of
    those ``left_out`` nothing is kept. ``anew`` forgets what was stored, which was another account's.
    """
    assert table.window is not None, f"{table.name} has no window"
    target = session.qualified(NAME, meta.SCHEMA)
    forgotten = "" if anew else "WHERE pipeline_key IN (SELECT unnest(?::VARCHAR[]))"
    session.execute(f"DELETE FROM {target} {forgotten}", [] if anew else [list(left_out)])
    with (
        session.temporary("listed", _listed(answers), [list(unread)]),
        session.temporary("came", _times(table, f"({rows})")),
        session.temporary("was", _stored(session, table, anew=anew)),
        session.temporary("judged", _judged(table.window.newest, target)),
    ):
        session.execute(f"DELETE FROM {target} WHERE pipeline_key IN (SELECT pipeline_key FROM judged)")
        session.execute(f"INSERT INTO {target} BY NAME SELECT * FROM judged")


def _listed(answers: Path) -> str:
    """How many records each list showed; a page that was asked for twice counts once."""
    columns = "{parent: 'VARCHAR', token: 'VARCHAR', count: 'BIGINT', repeated: 'BIGINT', gone: 'VARCHAR'}"
    return (
        "SELECT parent AS pipeline_key, sum(shown) AS items FROM "
        "(SELECT parent, token, max(count + coalesce(repeated, 0)) AS shown "
        f"FROM read_json({literal(str(answers))}, format = 'newline_delimited', columns = {columns}) "
        "WHERE token IS NOT NULL AND gone IS NULL AND parent NOT IN (SELECT unnest(?::VARCHAR[])) "
        "GROUP BY parent, token) GROUP BY parent"
    )


def _times(table: Table, source: str) -> str:
    assert table.window is not None, f"{table.name} has no window"
    at = quoted(table.window.column)
    return (
        f"SELECT {ddl.parent_key(table)} AS pipeline_key, min({at}) AS oldest, max({at}) AS newest "
        f"FROM {source} GROUP BY ALL"
    )


def _stored(session: Session, table: Table, *, anew: bool) -> str:
    assert table.window is not None, f"{table.name} has no window"
    columns = session.columns(table.name)
    known = {name: columns.get(name) == kind for name, kind in ddl.column_types(table).items()}
    if anew or not all(known[name] for name in (table.window.column, *table.parent_columns)):
        return (
            "SELECT NULL::VARCHAR AS pipeline_key, NULL::TIMESTAMPTZ AS oldest, NULL::TIMESTAMPTZ AS newest "
            "WHERE false"
        )
    return _times(table, session.qualified(table.name))


def _judged(newest: int, known: str) -> str:
    """The new lines, one for each parent whose list came."""
    joined = (
        f"SELECT listed.pipeline_key, items < {newest} AS is_all, came.oldest AS oldest, "
        "was.newest AS was_newest, known.whole_since AS known_since, "
        "coalesce(known.is_from_the_beginning, false) AS known_from_beginning, "
        "coalesce(known.gaps, 0) AS known_gaps, known.last_read_at AS known_read_at, "
        "known.last_gap_from AS known_gap_from, known.last_gap_to AS known_gap_to, "
        "known.last_gap_found_at AS known_gap_found_at, "
        f"items >= {newest} AND known.pipeline_key IS NOT NULL "
        "AND coalesce(came.oldest <= was.newest, false) AS meets "
        "FROM listed LEFT JOIN came USING (pipeline_key) LEFT JOIN was USING (pipeline_key) "
        f"LEFT JOIN {known} AS known USING (pipeline_key)"
    )
    return (
        "SELECT pipeline_key, "
        "coalesce(CASE WHEN meets THEN known_since WHEN is_all THEN least(oldest, known_since) "
        "ELSE oldest END, now()) AS whole_since, "
        "is_all OR (meets AND known_from_beginning) AS is_from_the_beginning, now() AS last_read_at, "
        "known_gaps + is_gap::BIGINT AS gaps, "
        "CASE WHEN is_gap THEN coalesce(was_newest, known_read_at) ELSE known_gap_from END AS last_gap_from, "
        "CASE WHEN is_gap THEN oldest ELSE known_gap_to END AS last_gap_to, "
        "CASE WHEN is_gap THEN now() ELSE known_gap_found_at END AS last_gap_found_at "
        "FROM (SELECT *, NOT is_all AND NOT meets "
        f"AND coalesce(was_newest, known_read_at) IS NOT NULL AS is_gap FROM ({joined}))"
    )


def last_coverage(session: Session, table: Table) -> Coverage | None:
    """What the last refresh of a table of a window found; None where none was recorded."""
    started = last_started(session, table)
    if started is None or not session.has_table(NAME, meta.SCHEMA):
        return None
    source = session.qualified(NAME, meta.SCHEMA)
    parents, whole = session.one_row(
        f"SELECT count(*), count(*) FILTER (is_from_the_beginning) FROM {source}",
    )
    moments = ", ".join(f"strftime({name}, '%Y-%m-%d %H:%M')" for name in ("last_gap_from", "last_gap_to"))
    gaps = session.execute(
        f"SELECT pipeline_key, {moments} FROM {source} WHERE last_gap_found_at >= ? ORDER BY pipeline_key",
        [started],
    ).fetchall()
    return Coverage(int(parents), int(whole), [Gap(*map(str, each)) for each in gaps])
