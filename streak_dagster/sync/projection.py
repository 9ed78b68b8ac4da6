"""One record of Streak's answer, as one row of its table.

Nothing that Streak sends is lost: a property that the declaration doesn't know, or whose value
doesn't fit the declared type, goes into ``_extra`` under Streak's own name. So does -1 or 0 in place of a
moment, which means that there is none, and a moment in seconds beside what it was read as. The exceptions are
``null``, which means the same as absent for a declared property, and secrets, which are dropped; and what the
settings withhold (see ``withheld``).
"""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from streak_dagster.api.flags import read_flag
from streak_dagster.sync.withheld import NOTHING, Withheld
from streak_dagster.tables import SECRETS, Column, ColumnType, Table
from streak_dagster.tables.limits import (
    EARLIEST_MS,
    FIRST_SECOND,
    LAST_SECOND,
    LATEST_MS,
    MAX_INTEGER,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]
"""Column name to JSON value. Timestamps are milliseconds; JSON columns hold the nested value."""

RULES = 2
"""Counts up when what Streak sends would become another row than before."""
_NOT_COERCIBLE = object()
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MAX_DIGITS = 100  # far more than fit; Python refuses to read thousands of them
_NO_MOMENT = (-1, 0)
"""What Streak and people write where there is no date; the notes have -1 for ``dueDate``."""


def project(
    table: Table,
    record: Mapping[str, Any],
    *,
    synced_at: int,
    parent: str | None = None,
    position: int | None = None,
    withheld: Withheld = NOTHING,
) -> Row:
    """The row of ``record``.

    ``synced_at`` is when Streak answered (milliseconds), ``parent`` the key that was asked by,
    ``position`` the record's place in the answer, for tables that declare it. What is ``withheld`` is in no
    part of the row.
    """
    sent = clean(dict(record))
    row: Row = {}
    taken: set[str] = set()
    for column in table.columns:
        value = None if column.derived else _value(column, sent, taken)
        if value is not None:
            row[column.name] = value
    if position is not None and "position" in table.by_name and table.by_name["position"].derived:
        row["position"] = position
    extra = {name: value for name, value in sent.items() if name not in taken}
    if parent is not None and table.parent_column is not None:
        _fill_parent_key(table, row, extra, parent)
    row["_synced_at"] = synced_at
    if extra:
        row["_extra"] = extra
    return row if withheld is NOTHING else withheld.applied(table, row)


def _value(column: Column, sent: Mapping[str, Any], taken: set[str]) -> Any:
    """The column's value from its property or an alias; what was used is noted in ``taken``."""
    value = None
    for name in (column.api_name, *column.aliases):
        if name not in sent:
            continue
        coerced = _coerce(column, sent[name])
        if coerced is _NOT_COERCIBLE:
            continue
        if value is None:
            value = coerced
        told = name == column.api_name or coerced in (None, value)
        if told and not (column.type is ColumnType.TIMESTAMP and _is_in_seconds(_coerce_integer(sent[name]))):
            taken.add(name)
    return value


def _fill_parent_key(table: Table, row: Row, extra: dict[str, Any], parent: str) -> None:
    """Fill the parent's key, which not every child carries."""
    name = table.parent_column or ""
    sent = row.get(name)
    if sent is None:
        row[name] = parent
    elif table.parent_wins and sent != parent:
        row[name] = parent
        extra[table.by_name[name].api_name] = sent


def _coerce(column: Column, value: Any) -> Any:
    """``value`` as the column's type, None for null, or ``_NOT_COERCIBLE``."""
    if value is None:
        return None
    if column.unwrap is not None and isinstance(value, dict) and set(value) == {column.unwrap}:
        value = value[column.unwrap]
        if value is None:
            return None
    return _COERCIONS[column.type](value)


def _coerce_text(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return _NOT_COERCIBLE if isinstance(value, dict | list) else json.dumps(value)


def _coerce_texts(value: Any) -> Any:
    is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return value if is_list else _NOT_COERCIBLE


def _coerce_integer(value: Any) -> Any:
    if isinstance(value, str):
        digits = value.strip()
        plain = digits.removeprefix("-")
        value = int(digits) if len(plain) < _MAX_DIGITS and plain.isascii() and plain.isdigit() else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_INTEGER:
        return _NOT_COERCIBLE
    return value


def _coerce_number(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return _NOT_COERCIBLE
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _NOT_COERCIBLE
    try:
        as_float = float(value)
    except OverflowError:
        return _NOT_COERCIBLE
    if isinstance(value, int) and value != as_float:
        return _NOT_COERCIBLE  # a double can't hold all its digits
    return as_float if math.isfinite(as_float) else _NOT_COERCIBLE


def _coerce_flag(value: Any) -> Any:
    flag = read_flag(value)
    return _NOT_COERCIBLE if flag is None else flag


def _coerce_timestamp(value: Any) -> Any:
    sent = _coerce_integer(value)
    if sent is not _NOT_COERCIBLE:
        milliseconds = None if sent in _NO_MOMENT else sent * 1000 if _is_in_seconds(sent) else sent
    else:
        milliseconds = _iso_milliseconds(value) if isinstance(value, str) else None
    fits = milliseconds is not None and EARLIEST_MS <= milliseconds <= LATEST_MS
    return milliseconds if fits else _NOT_COERCIBLE


def _is_in_seconds(sent: Any) -> bool:
    return isinstance(sent, int) and FIRST_SECOND <= sent <= LAST_SECOND


def _iso_milliseconds(value: str) -> int | None:
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _coerce_json(value: Any) -> Any:
    return value


_COERCIONS = {
    ColumnType.TEXT: _coerce_text,
    ColumnType.TEXTS: _coerce_texts,
    ColumnType.INTEGER: _coerce_integer,
    ColumnType.NUMBER: _coerce_number,
    ColumnType.FLAG: _coerce_flag,
    ColumnType.TIMESTAMP: _coerce_timestamp,
    ColumnType.JSON: _coerce_json,
}


def clean(value: Any) -> Any:
    """``value`` without secrets at any depth, and with text that a database can hold.

    Half a surrogate pair can come out of a cut emoji; no UTF-8 exists for it, so it becomes U+FFFD.
    Python reads the number 1e400 as infinity, which JSON can't write, so it becomes text.
    """
    if isinstance(value, str):
        return (
            value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        )
    if isinstance(value, dict):
        return {clean(name): clean(member) for name, member in value.items() if name not in SECRETS}
    if isinstance(value, list):
        return [clean(member) for member in value]
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(value)
    return value
