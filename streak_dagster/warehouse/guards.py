"""What must hold of new rows before they take the place of the old ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streak_dagster.errors import PublishRefusedError
from streak_dagster.warehouse.ddl import SCHEMA, qualified, quoted, quoted_list
from streak_dagster.warehouse.meta import current_catalog, has_table

if TYPE_CHECKING:
    import duckdb

    from streak_dagster.tables import Table

_HELD_BY = {"pipelines": ("pipeline_boxes", "pipeline_key")}
"""Tables whose rows hold others: losing one row of ``pipelines`` loses all its boxes."""


def refuse_missing_keys(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Raises PublishRefusedError where an incoming row has no primary key."""
    missing = " OR ".join(f"{quoted(name)} IS NULL" for name in table.primary_key)
    (count,) = one_row(connection, f"SELECT count(*) FROM incoming WHERE {missing}")
    if count:
        raise PublishRefusedError(
            f"{count:,} rows of {table.name} came without {' or '.join(table.primary_key)}, which every row "
            f"must have. {SCHEMA}.{table.name} was left as it was."
        )


def refuse_shrinkage(
    connection: duckdb.DuckDBPyConnection, table: Table, *, deleted: int, max_shrink: float
) -> None:
    """Raises PublishRefusedError where more than ``max_shrink`` of the rows would go.

    A pipeline that would go also counts with the share of all boxes that it holds.
    """
    target = qualified(current_catalog(connection), table.name)
    if not deleted:
        return
    (before,) = one_row(connection, f"SELECT count(*) FROM {target}")
    share = deleted / before
    what = f"{deleted:,} of {before:,} rows"
    if table.name in _HELD_BY and share <= max_shrink:
        share, what = max((share, what), _share_held(connection, table, target))
    if share > max_shrink:
        raise PublishRefusedError(
            f"{table.name} would lose {what} ({share:.0%}), more than STREAK_MAX_SHRINK allows "
            f"({max_shrink:.0%}); it was left as it was. If Streak really has so much less, or you chose "
            "fewer pipelines, set STREAK_MAX_SHRINK=1 for one run. If not, check that the key's user still "
            "sees everything in Streak."
        )


def _share_held(connection: duckdb.DuckDBPyConnection, table: Table, target: str) -> tuple[float, str]:
    """The share of the held table's rows that belong to rows which would go."""
    held, column = _HELD_BY[table.name]
    catalog = current_catalog(connection)
    if not has_table(connection, held, SCHEMA):
        return 0.0, ""
    key = quoted_list(table.primary_key)
    going = f"SELECT {key} FROM {target} ANTI JOIN incoming USING ({key})"
    lost, total = one_row(
        connection,
        f"SELECT count(*) FILTER ({quoted(column)} IN ({going})), count(*) FROM {qualified(catalog, held)}",
    )
    return (lost / total, f"{lost:,} of {total:,} rows of {held} with it") if total else (0.0, "")


def one_row(
    connection: duckdb.DuckDBPyConnection, query: str, values: list[Any] | None = None
) -> tuple[Any, ...]:
    """The only row of an aggregate."""
    row = connection.execute(query, values).fetchone()
    assert row is not None, "an aggregate always gives a row"
    return row
