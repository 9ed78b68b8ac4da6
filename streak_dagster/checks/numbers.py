"""Whether the text fields that hold numbers are read as such, as the result of a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster import MetadataValue

from streak_dagster.checks.verdicts import NothingYet, result
from streak_dagster.warehouse.unread_numbers import LEAST_VALUES, MOST, number_fields

if TYPE_CHECKING:
    from dagster import AssetCheckResult

    from streak_dagster.warehouse.session import Session

READ = "numbers_are_read"
READ_MEANING = (
    f"In each text field where {MOST:.0%} of {LEAST_VALUES} or more values are numbers, all of them are read "
    "as one. Warns with the fields where some aren't, whose sums lack these values."
)
_MAX_NAMED = 20


def numbers_are_read(session: Session) -> AssetCheckResult | NothingYet:
    """Says how many values of which field, and none of the values: people typed them."""
    fields = number_fields(session)
    if fields is None:
        return NothingYet(READ, "the published table doesn't have its columns")
    unread = [each for each in fields if each.unread]
    told = [
        {
            "pipeline": each.pipeline,
            "field": each.field,
            "name": each.name,
            "values": each.values,
            "not read": each.unread,
        }
        for each in unread[:_MAX_NAMED]
    ]
    metadata: dict[str, Any] = {
        "text fields that hold numbers": len(fields),
        "values in them": sum(each.values for each in fields),
        "not read as a number": sum(each.unread for each in fields),
        "fields": MetadataValue.json(told),
    }
    if unread:
        metadata["to see them"] = (
            "SELECT box_key, field_name, value_text FROM box_field_values WHERE field_type = 'TEXT_INPUT' "
            f"AND value_number IS NULL AND field_key = '{unread[0].field}' "
            f"AND pipeline_key = '{unread[0].pipeline}'"
        )
    return result(READ, metadata, passed=not unread)
