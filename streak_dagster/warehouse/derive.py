"""Rows that another table's rows hold in a JSON column, made in DuckDB: however many, none comes to Python.

The rules are those of ``sync.projection``, in SQL; a test compares the two on generated values.

For a pipeline whose ``stages`` are ``{"5001": {"name": "Lead"}}`` and whose ``stage_order`` is ``["5001"]``,
the query of ``pipeline_stages`` gives one row: the pipeline's key, key 5001, name Lead, position 0, the
pipeline's own ``_synced_at``, and no ``_extra``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.tables import EXTRA, SYNCED_AT, Column, ColumnType, Table, limits
from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streak_dagster.warehouse.session import Session

_MACROS = {
    # The text of a JSON string without white space around it.
    "trimmed(j)": r"regexp_replace(json_extract_string(j, '$'), '^\s+|\s+$', '', 'g')",
    "whole(n)": f"CASE WHEN n BETWEEN -{limits.MAX_INTEGER} AND {limits.MAX_INTEGER} THEN n END",
    "finite(n)": "CASE WHEN isfinite(n) THEN n END",
    "as_text(j)": "CASE json_type(j) WHEN 'VARCHAR' THEN json_extract_string(j, '$') WHEN 'NULL' THEN NULL "
    "WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL ELSE j::VARCHAR END",
    "as_texts(j)": "CASE WHEN json_type(j) = 'ARRAY' AND "
    "len(list_filter(json_extract(j, '$[*]'), lambda each: json_type(each) <> 'VARCHAR')) = 0 "
    "THEN list_transform(json_extract(j, '$[*]'), lambda each: json_extract_string(each, '$')) END",
    "as_integer(j)": "whole(CASE json_type(j) WHEN 'UBIGINT' THEN TRY_CAST(j AS BIGINT) "
    "WHEN 'BIGINT' THEN TRY_CAST(j AS BIGINT) "
    "WHEN 'DOUBLE' THEN CASE WHEN TRY_CAST(j AS DOUBLE) % 1 = 0 "
    "THEN TRY_CAST(TRY_CAST(j AS DOUBLE) AS BIGINT) END "
    "WHEN 'VARCHAR' THEN CASE WHEN regexp_full_match(trimmed(j), '-?[0-9]{1,99}') "
    "THEN TRY_CAST(trimmed(j) AS BIGINT) END END)",
    "as_number(j)": "finite(CASE json_type(j) WHEN 'VARCHAR' THEN TRY_CAST(trimmed(j) AS DOUBLE) "
    "WHEN 'DOUBLE' THEN TRY_CAST(j AS DOUBLE) WHEN 'UBIGINT' THEN exact(j) WHEN 'BIGINT' THEN exact(j) END)",
    # A double can't hold all digits of every integer.
    "exact(j)": "CASE WHEN TRY_CAST(TRY_CAST(j AS DOUBLE) AS HUGEINT) = TRY_CAST(j AS HUGEINT) "
    "THEN TRY_CAST(j AS DOUBLE) END",
    "as_flag(j)": "CASE json_type(j) WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL "
    "ELSE CASE lower(trimmed(j)) WHEN 'true' THEN true WHEN '1' THEN true WHEN '1.0' THEN true "
    "WHEN 'false' THEN false WHEN '0' THEN false WHEN '0.0' THEN false END END",
    "as_json(j)": "CASE WHEN json_type(j) <> 'NULL' THEN j END",
    "in_seconds(n)": f"coalesce(n BETWEEN {limits.FIRST_SECOND} AND {limits.LAST_SECOND}, false)",
    # ``n`` is the value as an integer; a text that is none may be a date as ISO 8601 writes it.
    "milliseconds(j, n)": "CASE WHEN in_seconds(n) THEN n * 1000 WHEN n IN (-1, 0) THEN NULL "
    "WHEN n IS NOT NULL THEN n WHEN json_type(j) = 'VARCHAR' "
    "THEN epoch_ms(TRY_CAST(json_extract_string(j, '$') AS TIMESTAMPTZ)) END",
    "moment(n)": f"CASE WHEN n BETWEEN {limits.EARLIEST_MS} AND {limits.LATEST_MS} "
    "THEN make_timestamptz(n * 1000) END",
}
_COERCIONS = {
    ColumnType.TEXT: "as_text({sent})",
    ColumnType.TEXTS: "as_texts({sent})",
    ColumnType.INTEGER: "as_integer({sent})",
    ColumnType.NUMBER: "as_number({sent})",
    ColumnType.FLAG: "as_flag({sent})",
    ColumnType.TIMESTAMP: "moment(milliseconds({sent}, {whole}))",
    ColumnType.JSON: "as_json({sent})",
}


@dataclass(frozen=True)
class _Property:
    """A name under which a column's value may come; ``number`` tells its parts in the query apart."""

    column: Column
    name: str
    number: int

    @property
    def sent(self) -> str:
        """What came, as JSON."""
        return f"sent_{self.number}"

    @property
    def whole(self) -> str:
        """The same as an integer, for a moment."""
        return f"whole_{self.number}"

    @property
    def coerced(self) -> str:
        """The same as the column's type."""
        return f"coerced_{self.number}"

    @property
    def is_moment(self) -> bool:
        return self.column.type is ColumnType.TIMESTAMP

    def extraction(self) -> str:
        """The JSON under the name, out of the object that Streak may put around it."""
        sent = f"json_extract(record, {literal(f'$.{quoted(self.name)}')})"
        unwrap = self.column.unwrap
        if unwrap is None:
            return sent
        inner = f"json_extract({sent}, {literal(f'$.{quoted(unwrap)}')})"
        return f"CASE WHEN json_keys({sent}) = [{literal(unwrap)}] THEN {inner} ELSE {sent} END"

    def name_if_used(self) -> str:
        """The name where nothing of what came has to be kept in ``_extra``; else NULL."""
        fits = f"{self.coerced} IS NOT NULL"
        if self.name != self.column.api_name:
            fits += f" AND {self.coerced} = {quoted(self.column.name)}"
        fits = f"({fits} OR json_type({self.sent}) = 'NULL')"
        if self.is_moment:
            fits += f" AND NOT in_seconds({self.whole})"
        return f"CASE WHEN {fits} THEN {literal(self.name)} END"


