"""Values as Excel has them: real numbers, dates and booleans, and texts.

DuckDB makes of each value what is written (``staged_query``), Python writes it, so neither holds a table.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING

from streak_dagster.export.relations import columns_query
from streak_dagster.query.cells import is_integer, is_nested, plain
from streak_dagster.views.pipelines import KIND as PIPELINE
from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from streak_dagster.export.relations import Relation

EXACT = 2**53
"""Whole numbers up to this are exact in Excel, which knows none but floating ones."""
_DIGITS = 15
"""Digits of a decimal that Excel keeps."""
_DAY = 86_400_000_000
_EPOCH = 25_569
"""Excel's number of 1970-01-01."""
_NO_LEAP_YEAR = 61
"""Excel's number of 1900-03-01. It takes 1900 for a leap year, so what is before is one less."""
_REFUSED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML can't hold."""
_LIST_OF_PLAIN = re.compile(r"^[^\[\]()]+(\(\d+,\d+\))?\[\d*\]$")
_ORDERED = ("stage_order", "name", "key")


class Kind(Enum):
    """What a column is in a sheet; a decimal comes as its text, a moment in microseconds."""

    TEXT = auto()
    WHOLE = auto()
    NUMBER = auto()
    DECIMAL = auto()
    BOOLEAN = auto()
    MOMENT = auto()
    DATE = auto()
    LINK = auto()


_KINDS = {
    "DATE": Kind.DATE,
    "BOOLEAN": Kind.BOOLEAN,
    "FLOAT": Kind.NUMBER,
    "DOUBLE": Kind.NUMBER,
    "HUGEINT": Kind.DECIMAL,
    "UHUGEINT": Kind.DECIMAL,
}


def kind_of(name: str, kind: str) -> Kind:
    """What a column of a name and a DuckDB type is in a sheet."""
    if kind in _KINDS:
        return _KINDS[kind]
    if is_nested(kind):
        return Kind.TEXT
    if kind.startswith("TIMESTAMP"):
        return Kind.MOMENT
    if kind.startswith("DECIMAL"):
        return Kind.DECIMAL
    if is_integer(kind):
        return Kind.WHOLE
    return Kind.LINK if name == "link" and kind == "VARCHAR" else Kind.TEXT


def staged_query(relation: Relation, zone: str) -> str:
    """The cells of a relation: whole numbers, floating ones, booleans and texts; pipelines by stage."""
    expressions = [_staged(name, kind, zone) for name, kind in relation.columns.items()]
    order = _ORDERED if relation.kind == PIPELINE and relation.columns.keys() >= set(_ORDERED) else ()
    return columns_query(relation, expressions, order)


def _staged(name: str, kind: str, zone: str) -> str:
    column = quoted(name)
    shown = kind_of(name, kind)
    if shown in {Kind.MOMENT, Kind.DATE}:
        there = f"timezone({literal(zone)}, {column})" if kind.endswith("TIME ZONE") else column
        return f"CASE WHEN isfinite({column}) THEN epoch_us({there}::TIMESTAMP) END"
    if shown in {Kind.BOOLEAN, Kind.NUMBER, Kind.WHOLE}:
        return column
    if _LIST_OF_PLAIN.match(kind):
        return f"array_to_string({column}::VARCHAR[], ', ')"
    return plain(column, kind)


def serial(microseconds: int) -> float | None:
    """Excel's number of a moment without a time zone, to the millisecond; None before 1900."""
    days = round(microseconds / 1000) / (_DAY / 1000) + _EPOCH
    if days < _NO_LEAP_YEAR:
        days -= 1
    return days if days >= 1 else None


def number_of(text: str) -> float | None:
    """The number of a decimal's text, None where Excel would lose digits of it."""
    return float(text) if len(text.strip("-").replace(".", "").strip("0")) <= _DIGITS else None


def holdable(text: str, letters: int) -> tuple[str, bool]:
    """The text as a cell can hold it, and whether it was shortened for that."""
    if not text.isprintable():
        text = _REFUSED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Letters beyond the first 65,536 are two.
    if len(text) * 2 > letters:
        units = text.encode("utf-16-le", "surrogatepass")
        if len(units) // 2 > letters:
            return units[: (letters - 1) * 2].decode("utf-16-le", "ignore") + "…", True
    return text, False


def moment_of(microseconds: int) -> datetime:
    """The moment, for one that Excel has no number for."""
    return datetime(1970, 1, 1) + timedelta(microseconds=microseconds)  # noqa: DTZ001 - Excel knows no zones
