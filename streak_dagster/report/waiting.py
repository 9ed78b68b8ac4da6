"""What waits for somebody: overdue follow-ups and boxes that nobody touches; for whom, and the worst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streak_dagster.report.copy import UNTOUCHED, VIEWS
from streak_dagster.views.link import LINK

if TYPE_CHECKING:
    from streak_dagster.report.copy import Copy

LISTED = 20
"""Follow-ups, and boxes, that the page lists one by one."""
PEOPLE = 25

_PEOPLE = """
SELECT who, sum(open)::BIGINT AS open, sum(overdue)::BIGINT AS overdue, max(most_days) AS most_days,
  sum(untouched)::BIGINT AS untouched, count(*) OVER () AS in_all
FROM (
  SELECT owners AS who, count(*) AS open, 0 AS overdue, NULL::BIGINT AS most_days,
    count(*) FILTER (days_untouched > {untouched}) AS untouched
  FROM {boxes} WHERE outcome = 'open' GROUP BY owners
  UNION ALL
  SELECT assigned_to, 0, count(*), max(days_overdue), 0
  FROM {views}.followups_due WHERE is_overdue GROUP BY assigned_to
) GROUP BY who
ORDER BY sum(overdue) + sum(untouched) DESC, sum(open) DESC, who LIMIT {listed}"""

_FOLLOWUPS = """
SELECT task, name, pipeline, stage, assigned_to AS who, days_overdue AS days, link,
  count(*) OVER () AS in_all
FROM {views}.followups_due WHERE is_overdue
ORDER BY days_overdue DESC, due, name, task, task_key LIMIT {listed}"""

_UNTOUCHED = """
SELECT touch AS task, name, pipeline, stage, owners AS who, days, link, count(*) OVER () AS in_all
FROM {views}.last_touch WHERE outcome = 'open' AND days > {untouched}
ORDER BY days DESC, name, key LIMIT {listed}"""


@dataclass(frozen=True)
class Person:
    """Whose boxes and follow-ups; None is nobody. ``most_days`` is how overdue the worst of them is."""

    who: str | None
    open: int
    overdue: int
    most_days: int | None
    untouched: int


@dataclass(frozen=True)
class People:
    """Those for whom most is waiting, and how many ``further`` ones there are."""

    listed: list[Person]
    further: int


@dataclass(frozen=True)
class Waiting:
    """One follow-up, or one box, of which ``task`` is the last touch."""

    task: str | None
    name: str | None
    pipeline: str | None
    stage: str | None
    who: str | None
    days: int | None
    link: str | None


@dataclass(frozen=True)
class List:
    """The worst of ``in_all``."""

    listed: list[Waiting]
    in_all: int

    @property
    def further(self) -> int:
        return self.in_all - len(self.listed)


def people(copy: Copy) -> People:
    """Who has what to do. Several who share it are told together, as the views name them."""
    query = _PEOPLE.format(boxes=copy.boxes(), views=VIEWS, untouched=UNTOUCHED, listed=PEOPLE)
    found, in_all = _counted(copy, query)
    return People([Person(**each) for each in found], in_all - len(found))


def followups(copy: Copy) -> List:
    """The most overdue follow-ups. Raises duckdb.Error."""
    return _list(copy, _FOLLOWUPS)


def untouched(copy: Copy) -> List:
    """The open boxes that nobody has touched for longest. Raises duckdb.Error."""
    return _list(copy, _UNTOUCHED)


def linked(link: str | None) -> str | None:
    """A link into Streak; None for any other address, which a view made by somebody else may hold."""
    return link if link is not None and link.startswith(LINK) else None


def _list(copy: Copy, query: str) -> List:
    found, in_all = _counted(copy, query.format(views=VIEWS, listed=LISTED, untouched=UNTOUCHED))
    return List([Waiting(**{**each, "link": linked(each["link"])}) for each in found], in_all)


def _counted(copy: Copy, query: str) -> tuple[list[dict[str, Any]], int]:
    """The first rows of a query, and how many there are in all, which each of them says."""
    found = copy.rows(query)
    counts = [each.pop("in_all") for each in found]
    return found, counts[0] if counts else 0
