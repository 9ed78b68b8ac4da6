"""What a refresh of a table that is read box by box asks for, and what it leaves as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


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
