"""What the values of a formula field are, which its definition doesn't say: numbers, moments, text.

A column is typed only as long as every value is of that type, so that it never hides one. The first other
value makes it text, for good: a column whose type came and went would break who reads it. An empty text is a
formula without a result, and of no type.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streak_dagster.views.remembering import Remembered
    from streak_dagster.views.sources import Sources
    from streak_dagster.warehouse.session import Session

FORMULA = "FORMULA"
TYPES = ("DOUBLE", "TIMESTAMP WITH TIME ZONE", "BOOLEAN", "JSON")


def with_value_types(
    session: Session, sources: Sources, fields: Mapping[str, Sequence[Remembered]]
) -> dict[str, list[Remembered]]:
    """The fields, by pipeline, those of formulas with the type of their values, where there are any."""
    told = {pipeline: list(of_one) for pipeline, of_one in fields.items()}
    any_left = any(
        each.type == FORMULA and each.value_type != "VARCHAR" for of_one in told.values() for each in of_one
    )
    if not any_left or not sources.has("box_field_values"):
        return told
    found = session.execute(
        "SELECT pipeline_key, field_key, count(*), "
        "count(*) FILTER (json_type(value) IN ('DOUBLE', 'BIGINT', 'UBIGINT', 'HUGEINT')), "
        "count(*) FILTER (value_timestamp IS NOT NULL), "
        "count(*) FILTER (json_type(value) = 'BOOLEAN'), "
        "count(*) FILTER (json_type(value) IN ('ARRAY', 'OBJECT')) "
        f"FROM {session.qualified('box_field_values')} WHERE field_type = '{FORMULA}' "
        "AND value_text IS DISTINCT FROM '' GROUP BY ALL"
    ).fetchall()
    counted = {(pipeline, field): counts for pipeline, field, *counts in found}
    return {
        pipeline: [
            replace(each, value_type=settled(each.value_type, counted[pipeline, each.key]))
            if each.type == FORMULA and (pipeline, each.key) in counted
            else each
            for each in of_one
        ]
        for pipeline, of_one in told.items()
    }


def settled(before: str | None, counts: Sequence[int]) -> str:
    """The type of a formula's values: ``counts`` are all of them, then those of each of ``TYPES``."""
    total, *of_types = counts
    by_type = dict(zip(TYPES, of_types, strict=True))
    if before is not None:
        return before if by_type.get(before) == total else "VARCHAR"
    return next((name for name in TYPES if by_type[name] == total), "VARCHAR")
