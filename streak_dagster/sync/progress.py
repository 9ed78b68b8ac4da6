"""How far a long walk is, for the log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from streak_dagster import onlookers

if TYPE_CHECKING:
    from collections.abc import Callable

    from streak_dagster.api.client import StreakClient
    from streak_dagster.tables import Table

PROGRESS_SECONDS = 9.0
"""Between two lines of the log; the walk looks at the clock once a second."""


class Progress:
    """Says every 10 seconds how far a walk is, how fast it goes and how long it takes, or why it waits."""

    def __init__(self, table: Table, client: StreakClient, report: Callable[[str], None]) -> None:
        self._name = table.name
        self._unit = table.parent_row.many if table.is_listed_by_parent else "list"
        self._client = client
        self._report = report
        self._began = self._told = time.monotonic()
        self._calls = client.usage.calls
        self._done_before: int | None = None

    def tell(self, done: int, total: int) -> None:
        now = time.monotonic()
        trouble = self._client.trouble
        onlookers.tell(onlookers.Reading(self._name, done, total, self._client.usage_of_all.calls, trouble))
        if self._done_before is None:
            self._done_before = done
        if now - self._told < PROGRESS_SECONDS:
            return
        self._told = now
        rate = (self._client.usage.calls - self._calls) / (now - self._began)
        fresh = done - self._done_before
        left = f", about {duration((total - done) * (now - self._began) / fresh)} left" if fresh else ""
        pace = trouble or f"{rate:.1f} calls a second{left}"
        self._report(f"{self._name}: {done:,} of {total:,} {self._unit}, {pace}")


def duration(seconds: float) -> str:
    """A length of time as a person says it: ``42 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
