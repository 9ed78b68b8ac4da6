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
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from streak_dagster.sync.coercions import NOT_COERCIBLE, AsSent, coerce, coerce_integer, is_in_seconds
from streak_dagster.sync.withheld import NOTHING, Withheld
from streak_dagster.tables import SECRETS, Column, ColumnType, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]
"""Column name to JSON value. Timestamps are milliseconds; JSON columns hold the nested value."""

RULES = 2
"""Counts up when what Streak sends would become another row than before."""


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
    sent = record if _is_clean(record) else clean(dict(record))
    row: Row = {}
    taken: set[str] = set()
    for column, name, api_name, aliases, (types, least, most) in _sources(table):
        if aliases and not sent.keys().isdisjoint(aliases):
            value = _value(column, sent, taken)
        elif api_name in sent:
            value = sent[api_name]
            kind = type(value)
            if kind in types and (kind is not int or least <= value <= most):
                taken.add(api_name)
            else:
                value = _value(column, sent, taken)
        else:
            continue
        if value is not None:
            row[name] = value
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
        coerced = coerce(column, sent[name])
        if coerced is NOT_COERCIBLE:
            continue
        if value is None:
            value = coerced
        told = name == column.api_name or coerced in (None, value)
        if told and not (column.type is ColumnType.TIMESTAMP and is_in_seconds(coerce_integer(sent[name]))):
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


class _Source(NamedTuple):
    """Where a column's value comes from, worked out once for all records."""

    column: Column
    name: str
    api_name: str
    aliases: tuple[str, ...]
    as_sent: AsSent


_known_sources: dict[int, tuple[tuple[Column, ...], list[_Source]]] = {}
"""By the identity of a table's columns, which are kept with it: their hash would be worked out each time."""


def _sources(table: Table) -> list[_Source]:
    columns, sources = _known_sources.get(id(table.columns), ((), []))
    if columns is not table.columns:
        sources = [
            _Source(each, each.name, each.api_name, each.aliases, AsSent.by(each))
            for each in table.columns
            if not each.derived
        ]
        _known_sources[id(table.columns)] = (table.columns, sources)
    return sources


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


_SECRET_MEMBERS = [f'"{name}":'.encode() for name in sorted(SECRETS)]


def _is_clean(record: Mapping[str, Any]) -> bool:
    """Whether ``clean`` would change nothing, as far as that shows in the record's JSON, written by orjson.

    It takes a tenth of the time of looking at each value. orjson refuses half a surrogate pair, writes
    infinity as null, and the name of each member in front of a colon.
    """
    try:
        text = orjson.dumps(record)
        if b"null" in text:
            json.dumps(record, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return not any(member in text for member in _SECRET_MEMBERS)
