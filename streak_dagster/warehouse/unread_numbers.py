"""Text fields that hold numbers, and how many of their values couldn't be read as one; read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.tables import BOX_FIELD_VALUES

if TYPE_CHECKING:
    from streak_dagster.warehouse.session import Session

LEAST_VALUES = 5
MOST = 0.8
"""A text field holds numbers where so many values, and this share of them, are read as one."""


@dataclass(frozen=True)
class NumberField:
    """Of the ``values`` that a text field has, ``unread`` are read as no number; empty ones don't count."""

    pipeline: str
    field: str
    name: str | None
    values: int
    unread: int


def number_fields(session: Session) -> list[NumberField] | None:
    """The text fields that hold numbers, those with most unread first; None where the table can't tell."""
    needed = {"pipeline_key", "field_key", "field_name", "field_type", "value_text", "value_number"}
    if not session.columns(BOX_FIELD_VALUES.name).keys() >= needed:
        return None
    found = session.execute(
        "SELECT pipeline_key, field_key, any_value(field_name), count(*) AS values, "
        "count(*) FILTER (value_number IS NULL) AS unread "
        f"FROM {session.qualified(BOX_FIELD_VALUES.name)} "
        "WHERE field_type = 'TEXT_INPUT' AND trim(value_text) <> '' GROUP BY pipeline_key, field_key "
        "HAVING values >= ? AND values - unread >= ? * values ORDER BY unread DESC, 1, 2",
        [LEAST_VALUES, MOST],
    ).fetchall()
    return [NumberField(*each) for each in found]
