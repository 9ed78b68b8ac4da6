"""From the records to the figures that the page, its plots and the list of losses share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .cases import Case
from .measure import floor
from .results import MEASURED, medians

if TYPE_CHECKING:
    from .results import Record

NAMES = {
    "ours": "streak-dagster",
    "dlt": "dlt, paced",
    "dlt-unpaced": "dlt, unpaced",
    "plain": "plain Dagster",
}


@dataclass(frozen=True)
class Figures:
    """The medians of one step of one contestant in one case."""

    record: Record

    @property
    def name(self) -> str:
        return f"{NAMES[self.record['contestant']]}, {self.record['step']}"

    @property
    def complete(self) -> bool:
        """Whether it is the work that everybody does."""
        return bool(self.record["step"] == "complete")

    @property
    def over_floor(self) -> float | None:
        """Seconds above calls / budget; None where the budget is lifted."""
        return self.record["seconds"] - floor(self.record["calls"]) if self.record["rate"] else None

    @property
    def ceiling(self) -> float | None:
        """The share of the budget that was used from the first call to the last."""
        calls, span = self.record["calls"], self.record["span_seconds"]
        return (calls - 1) / span / self.record["rate"] if self.record["rate"] and span else None

    @property
    def ceiling_whole(self) -> float | None:
        """The same of the whole process."""
        record = self.record
        return float(record["calls"] / record["seconds"] / record["rate"]) if record["rate"] else None

    @property
    def cpu_per_thousand(self) -> float:
        """Processor seconds for 1,000 calls."""
        return float(1000 * self.record["cpu_seconds"] / max(1, self.record["calls"]))

    @property
    def true(self) -> bool:
        """Whether every row of every table was right in every round."""
        return not self.record["differences"]


def by_case(records: list[dict[str, Any]]) -> list[tuple[Case, list[Figures]]]:
    """The cases with the budget first, each by size and latency; the contestants in their order."""
    found: dict[tuple[int, int, int], list[Record]] = {}
    for each in records:
        found.setdefault((not each["rate"], each["boxes"], each["latency_ms"]), []).append(each)
    cases = []
    for (_, boxes, latency), measured in sorted(found.items()):
        by = ("contestant", "step", "boxes", "latency_ms", "rate")
        order = list(NAMES)
        figures = [Figures(each) for each in medians(measured, by, MEASURED)]
        figures.sort(key=lambda each: order.index(each.record["contestant"]))
        rate = measured[0]["rate"]
        rounds = max(each.record["rounds"] for each in figures)
        cases.append((Case(boxes, latency, rate, rounds), figures))
    return cases
