"""What a changed refresh asks for, and what it leaves as it is: of boxes, or of lists that know a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OVERLAP = 600
"""Seconds that are asked for again: servers' clocks differ, and a list may learn late of what was saved."""


@dataclass(frozen=True)
class ReadingPlan:
    """One decision for every box, made by ``warehouse.planning``.

    ``fetch`` are the boxes to ask, each with its fingerprint and the number of rows by its counter (None
    where it has none). ``keep`` and ``empty`` count the others.
    ``path`` is a Parquet file of every box: ``box_key, fingerprint, counted, decision, would``, where
    ``would`` is what a ``changed`` refresh decides, whatever this one does.
    """

    path: Path
    changed: bool
    fetch: list[tuple[str, str, int | None]]
    keep: int
    empty: int


@dataclass(frozen=True)
class SincePlan:
    """From when on a ``changed`` refresh asks for the rows of each parent, whatever this one does.

    ``saved_until`` are moments by Streak's clock (ms), for the parents of which every row is published as it
    was then: whatever was changed since was saved later. The others are asked for all of their rows.

    Such a moment is the latest one at which a row was saved that came with the *first* answer of a walk. That
    answer is older than all that was read after it, and no row in it can have been saved later than it was
    given. The latest of all rows would be too late: of two contacts that are changed while a long list is
    read, the first one may have been read before that, and the second one, saved later, after it.
    """

    changed: bool
    saved_until: Mapping[str, int] = field(default_factory=dict)

    def since(self, parent: str) -> int | None:
        """The seconds since 1970 from which on a parent is asked for its rows; None for all of them."""
        until = self.saved_until.get(parent)
        return None if until is None else max(until // 1000 - OVERLAP, 0)

    @property
    def asked(self) -> dict[str, int]:
        """By parent, the seconds that this refresh asks by; empty where it is complete."""
        found = {parent: self.since(parent) for parent in sorted(self.saved_until)} if self.changed else {}
        return {parent: since for parent, since in found.items() if since is not None}