def define_macros(session: Session) -> None:
    """Make what the queries of this module call, for this session alone."""
    for signature, expression in _MACROS.items():
        session.execute(f"CREATE OR REPLACE TEMPORARY MACRO {signature} AS ({expression})")


def select_derived(table: Table, parents: str) -> str:
    """The rows that ``parents`` (a table's full name) hold, in declared columns. Needs ``define_macros``."""
    sent = [column for column in table.columns if not column.derived]
    names = [(column, name) for column in sent for name in (column.api_name, *column.aliases)]
    properties = [_Property(column, name, number) for number, (column, name) in enumerate(names)]
    moments = [each for each in properties if each.is_moment]
    steps = {
        "records": _records(table, parents),
        "sent": _with("records", {each.sent: each.extraction() for each in properties}),
        "wholes": _with("sent", {each.whole: f"as_integer({each.sent})" for each in moments}),
        "coerced": _with(
            "wholes",
            {
                each.coerced: _COERCIONS[each.column.type].format(sent=each.sent, whole=each.whole)
                for each in properties
            },
        ),
        "valued": _with(
            "coerced",
            {quoted(each.name): _value(each, properties) for each in sent},
        ),
        "spread": _with("valued", {"others": _others(properties)}),
    }
    queries = ", ".join(f"{name} AS ({query})" for name, query in steps.items())
    chosen = ", ".join(f"{_chosen(table, each)} AS {quoted(each.name)}" for each in table.all_columns)
    return f"WITH {queries} SELECT {chosen} FROM spread"


def _with(source: str, further: Mapping[str, str]) -> str:
    columns = "".join(f", {expression} AS {name}" for name, expression in further.items())
    return f"SELECT *{columns} FROM {source}"


def _value(column: Column, properties: Sequence[_Property]) -> str:
    """The column's value, from its own name or the first of its aliases that fits."""
    return f"coalesce({', '.join(each.coerced for each in properties if each.column is column)})"


