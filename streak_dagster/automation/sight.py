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
    from streak_dagster.warehouse.moved import Moved, Movement

_COUNTING = {"box_count", "box_count_hint", "stages"}
"""Columns of ``pipelines`` that move with boxes, not with the pipeline's definition."""

_OF_BOXES = [table.name for table in ALL_TABLES if table.parent == "pipeline_boxes"]


@dataclass(frozen=True)
class Sight:
    """``tables`` can have changed, in the order of their declaration; ``told`` says why, or that none can."""

    tables: list[Table]
    told: str
    digest: str


def sight_of(found: Movement, probe: Probe, copied: Sequence[Table]) -> Sight:
    """The tables of those that are copied which a movement gives reason to refresh."""
    chosen = {*found.missing}
    for name, moved in found.rows.items():
        chosen |= _following(name, moved)
    chosen |= {name for name, boxes in found.children.items() if boxes}
    tables = [table for table in copied if table.name in chosen]
    names = [table.name for table in tables]
    digest = hashlib.blake2b(f"{names} {found.digest}".encode(), digest_size=10).hexdigest()
    return Sight(tables, _told(found, probe), digest)


def _following(name: str, moved: Moved) -> set[str]:
    """The table itself and those that can't stay as they are when its rows move.

    Where a box may be gone, its comments and the like go with it, which costs no call.
    """
    if not moved:
        return set()
    if name == "pipeline_boxes":
        return {name, *_OF_BOXES} if moved.went else {name}
    if name != "pipelines":
        return {name}
    tables = {"pipelines", "pipeline_stages"}
    if moved.came or moved.went:
        return {*tables, "pipeline_fields", "pipeline_boxes", *_OF_BOXES}
    if moved.columns & _COUNTING:
        tables |= {"pipeline_boxes", *_OF_BOXES}
    if moved.columns - _COUNTING - {"last_saved_timestamp"}:  # not every answer holds the fields themselves
        tables.add("pipeline_fields")
    return tables


def _told(found: Movement, probe: Probe) -> str:
    looked = f"{probe.calls} calls, {probe.pages} pages of boxes"
    parts = [_row_words(name, moved) for name, moved in found.rows.items() if moved]
    parts += [f"{name} of {boxes:,} boxes can have moved" for name, boxes in found.children.items() if boxes]
    if found.missing:
        parts.insert(0, f"never copied: {', '.join(found.missing)}")
    unread = f"{', '.join(probe.unread)} couldn't be looked at; " if probe.unread else ""
    return f"Looked with {looked}: {unread}{'; '.join(parts) or 'nothing moved'}."


def _row_words(name: str, moved: Moved) -> str:
    counts = {"new": moved.came, "changed": moved.changed, "gone": moved.went}
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    columns = f" ({', '.join(sorted(moved.columns)[:5])})" if moved.columns else ""
    return f"{name}: {told}{columns}"
