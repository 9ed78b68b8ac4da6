"""What came in and went out, week by week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.report.copy import VIEWS, WEEKS

if TYPE_CHECKING:
    from datetime import date

    from streak_dagster.report.copy import Copy

_WEEKS = """
WITH week AS (
  SELECT this_week - (7 * back)::INTEGER AS week FROM (
    SELECT date_trunc('week', make_timestamp(epoch_us(now())))::DATE AS this_week
  ), range({weeks}) AS past(back)
), event AS (
  SELECT week, kind, count(DISTINCT key) AS boxes FROM {events} GROUP BY week, kind
), daily AS (
  SELECT day, sum(boxes) FILTER (outcome = 'open') AS boxes FROM {views}.pipeline_daily GROUP BY day
)
SELECT week.week,
  coalesce(sum(event.boxes) FILTER (kind = 'created'), 0)::BIGINT AS created,
  coalesce(sum(event.boxes) FILTER (kind = 'moved'), 0)::BIGINT AS moved,
  coalesce(sum(event.boxes) FILTER (kind = 'won'), 0)::BIGINT AS won,
  coalesce(sum(event.boxes) FILTER (kind = 'lost'), 0)::BIGINT AS lost,
  coalesce(sum(event.boxes) FILTER (kind = 'deleted'), 0)::BIGINT AS deleted,
  any_value(daily.boxes)::BIGINT AS open
FROM week
LEFT JOIN event ON event.week = week.week
LEFT JOIN daily ON daily.day = least(week.week + 6, make_timestamp(epoch_us(now()))::DATE)
GROUP BY week.week ORDER BY week.week"""


@dataclass(frozen=True)
class Week:
    """Boxes of one week, each counted once a column; ``open`` is how many were so at its end, where known."""

    week: date
    created: int
    moved: int
    won: int
    lost: int
    deleted: int
    open: int | None


def weeks(copy: Copy) -> list[Week]:
    """The last weeks, Monday to Sunday in UTC, the present one last. Raises duckdb.Error."""
    query = _WEEKS.format(events=copy.events(), views=VIEWS, weeks=WEEKS)
    return [Week(**each) for each in copy.rows(query)]
