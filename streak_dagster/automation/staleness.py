"""What a look showed, in words, and which tables it gives reason to refresh."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.tables import ALL_TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streak_dagster.sync.probe import Probe
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.changes import Changes, FoundChanges

_COUNTING = {"box_count", "box_count_hint", "stages"}
"""Columns of ``pipelines`` that move with boxes, not with the pipeline's definition."""

_OF_BOXES = [table.name for table in ALL_TABLES if table.parent == "pipeline_boxes"]


@dataclass(frozen=True)
class Staleness:
    """``tables`` can have changed, in declared order; ``reason`` says why, or that none can."""

    tables: list[Table]
    reason: str
    digest: str


def staleness_of(found: FoundChanges, probe: Probe, copied: Sequence[Table]) -> Staleness:
    """The tables of those that are copied which a movement gives reason to refresh."""
    chosen = {*found.missing}
    for name, changes in found.rows.items():
        chosen |= _following(name, changes)
    chosen |= {name for name, boxes in found.children.items() if boxes}
    tables = [table for table in copied if table.name in chosen]
    names = [table.name for table in tables]
    digest = hashlib.blake2b(f"{names} {found.digest}".encode(), digest_size=10).hexdigest()
    return Staleness(tables, _reason(found, probe), digest)


def _following(name: str, changes: Changes) -> set[str]:
    """The table itself and those that can't stay as they are when its rows move.

    Where a box may be gone, its comments and the like go with it, which costs no call.
    """
    if not changes:
        return set()
    if name == "pipeline_boxes":
        return {name, *_OF_BOXES} if changes.deleted else {name}
    if name != "pipelines":
        return {name}
    tables = {"pipelines", "pipeline_stages"}
    if changes.inserted or changes.deleted:
        return {*tables, "pipeline_fields", "pipeline_boxes", *_OF_BOXES}
    if changes.columns & _COUNTING:
        tables |= {"pipeline_boxes", *_OF_BOXES}
    if changes.columns - _COUNTING - {"last_saved_timestamp"}:  # not every answer holds the fields themselves
        tables.add("pipeline_fields")
    return tables


def _reason(found: FoundChanges, probe: Probe) -> str:
    looked = f"{probe.calls} calls, {probe.pages} pages of boxes"
    parts = [_row_words(name, changes) for name, changes in found.rows.items() if changes]
    parts += [f"{name} of {boxes:,} boxes can have moved" for name, boxes in found.children.items() if boxes]
    if found.missing:
        parts.insert(0, f"never copied: {', '.join(found.missing)}")
    unread = f"{', '.join(probe.unread)} couldn't be looked at; " if probe.unread else ""
    return f"Looked with {looked}: {unread}{'; '.join(parts) or 'nothing moved'}."


def _row_words(name: str, changes: Changes) -> str:
    counts = {"new": changes.inserted, "changed": changes.updated, "gone": changes.deleted}
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    columns = f" ({', '.join(sorted(changes.columns)[:5])})" if changes.columns else ""
    return f"{name}: {told}{columns}"
