"""What is measured: how large the account is, how slow its answers, whether the budget is enforced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

RATE = 10
"""Calls a second that the server admits, unless the budget is lifted."""
EVERYBODY = ("ours", "dlt", "plain")


@dataclass(frozen=True)
class Case:
    """One sandbox and the contestants that copy it, so many times, in turn."""

    boxes: int
    latency_ms: int
    rate: int
    rounds: int
    contestants: tuple[str, ...] = EVERYBODY
    once: tuple[str, ...] = ()
    """Who is measured in the first round only: whose seconds are latency and budget, and nothing else."""
    changed: int = 0
    """In so many first rounds ours is measured with ``--refresh changed``, too."""

    @property
    def name(self) -> str:
        """``100-300ms`` with the budget, ``1000-lifted`` without: what ``--cases`` takes."""
        return f"{self.boxes}-{f'{self.latency_ms}ms' if self.rate else 'lifted'}"

    @property
    def title(self) -> str:
        """As the page has it."""
        boxes = f"{self.boxes:,} boxes"
        if not self.rate:
            return f"{boxes}, budget lifted, no latency"
        return f"{boxes}, {self.rate} calls a second, {self.latency_ms:,} ms latency"

    def taking_part(self, number: int, chosen: Collection[str]) -> list[str]:
        """Those of ``chosen`` who are measured in a round, counted from 0; another one begins each."""
        part = [
            each for each in self.contestants if each in chosen and (number == 0 or each not in self.once)
        ]
        first = number % len(part) if part else 0
        return [*part[first:], *part[:first]]


ALL = (
    Case(
        100, 300, RATE, 3, ("ours", "dlt", "dlt-unpaced", "plain"), once=("dlt-unpaced", "plain"), changed=1
    ),
    Case(1_000, 0, 0, 3, changed=1),
    Case(100, 50, RATE, 1),
    Case(20_000, 0, 0, 1, changed=1),
    Case(100, 1_000, RATE, 1),
)
"""In the order in which they are measured: what an aborted run should have comes first."""
LONG = (Case(1_000, 300, RATE, 1, ("ours", "dlt"), changed=1),)
"""Only where ``--cases`` names them; one call at a time would take half an hour here."""
QUICK = (Case(20, 300, RATE, 1, changed=1), Case(200, 0, 0, 1, changed=1))
"""For ``make bench QUICK=1``: shows that everything works, and roughly what it costs."""


def named(pattern: str) -> list[Case]:
    """Those whose names a comma-separated list has; ``KeyError`` names what there is."""
    known = {case.name: case for case in (*ALL, *LONG, *QUICK)}
    wanted = [each.strip() for each in pattern.split(",") if each.strip()]
    for each in wanted:
        if each not in known:
            raise KeyError(f"There is no case {each!r}; there are {', '.join(known)}.")
    return [known[each] for each in wanted]
