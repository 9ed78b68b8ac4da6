"""What a look showed, in words, and which tables it gives reason to refresh."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.tables import ALL_TABLES, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streak_dagster.sync.probe import Probe
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.changes import Changes, FoundChanges

_OF_EVERY_SAVE = {"last_saved_timestamp"}
"""Changes with whatever is saved, so it says nothing of any list below."""


@dataclass(frozen=True)
class Staleness:
    """``tables`` can have changed, in declared order; ``reason`` says why, or that none can."""

    tables: list[Table]
    reason: str
    digest: str


def staleness_of(found: FoundChanges, probe: Probe, copied: Sequence[Table]) -> Staleness:
    """The tables of those that are copied which what was found gives reason to refresh."""
    chosen = {*found.missing}
    for table in copied:
        if changes := found.rows.get(table.name):
            chosen |= {table.name, *_stale_children(table, changes, copied)}
        if found.children.get(table.name):
            chosen |= _with_descendants(table, copied)
    # Of what happened, a list shows the newest alone: with the next refresh some of it may be gone.
    chosen |= {
        table.name
        for table in copied
        if table.window and table.parent and chosen & {each.name for each in table.parent.children(copied)}
    }
    chosen |= {each.name for each in copied if not chosen.isdisjoint(each.named_by)}
    tables = [table for table in copied if table.name in chosen]
    names = [table.name for table in tables]
    digest = hashlib.blake2b(f"{names} {found.digest}".encode(), digest_size=10).hexdigest()
    return Staleness(tables, _reason(found, probe), digest)


def _stale_children(table: Table, changes: Changes, copied: Sequence[Table]) -> set[str]:
    """The tables below one that can't stay as they are when its rows change as they did.

    What is taken out of the rows follows whatever changes. A list per parent follows when parents come or go,
    or when columns changed that it declares; one that declares none, when any other column of the parent did,
    unless it is optional: those are left to the schedule.
    Lists that are planned follow by the fingerprints of the rows, but where a row may be gone, theirs go with
    it, which costs no call.
    """
    of_siblings = {name for child in table.children(ALL_TABLES) for name in child.change_columns}
    stale: set[str] = set()
    for child in table.children(copied):
        if child.kind is Kind.DERIVED:
            follows = True
        elif child.is_planned:
            follows = bool(changes.deleted)
        else:
            own = frozenset(child.change_columns)
            if not own and not child.optional:
                own = changes.columns - of_siblings - _OF_EVERY_SAVE
            follows = bool(changes.inserted or changes.deleted or changes.columns & own)
        if follows:
            stale |= _with_descendants(child, copied)
    return stale


def _with_descendants(table: Table, copied: Sequence[Table]) -> set[str]:
    return {each.name for each in (table, *table.descendants(copied))}


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
