"""What must hold of a history, whatever happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streak_dagster.warehouse.ddl import quoted_list

if TYPE_CHECKING:
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session


def compared_columns(table: Table) -> str:
    """The columns that history holds as they were: all but those that move by the clock alone."""
    return quoted_list([*(each.name for each in table.columns if not each.volatile), "_extra"])


def as_of(session: Session, table: Table, moment: str, columns: str) -> list[tuple[Any, ...]]:
    """The rows that a table had at a moment (SQL), by its history."""
    return session.execute(
        f"SELECT {columns} FROM streak_history.{table.name} WHERE _valid_from <= {moment} "
        f"AND (_valid_to IS NULL OR _valid_to > {moment}) AND _change <> 'delete' ORDER BY ALL"
    ).fetchall()


def broken_rules(session: Session, table: Table, *, own_columns: bool = False) -> list[str]:
    """What doesn't hold of a table's history; empty where all is well.

    Users may have added ``own_columns`` to the table.
    """
    columns = quoted_list(each.name for each in table.all_columns) if own_columns else "*"
    key = quoted_list(table.primary_key)
    history = f"streak_history.{table.name}"
    present = "* EXCLUDE (_valid_from, _valid_to, _change, _changed, _seen_before)"
    following = (
        "SELECT *, lead(_valid_from) OVER versions AS next_from, lag(_change) OVER versions AS change_before "
        f"FROM {history} WINDOW versions AS (PARTITION BY {key} ORDER BY _valid_from, _valid_to NULLS LAST)"
    )
    queries = {
        "one present version a key": f"SELECT 1 FROM {history} GROUP BY {key} "
        "HAVING count(*) FILTER (_valid_to IS NULL) <> 1",
        "a version ends where the next begins": f"SELECT 1 FROM ({following}) "
        "WHERE _valid_to IS DISTINCT FROM next_from",
        "no version ends before it begins": f"SELECT 1 FROM {history} WHERE _valid_to <= _valid_from",
        "a row comes, changes, goes, and comes again": f"SELECT 1 FROM ({following}) WHERE "
        "(_change = 'insert') <> (change_before IS NULL OR change_before = 'delete')",
        "only an update says what changed": f"SELECT 1 FROM {history} "
        "WHERE (_change = 'update') <> (coalesce(len(_changed), 0) > 0)",
        "it was seen before it changed": f"SELECT 1 FROM {history} WHERE _seen_before > _valid_from",
        "the table is the present": f"(SELECT {columns} FROM streak.{table.name} EXCEPT ALL "
        f"SELECT {columns if own_columns else present} FROM {history} "
        "WHERE _valid_to IS NULL AND _change <> 'delete')",
    }
    return [rule for rule, query in queries.items() if session.execute(f"{query} LIMIT 1").fetchall()]
