"""A value of Streak's answer as one of the type that its column declares."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone
from typing import Any, Final, NamedTuple

from streak_dagster.api.flags import read_flag
from streak_dagster.tables import Column, ColumnType
from streak_dagster.tables.limits import (
    EARLIEST_MS,
    FIRST_SECOND,
    LAST_SECOND,
    LATEST_MS,
    MAX_INTEGER,
)

NOT_COERCIBLE: Final = object()
"""What a value that doesn't fit its column is coerced to."""
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MAX_DIGITS = 100  # far more than fit; Python refuses to read thousands of them
_NO_MOMENT = (-1, 0)
"""What Streak and people write where there is no date; the notes have -1 for ``dueDate``."""


def coerce(column: Column, value: Any) -> Any:
    """``value`` as the column's type, None for null, or ``NOT_COERCIBLE``."""
    if value is None:
        return None
    if column.unwrap is not None and isinstance(value, dict) and set(value) == {column.unwrap}:
        value = value[column.unwrap]
        if value is None:
            return None
    return COERCIONS[column.type](value)


class AsSent(NamedTuple):
    """The values that a column holds as they were sent, which nearly all are.

    They are of these ``types``; an integer is between ``least`` and ``most``.
    """

    types: frozenset[type]
    least: float = -math.inf
    most: float = math.inf

    @classmethod
    def by(cls, column: Column) -> AsSent:
        if column.type is ColumnType.JSON:
            wrapped = {dict} if column.unwrap is not None else set()
            return cls(frozenset({str, int, float, bool, list, dict} - wrapped))
        return _AS_SENT.get(column.type, cls(frozenset()))


def coerce_text(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return NOT_COERCIBLE if isinstance(value, dict | list) else json.dumps(value)


def coerce_texts(value: Any) -> Any:
    is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return value if is_list else NOT_COERCIBLE


def coerce_integer(value: Any) -> Any:
    if isinstance(value, str):
        digits = value.strip()
        plain = digits.removeprefix("-")
        value = int(digits) if len(plain) < _MAX_DIGITS and plain.isascii() and plain.isdigit() else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_INTEGER:
        return NOT_COERCIBLE
    return value


def coerce_number(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return NOT_COERCIBLE
    if isinstance(value, bool) or not isinstance(value, int | float):
        return NOT_COERCIBLE
    try:
        as_float = float(value)
    except OverflowError:
        return NOT_COERCIBLE
    if isinstance(value, int) and value != as_float:
        return NOT_COERCIBLE  # a double can't hold all its digits
    return as_float if math.isfinite(as_float) else NOT_COERCIBLE


def coerce_flag(value: Any) -> Any:
    flag = read_flag(value)
    return NOT_COERCIBLE if flag is None else flag


def coerce_timestamp(value: Any) -> Any:
    sent = coerce_integer(value)
    if sent is not NOT_COERCIBLE:
        milliseconds = None if sent in _NO_MOMENT else sent * 1000 if is_in_seconds(sent) else sent
    else:
        milliseconds = _iso_milliseconds(value) if isinstance(value, str) else None
    fits = milliseconds is not None and EARLIEST_MS <= milliseconds <= LATEST_MS
    return milliseconds if fits else NOT_COERCIBLE


def is_in_seconds(sent: Any) -> bool:
    return isinstance(sent, int) and FIRST_SECOND <= sent <= LAST_SECOND


def _iso_milliseconds(value: str) -> int | None:
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def coerce_json(value: Any) -> Any:
    return value


COERCIONS = {
    ColumnType.TEXT: coerce_text,
    ColumnType.TEXTS: coerce_texts,
    ColumnType.INTEGER: coerce_integer,
    ColumnType.NUMBER: coerce_number,
    ColumnType.FLAG: coerce_flag,
    ColumnType.TIMESTAMP: coerce_timestamp,
    ColumnType.JSON: coerce_json,
}

_AS_SENT = {
    ColumnType.TEXT: AsSent(frozenset({str})),
    ColumnType.INTEGER: AsSent(frozenset({int}), -MAX_INTEGER, MAX_INTEGER),
    ColumnType.NUMBER: AsSent(frozenset({float})),  # a finite one: ``projection.clean`` leaves no other
    ColumnType.FLAG: AsSent(frozenset({bool})),
    ColumnType.TIMESTAMP: AsSent(frozenset({int}), LAST_SECOND + 1, LATEST_MS),
}
