"""A plan as it is told: what is asked for each table, and how long that takes at the budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streak_dagster.api.rate_limiter import seconds_for


@dataclass(frozen=True)
class PlannedTable:
    """What a refresh would ask for one table.

    Of the ``boxes`` that there are, so many are asked (``fetch``), left as they are (``keep``) or known to
    have nothing (``empty``); None for a table that isn't asked for by boxes. ``refresh`` is ``complete`` or
    ``changed``, None where there is no choice. ``certain`` is whether the calls are known, errors aside, and
    not what the last refresh showed.
    """

    name: str
    calls: int
    refresh: str | None = None
    boxes: int | None = None
    fetch: int | None = None
    keep: int | None = None
    empty: int | None = None
    certain: bool = True


@dataclass(frozen=True)
class Plan:
    """The rows of a plan, in the order of the tables; ``spent`` are the calls that it took to make it.

    ``refresh`` is what was asked for.
    """

    tables: tuple[PlannedTable, ...]
    spent: int
    refresh: str
    calls_per_second: float

    @property
    def calls(self) -> int:
        """The calls of the whole refresh."""
        return sum(each.calls for each in self.tables)

    @property
    def certain(self) -> bool:
        return all(each.certain for each in self.tables)

    def seconds(self, calls: int) -> float:
        """How long so many calls take at the budget."""
        return seconds_for(calls, self.calls_per_second)

    def as_json(self) -> dict[str, Any]:
        """The plan as one JSON document; times are seconds."""
        return {
            "refresh": self.refresh,
            "calls_per_second": self.calls_per_second,
            "calls": self.calls,
            "seconds": round(self.seconds(self.calls), 1),
            "certain": self.certain,
            "calls_of_this_plan": self.spent,
            "tables": [
                {
                    "table": f"streak/{each.name}",
                    "refresh": each.refresh,
                    "boxes": each.boxes,
                    "fetch": each.fetch,
                    "keep": each.keep,
                    "empty": each.empty,
                    "calls": each.calls,
                    "seconds": round(self.seconds(each.calls), 1),
                    "certain": each.certain,
                }
                for each in self.tables
            ],
        }
