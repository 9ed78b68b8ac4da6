"""Versions of rows made by hand, as ``streak_history`` tells them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

Version = tuple[str, str, dict[str, Any]]
"""When it began, what made it (``insert``, ``update``, ``delete``), and the row's columns from then on."""


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def versions(key: dict[str, str], *told: Version, seen_before: str | None = None) -> list[dict[str, Any]]:
    """The versions of one row: each ends where the next begins, and says which columns it changed.

    A version was last seen as it was before when the one before began; the first one at ``seen_before``.
    """
    made: list[dict[str, Any]] = []
    row: dict[str, Any] = dict(key)
    for place, (since, change, columns) in enumerate(told):
        row = {**row, **columns}
        until = told[place + 1][0] if place + 1 < len(told) else None
        before = told[place - 1][0] if place else seen_before
        made.append(
            {
                **row,
                "_synced_at": at(since),
                "_valid_from": at(since),
                "_valid_to": at(until) if until else None,
                "_change": change,
                "_changed": [*columns] if change == "update" else None,
                "_seen_before": at(before) if before else None,
            }
        )
    return made


def present(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the table itself: the versions that last, without those that say that a row is gone."""
    return [
        {name: value for name, value in row.items() if not name.startswith("_")}
        for row in rows
        if row["_valid_to"] is None and row["_change"] != "delete"
    ]
