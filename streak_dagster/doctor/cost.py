"""What a refresh would cost, reckoned from what the pipelines say of their boxes: no call, no database."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.doctor.findings import Finding, Mark
from streak_dagster.doctor.words import duration
from streak_dagster.tables import PIPELINES, TEAMS, Kind, Paging

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streak_dagster.tables import Table


@dataclass(frozen=True)
class Cost:
    """Calls of a complete refresh; of a changed one where nothing moved, and more for each box that moved."""

    complete: int
    unmoved: int
    moved_box: int


def cost_of(
    tables: Sequence[Table],
    *,
    teams: int,
    boxes: Sequence[int],
    page_size: int,
    rows: Mapping[str, int] | None = None,
) -> Cost:
    """The cost of copying ``tables``, give or take what Streak says of last pages, and no retries.

    ``boxes`` are the boxes of each pipeline that is copied; ``rows`` how many a table with long lists has,
    where that is known.
    """
    lists = [each for table in tables if table.kind is not Kind.DERIVED for each in table.lists]
    planned = [each for each in lists if each.is_planned]
    others = sum(
        _calls(each, teams, boxes, page_size, (rows or {}).get(each.name, 0))
        for each in lists
        if not each.is_planned
    )
    return Cost(others + len(planned) * sum(boxes), others, len(planned))


def told_cost(cost: Cost, rate: float) -> Finding:
    """What it costs at so many calls a second."""
    complete, unmoved = (duration(calls / rate) for calls in (cost.complete, cost.unmoved))
    return Finding(
        "cost",
        Mark.OK,
        f"A complete refresh takes some {cost.complete:,} calls: {complete} at {rate:g} a second. A changed "
        f"one some {cost.unmoved:,} ({unmoved}), and {cost.moved_box} for each box that moved.",
        "For each table: streak-dagster plan",
        {
            "complete_calls": cost.complete,
            "complete_minutes": round(cost.complete / rate / 60, 2),
            "changed_calls": cost.unmoved,
            "calls_per_moved_box": cost.moved_box,
        },
    )


def _calls(table: Table, teams: int, boxes: Sequence[int], page_size: int, rows: int) -> int:
    """Calls for one kind of list, of all its parents."""
    assert table.endpoint is not None, "what is derived has no list"
    size = table.endpoint.page_size or page_size
    if table.parent is TEAMS:
        return max(teams, math.ceil(rows / size)) if table.endpoint.paging is Paging.CURSOR else teams
    if table.parent is PIPELINES:
        if table.endpoint.paging is not Paging.NUMBERED:
            return len(boxes)
        return sum(math.ceil(count / size) + 1 for count in boxes)
    return 1
