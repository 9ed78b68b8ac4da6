"""How a value becomes the text of a cell: one SQL expression a column, by the format and the column's type.

DuckDB writes the text, not Python: it is faster, and its times reach further than Python's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Cell = Callable[[str, str], str]
    """An expression and its type become the expression of a text, NULL where there is no value."""

_NESTED = re.compile(r"\]$|^(STRUCT|MAP|UNION)\(")
_INTEGER = re.compile(r"^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$")
_MOMENT = "'%Y-%m-%dT%H:%M:%S.%f{zone}'"


def is_nested(kind: str) -> bool:
    """Whether values of a type hold others: a list, a struct, a map."""
    return _NESTED.search(kind) is not None


def is_integer(kind: str) -> bool:
    return _INTEGER.match(kind) is not None


def is_number(kind: str) -> bool:
    return is_integer(kind) or kind in {"FLOAT", "DOUBLE"} or kind.startswith("DECIMAL")


def shown(expression: str, kind: str) -> str:  # noqa: ARG001 - as the others
    """The text for a person: as DuckDB writes it."""
    return f"{expression}::VARCHAR"


def plain(expression: str, kind: str) -> str:
    """The text for a machine: ISO 8601 in UTC, JSON for what is nested, base64 for bytes."""
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(timezone('UTC', {expression}), {_MOMENT.format(zone='Z')})"
    if kind.startswith("TIMESTAMP"):
        return f"strftime({expression}::TIMESTAMP, {_MOMENT.format(zone='')})"
    if is_nested(kind):
        return f"to_json({expression})::VARCHAR"
    if kind == "BLOB":
        return f"base64({expression})"
    return f"{expression}::VARCHAR"


def json(expression: str, kind: str) -> str:
    """A JSON value. Decimals are texts, or their digits would be lost; so is what is no finite number."""
    if kind in {"BOOLEAN", "JSON"} or is_integer(kind):
        return f"{expression}::VARCHAR"
    if kind in {"FLOAT", "DOUBLE"}:
        return (
            f"CASE WHEN isfinite({expression}) THEN {expression}::VARCHAR "
            f"ELSE to_json({expression}::VARCHAR)::VARCHAR END"
        )
    return f"to_json({plain(expression, kind)})::VARCHAR" if not is_nested(kind) else plain(expression, kind)