def _others(properties: Sequence[_Property]) -> str:
    """The members of the record that no column holds."""
    used = ", ".join(each.name_if_used() for each in properties)
    return (
        "list_filter(map_entries(TRY_CAST(record AS MAP(VARCHAR, JSON))), "
        f"lambda member: NOT coalesce(list_contains([{used}], member.key), false))"
    )


def _records(table: Table, parents: str) -> str:
    """``parent_key, synced_at, place, record``: one row for each member that is, or becomes, an object."""
    members = table.members
    assert members is not None, f"{table.name} isn't derived"
    order = quoted(members.order) if members.order else "NULL::JSON"
    held = f"TRY_CAST({quoted(members.column)} AS JSON)"
    if members.within is not None:
        held = f"json_extract({held}, {literal(f'$.{quoted(members.within)}')})"
    listed, keyed = "json_extract(held, '$[*]')", "map_entries(TRY_CAST(held AS MAP(VARCHAR, JSON)))"
    of_each = "SELECT parent_key, synced_at, ordered"
    as_object = "member"
    if members.member_as is not None:
        as_object = (
            "CASE WHEN json_type(member) NOT IN ('OBJECT', 'NULL') "
            f"THEN json_object({literal(members.member_as)}, member) ELSE member END"
        )
    key = "coalesce(json_extract(object, '$.key')::VARCHAR, 'null')"
    keyless = f"{key} IN ('null', 'false', '0', '0.0', '\"\"', '[]', '{{}}')"
    keys = (
        "list_transform(json_extract(TRY_CAST(ordered AS JSON), '$[*]'), "
        "lambda each: CASE WHEN json_type(each) = 'VARCHAR' THEN json_extract_string(each, '$') END)"
    )
    place = "sent_place"
    if members.order is not None:
        place = f"list_position({keys}, json_extract_string(record, '$.key')) - 1"
    return (
        f'WITH holders AS (SELECT "key" AS parent_key, {quoted(SYNCED_AT.name)} AS synced_at, '
        f"{order} AS ordered, {held} AS held FROM {parents}), "
        f"members AS ({of_each}, NULL AS name, {_unnested(listed, 'member')} "
        "FROM holders WHERE json_type(held) = 'ARRAY' UNION ALL "
        f"{of_each}, entry.key AS name, entry.value AS member, sent_place "
        f"FROM (SELECT *, {_unnested(keyed, 'entry')} FROM holders WHERE json_type(held) = 'OBJECT')), "
        f"objects AS (SELECT *, {as_object} AS object FROM members), "
        f"named AS (SELECT *, CASE WHEN name IS NOT NULL AND {keyless} "
        "THEN json_merge_patch(object, json_object('key', name)) ELSE object END AS record "
        "FROM objects WHERE json_type(object) = 'OBJECT') "
        f"SELECT parent_key, synced_at, record, {place} AS place FROM named"
    )


def _unnested(values: str, name: str) -> str:
    """A row for each of the list ``values``, with its place there."""
    return f"unnest({values}) AS {name}, unnest(range(len({values}))) AS sent_place"


def _chosen(table: Table, column: Column) -> str:
    """Where a column's value comes from in the last step."""
    name, parent = quoted(column.name), quoted(table.parent_column or "")
    if column is SYNCED_AT:
        return "synced_at"
    if column is EXTRA:
        extra = "others"
        if table.parent_wins:
            own = literal(table.by_name[table.parent_column or ""].api_name)
            sent = f"[{{'key': {own}, 'value': to_json({parent})}}]"
            extra = f"list_concat(others, CASE WHEN {parent} <> parent_key THEN {sent} ELSE [] END)"
        return f"CASE WHEN len({extra}) > 0 THEN to_json(map_from_entries({extra})) END"
    if column.name == table.parent_column:
        return "parent_key" if table.parent_wins else f"coalesce({name}, parent_key)"
    if column.derived:
        return "place" if column.name == "position" else f"NULL::{column.type.value}"
    return name
