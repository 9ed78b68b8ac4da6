"""What a published table shows of itself, read only: its keys, its boxes' counters.

Nothing here is remembered from a refresh, so that it can be asked at any time, of any copy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streak_dagster.warehouse.ddl import quoted, quoted_list

if TYPE_CHECKING:
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

MAX_EXAMPLES = 10


@dataclass(frozen=True)
class Keys:
    """Of so many ``rows``, those ``without_key`` lack a part of it; ``twice`` keys stand more than once.

    ``examples`` are such keys, each with the number of its rows. ``not_there`` are key columns that the
    published table doesn't have, as one of an older declaration may not; nothing else is known then.
    """

    rows: int
    without_key: int = 0
    twice: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)
    not_there: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not (self.without_key or self.twice or self.not_there)


def inspect_keys(session: Session, table: Table) -> Keys:
    """Whether every row has a primary key, and none has another's."""
    target = session.qualified(table.name)
    there = session.columns(table.name)
    not_there = [name for name in table.primary_key if name not in there]
    if not_there:
        (rows,) = session.one_row(f"SELECT count(*) FROM {target}")
        return Keys(int(rows), not_there=not_there)
    key = quoted_list(table.primary_key)
    lacking = " OR ".join(f"{quoted(name)} IS NULL" for name in table.primary_key)
    groups = f"SELECT {key}, count(*) AS times, ({lacking}) AS lacking FROM {target} GROUP BY {key}"
    rows, without_key, twice = session.one_row(
        "SELECT coalesce(sum(times), 0)::BIGINT, coalesce(sum(times) FILTER (lacking), 0)::BIGINT, "
        f"count(*) FILTER (times > 1 AND NOT lacking) FROM ({groups})",
    )
    names = [*table.primary_key, "rows"]
    found = session.execute(
        f"SELECT {key}, times FROM ({groups}) WHERE times > 1 OR lacking "
        f"ORDER BY times DESC, {key} LIMIT {MAX_EXAMPLES}"
    ).fetchall()
    examples = [dict(zip(names, each, strict=True)) for each in found]
    return Keys(int(rows), int(without_key), int(twice), examples)


@dataclass(frozen=True)
class Miscounted:
    """Boxes whose own counter isn't the number of their rows; ``examples`` say which and by how much."""

    compared: int
    boxes: int
    examples: list[dict[str, Any]]


def compare_counters(session: Session, table: Table) -> Miscounted | None:
    """Compare the table with the parent's counters; None where either side isn't there to compare."""
    if table.parent is None or not table.counters:
        return None
    parent = table.parent_column or ""
    counters_there = {"key", *table.counters} <= session.columns(table.parent.name).keys()
    if not counters_there or parent not in session.columns(table.name):
        return None
    counted = " + ".join(f"b.{quoted(name)}" for name in table.counters)
    query = (
        f'SELECT b."key" AS box_key, {counted} AS counter, coalesce(rows, 0) AS rows '
        f"FROM {session.qualified(table.parent.name)} AS b LEFT JOIN "
        f"(SELECT {quoted(parent)} AS box_key, count(*) AS rows FROM {session.qualified(table.name)} "
        f'GROUP BY ALL) AS r ON r.box_key = b."key" WHERE {counted} IS NOT NULL'
    )
    compared, differing = session.one_row(
        f"SELECT count(*), count(*) FILTER (counter <> rows) FROM ({query})"
    )
    found = session.execute(
        f"SELECT box_key, counter, rows FROM ({query}) WHERE counter <> rows "
        f"ORDER BY ALL LIMIT {MAX_EXAMPLES}"
    ).fetchall()
    examples = [{"box": box, "counter": counter, "rows": rows} for box, counter, rows in found]
    return Miscounted(int(compared), int(differing), examples)
