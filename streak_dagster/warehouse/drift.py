"""Where Streak has begun to send other properties than the declaration knows, or stopped sending some.

New ones show in ``_extra``. Whether a column that is empty was ever filled is remembered with each
publication in ``streak_meta.columns``, one line a column.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streak_dagster.tables import ColumnType
from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Collection

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session


@dataclass(frozen=True)
class Gone:
    """A column that is empty now, and was filled in a ``share`` of the rows ``at`` an earlier time (UTC)."""

    column: str
    share: float
    at: str


@dataclass(frozen=True)
class Drift:
    """Properties in ``_extra``, each with the number of rows that have it there, most frequent first.

    ``unknown`` ones aren't declared. Of those in ``changed`` the value doesn't fit the declared type, or
    is a moment in seconds.
    ``contradicting`` ones are further names of a column (``boxKey`` of ``key``) whose value is another
    than the column's. ``gone`` are columns that used to be filled.
    """

    unknown: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    contradicting: dict[str, int] = field(default_factory=dict)
    gone: list[Gone] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.unknown or self.changed or self.contradicting or self.gone)


def find_drift(session: Session, table: Table) -> Drift:
    """What ``_extra`` holds and which columns emptied, in the table as it is published."""
    drift = Drift(gone=_gone(session, table))
    columns = {column.api_name for column in table.columns if not column.derived}
    aliases = {name for column in table.columns for name in column.aliases if not column.derived}
    expected = _expected_in_extra(table)
    for name, rows in _with_values(session, table, _in_extra(session, table)):
        if name in columns:
            if name not in expected:
                drift.changed[name] = rows
        elif name in aliases:
            drift.contradicting[name] = rows
        else:
            drift.unknown[name] = rows
    return drift


def _expected_in_extra(table: Table) -> set[str]:
    """The parent that the row itself names, where the one that we asked by is the column's value."""
    if not table.parent_wins or table.parent_column is None:
        return set()
    return {table.by_name[table.parent_column].api_name}


def _looked_at(session: Session, table: Table) -> str:
    """The rows that show what Streak sends: of a table that accumulates, those that its lists still show.

    What was sent once stays there for ever, and would say so for ever.
    """
    target = session.qualified(table.name)
    if table.window is None or table.window.column not in session.columns(table.name):
        return target
    return (
        f"(FROM {target} QUALIFY row_number() OVER (PARTITION BY {ddl.parent_key(table)} "
        f"ORDER BY {quoted(table.window.column)} DESC NULLS LAST) <= {table.window.newest})"
    )


def _in_extra(session: Session, table: Table) -> list[tuple[str, int]]:
    if ddl.EXTRA not in session.columns(table.name):
        return []
    source = _looked_at(session, table)
    # TRY_CAST and OBJECT: whoever else wrote into the table may have left anything there.
    return session.execute(
        "SELECT name, count(*) AS rows FROM (SELECT unnest(list_distinct(json_keys(extra))) AS name "
        f"FROM (SELECT TRY_CAST({quoted(ddl.EXTRA)} AS JSON) AS extra FROM {source}) "
        "WHERE json_type(extra) = 'OBJECT') GROUP BY name ORDER BY rows DESC, name"
    ).fetchall()


def _with_values(session: Session, table: Table, found: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """What was found, without the rows that say -1 or 0 for a moment: that is how people write "none"."""
    moments = {
        name
        for column in table.columns
        for name in (column.api_name, *column.aliases)
        if column.type is ColumnType.TIMESTAMP and not column.derived
    }
    there = [name for name, _ in found if name in moments]
    if not there:
        return found
    values = (f"json_extract_string(extra, {literal(f'$.{quoted(name)}')})" for name in there)
    counts = ", ".join(
        f"count(*) FILTER (trim({value}) <> '' AND TRY_CAST(trim({value}) AS DOUBLE) IN (-1, 0))"
        for value in values
    )
    source = _looked_at(session, table)
    none = session.one_row(
        f"SELECT {counts} FROM (SELECT TRY_CAST({quoted(ddl.EXTRA)} AS JSON) AS extra FROM {source}) "
        "WHERE json_type(extra) = 'OBJECT'",
    )
    less = dict(zip(there, none, strict=True))
    with_values = [(name, rows - less.get(name, 0)) for name, rows in found]
    return sorted((each for each in with_values if each[1]), key=lambda each: (-each[1], each[0]))


def _gone(session: Session, table: Table) -> list[Gone]:
    if not session.has_table("columns", meta.SCHEMA):
        return []
    filled_before = session.execute(
        "SELECT column_name, filled_share, strftime(filled_at, '%Y-%m-%d %H:%M') "
        f"FROM {session.qualified('columns', meta.SCHEMA)} "
        "WHERE table_name = ? AND filled_at IS NOT NULL ORDER BY column_name",
        [table.name],
    ).fetchall()
    there = session.columns(table.name)
    remembered = [each for each in filled_before if each[0] in there and each[0] in table.by_name]
    if not remembered:
        return []
    counts = ", ".join(f"count({quoted(name)})" for name, _, _ in remembered)
    rows, *filled = session.one_row(f"SELECT count(*), {counts} FROM {_looked_at(session, table)}")
    return [Gone(*each) for each, now in zip(remembered, filled, strict=True) if rows and not now]


def remember_columns(
    session: Session, table: Table, *, anew: bool = False, left_out: Collection[str] = ()
) -> None:
    """Note how far each column of the table just published is filled, inside the caller's transaction.

    ``filled_at`` and ``filled_share`` are of the latest publication that had it in half of the rows or
    more; a publication without rows shows nothing of its columns. ``anew`` forgets earlier ones, which were
    another account's. Of columns that are ``left_out`` nothing is expected from now on.
    """
    target = session.qualified("columns", meta.SCHEMA)
    if anew:
        session.execute(f"DELETE FROM {target} WHERE table_name = ?", [table.name])
    counted = ", ".join(
        f"{{'name': {literal(column.name)}, 'filled': count({quoted(column.name)})}}"
        for column in table.columns
    )
    now = (
        "SELECT each.name AS column_name, rows, each.filled AS filled "
        "FROM (SELECT rows, unnest(counted) AS each FROM "
        f"(SELECT count(*) AS rows, [{counted}] AS counted FROM {session.qualified(table.name)}))"
    )
    noted = (
        "SELECT now.*, "
        "CASE WHEN often THEN now() ELSE was.filled_at END AS filled_at, "
        "CASE WHEN often THEN filled / rows ELSE was.filled_share END AS filled_share "
        "FROM (SELECT *, filled > 0 AND 2 * filled >= rows AS often FROM counted) AS now LEFT JOIN "
        f"(SELECT column_name, filled_at, filled_share FROM {target} WHERE table_name = ? "
        "AND column_name NOT IN (SELECT unnest(?::VARCHAR[]))) AS was USING (column_name)"
    )
    expected_of = [table.name, sorted(left_out)]
    with session.temporary("counted", now), session.temporary("noted", noted, expected_of):
        session.execute(f"DELETE FROM {target} WHERE table_name = ?", [table.name])
        session.execute(
            f"INSERT INTO {target} SELECT ?, column_name, rows, filled, now(), filled_at, filled_share "
            "FROM noted",
            [table.name],
        )
