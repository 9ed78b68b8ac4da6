"""Where Streak itself began or ceased to send a property: no row changed by that alone.

Otherwise one new property would make a new version of every row. A column, or a member of ``_extra``, that
fills or empties in very many rows at once, and that no row had before or none has now, is taken for such a
property; so is a member of ``_extra`` that all rows of a small table got or lost. What else changed in a row
counts all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.warehouse.ddl import EXTRA, literal, quoted, quoted_list

if TYPE_CHECKING:
    from collections.abc import Collection

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

HANDFUL = 10
"""Rows that people may well fill or empty a column of at once."""


@dataclass(frozen=True)
class Unlike:
    """``columns`` that came, went, or are in another form than before, and such ``members`` of ``_extra``."""

    columns: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()

    @classmethod
    def of(cls, table: Table, columns: Collection[str]) -> Unlike:
        """A column that is new may have been in ``_extra`` before, and one that is lost is there now."""
        members = set(columns)
        for column in table.columns:
            if column.name in columns:
                members |= {column.api_name, *column.aliases}
        return cls(frozenset(columns), frozenset(members) if columns else frozenset())


def without_members(expression: str, members: Collection[str]) -> str:
    """A JSON object without some members; NULL where there is no other."""
    if not members:
        return expression
    nothing = ", ".join(f"{literal(name)}, NULL" for name in sorted(members))
    there = f"coalesce({expression}, '{{}}')"
    return f"nullif(json_merge_patch({there}, json_object({nothing}))::VARCHAR, '{{}}')"


def find_shape_changes(session: Session, table: Table, target: str, fresh: str) -> list[str]:
    """The columns in which ``revisions`` isn't a change, because a property came or went.

    Where it is members of ``_extra``, the rows in which only these differ lose their mark of it here.
    """
    marked = dict(
        session.execute(
            "SELECT mark, count(*) FROM (SELECT unnest(marks) AS mark FROM revisions) GROUP BY mark"
        ).fetchall()
    )
    many = [mark for mark, rows in marked.items() if rows > HANDFUL and mark[0] in "+-" and mark[1:] != EXTRA]
    found: list[str] = []
    if many:
        compared = _compared_rows(session, table, target, fresh)
        for mark in many:
            column = quoted(mark[1:])
            if mark[0] == "-":  # none of the rows that were read has it now
                (left,) = session.one_row(f"SELECT count({column}) FROM incoming WHERE {fresh}")
            elif table.has_modes:  # some rows may have been read since the property came
                left = 0 if 2 * marked[mark] >= compared else 1
            else:
                (left,) = session.one_row(f"SELECT count({column}) FROM {target}")
                left = left or (0 if 2 * marked[mark] >= compared else 1)
            if not left:
                found.append(mark[1:])
    if any(mark[1:] == EXTRA for mark in marked):
        _settle_members(session, table, target, fresh)
    return found


def _compared_rows(session: Session, table: Table, target: str, fresh: str) -> int:
    """How many rows were read for this refresh and are published already."""
    key = quoted_list(table.primary_key)
    (rows,) = session.one_row(
        f"SELECT count(*) FROM (SELECT {key} FROM incoming WHERE {fresh}) SEMI JOIN {target} USING ({key})"
    )
    return int(rows)


def _settle_members(session: Session, table: Table, target: str, fresh: str) -> None:
    extra, mark = quoted(EXTRA), "list_contains(list_transform(r.marks, lambda each: each[2:]), '_extra')"
    members = (
        f"SELECT unnest(list_distinct(list_concat(json_keys(coalesce(was.{extra}, '{{}}')), "
        f"json_keys(coalesce(now.{extra}, '{{}}'))))) AS name, was.{extra} AS was, now.{extra} AS now "
        f"FROM revisions AS r JOIN {target} AS was ON was.rowid = r.was_id "
        f"JOIN incoming AS now ON now.rowid = r.now_id WHERE {mark}"
    )
    # A pointer: in a path, DuckDB refuses an empty name, some backslashes and, before 2.0, asterisks.
    path = "'/' || replace(replace(name, '~', '~0'), '/', '~1')"
    counted = session.execute(
        f"SELECT name, count(*) FILTER (before IS NULL), count(*) FILTER (after IS NULL) FROM (SELECT name, "
        f"json_extract(was, {path}) AS before, json_extract(now, {path}) AS after FROM ({members})) "
        "WHERE before IS NULL OR after IS NULL GROUP BY name"
    ).fetchall()
    if not counted:
        return
    compared = _compared_rows(session, table, target, fresh)
    moved = {
        name
        for name, came, went in counted
        if (_are_all(came, compared) and (table.has_modes or not _has_member(session, target, name)))
        or (_are_all(went, compared) and not _has_member(session, f"incoming WHERE {fresh}", name))
    }
    if moved:
        was, now = (without_members(f"{side}.{extra}", moved) for side in ("was", "now"))
        alike = (
            f"SELECT r.was_id FROM revisions AS r JOIN {target} AS was ON was.rowid = r.was_id "
            f"JOIN incoming AS now ON now.rowid = r.now_id WHERE {mark} AND {was} IS NOT DISTINCT FROM {now}"
        )
        with session.temporary("alike", alike):
            session.execute(
                f"UPDATE revisions SET marks = list_filter(marks, lambda mark: mark[2:] <> {literal(EXTRA)}) "
                "WHERE was_id IN (SELECT was_id FROM alike)"
            )


def _are_all(rows: int, compared: int) -> bool:
    return rows > HANDFUL or rows == compared


def _has_member(session: Session, source: str, name: str) -> bool:
    """Whether any row of the source has that member of ``_extra``."""
    (found,) = session.one_row(
        f"SELECT count(*) FROM (FROM {source}) WHERE list_contains(json_keys({quoted(EXTRA)}), ?)", [name]
    )
    return bool(found)
