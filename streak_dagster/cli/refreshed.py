"""What is known of a refresh while it runs, out of its log and of what its walks tell."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streak_dagster import labels
from streak_dagster.tables import ALL_TABLES
from streak_dagster.warehouse.ddl import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dagster import AssetMaterialization, EventLogEntry

    from streak_dagster.onlookers import Reading

_SPEED_OF = 5.0
"""Seconds over which the calls a second are counted."""
_BY_NAME = {table.name: table for table in ALL_TABLES}
FIGURES = ("rows", "new", "changed", "gone", "calls", "seconds")
_LABELS = (labels.ROWS, labels.INSERTED, labels.UPDATED, labels.DELETED, labels.CALLS, labels.SECONDS)


@dataclass
class Row:
    """One table: its ``state`` is ``waits``, ``runs``, ``done``, ``failed`` or ``left out``."""

    name: str
    state: str = "waits"
    done: int = 0
    total: int = 0
    figures: dict[str, float] = field(default_factory=dict)


class Refreshed:
    """The tables of one run. Fed by ``see`` (the log) and ``read`` (the walks)."""

    def __init__(self, names: Iterable[str]) -> None:
        self.rows = {name: Row(name) for name in names}
        self.views: dict[str, int] = {}
        self.waits_for: str | None = None
        self._sent: deque[tuple[float, int]] = deque()

    def read(self, reading: Reading) -> None:
        """How far a walk is."""
        now = time.monotonic()
        row = self.rows.get(reading.table)
        if row is not None:
            row.done, row.total = reading.done, reading.total
            if row.state == "waits":  # it is read ahead of its step
                row.state = "runs"
        self.waits_for = reading.waits_for
        self._sent.append((now, reading.calls))
        while len(self._sent) > 2 and self._sent[1][0] < now - _SPEED_OF:
            self._sent.popleft()

    def see(self, entry: EventLogEntry) -> Row | None:
        """An entry of the log. Returns the table that it completes."""
        event = entry.dagster_event
        row = self.rows.get(table_of(entry.step_key))
        if event is None:
            return None
        kind = event.event_type_value
        if kind == "ASSET_MATERIALIZATION":
            return self._materialized(event.step_materialization_data.materialization)
        if row is not None and kind == "STEP_START":
            row.state, self.waits_for = "runs", None
        elif row is not None and kind == "STEP_FAILURE" and row.state != "done":
            row.state = "failed"
        elif row is not None and kind == "STEP_SKIPPED":
            row.state = "left out"
        return None

    def _materialized(self, made: AssetMaterialization) -> Row | None:
        found = {label: entry.value for label, entry in made.metadata.items()}
        schema, name = made.asset_key.path[0], made.asset_key.path[-1]
        if schema != SCHEMA:
            by_view = found.get(labels.ROWS_BY_VIEW)
            counted = by_view if isinstance(by_view, dict) else {name: found.get(labels.ROWS)}
            self.views |= {view: int(_number(rows)) for view, rows in counted.items()}
            return None
        row = self.rows.setdefault(name, Row(name))
        # Before the state: a live display draws in another thread, and asks what is done for its rows.
        row.figures = {each: _number(found.get(label)) for each, label in zip(FIGURES, _LABELS, strict=True)}
        row.state = "done"
        return row

    @property
    def calls_a_second(self) -> float:
        """Over the last seconds; nothing is known before the second reading."""
        if len(self._sent) < 2:
            return 0.0
        (since, before), (until, now) = self._sent[0], self._sent[-1]
        return (now - before) / (until - since) if until > since else 0.0

    @property
    def calls_left(self) -> int:
        """Calls that are known to be left: of the walk under way, and of those over all boxes that follow."""
        listed = self.rows.get("pipeline_boxes")
        boxes = int(listed.figures.get("rows", 0)) if listed else 0
        left = 0
        for row in self.rows.values():
            if row.state == "runs":
                left += row.total - row.done
            elif row.state == "waits" and row.name in _BY_NAME and _BY_NAME[row.name].is_planned:
                left += boxes
        return left


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0


def table_of(step: str | None) -> str:
    """The table that a step makes."""
    return (step or "").removeprefix(f"{SCHEMA}__")
