"""The values of custom fields, one a row, decoded in DuckDB: however many, none comes to Python.

For a box whose ``fields`` are ``{"1004": "9003", "1002": "7,200?"}``, where 1004 is a DROPDOWN whose option
9003 is called Fair and 1002 a TEXT_INPUT, there are two rows: one with the label Fair, one with 7200.

What a value may be is in section 3.7 of the API notes; of PERSON, TEAM_CONTACT and TEAM_ORGANIZATION no
source knows it, so keys, addresses, objects and lists of them are all read. A type that doesn't fit makes
nothing fail: ``value`` has what was sent, and the columns that can't hold it are NULL.

Options, people and links are looked up once for each different value, in batches that fit into the memory
that publishing has: ``field_labels``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.tables import PIPELINE_FIELDS, Column
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.ddl import EXTRA, SYNCED_AT, quoted
from streak_dagster.warehouse.option_names import NAMES
from streak_dagster.warehouse.typed_numbers import as_number_sql

if TYPE_CHECKING:
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

BATCH = 20_000
"""Different values that are given their labels at once."""

_MACROS = {
    "string(j, path)": "nullif(trim(json_extract_string(j, path)), '')",
    "is_number(j)": "json_type(j) NOT IN ('VARCHAR', 'BOOLEAN', 'OBJECT', 'ARRAY', 'NULL')",
    "full_name(given, family)": "nullif(trim(concat_ws(' ', trim(given), trim(family))), '')",
    # What a member names: a key, or an address, or whatever text it is.
    "code_of(j)": "CASE WHEN json_type(j) <> 'OBJECT' THEN nullif(trim(as_text(j)), '') ELSE coalesce("
    "string(j, '$.userKey'), string(j, '$.key'), string(j, '$.contactKey'), string(j, '$.organizationKey'), "
    "string(j, '$.email'), string(j, '$.name'), string(j, '$.tag')) END",
    # The name that an object brings itself.
    "name_of(j)": "CASE WHEN json_type(j) = 'OBJECT' THEN coalesce(string(j, '$.displayName'), "
    "string(j, '$.fullName'), string(j, '$.name'), string(j, '$.tag'), "
    "full_name(json_extract_string(j, '$.givenName'), json_extract_string(j, '$.familyName')), "
    "string(j, '$.email'), string(j, '$.emailAddresses[0]')) END",
    "members_of(j)": "CASE json_type(j) WHEN 'ARRAY' THEN json_extract(j, '$[*]') ELSE [j] END",
    # The members of a list of plain values, as texts.
    "plain_members(j)": "CASE WHEN json_type(j) = 'ARRAY' AND len(list_filter(json_extract(j, '$[*]'), "
    "lambda each: json_type(each) IN ('OBJECT', 'ARRAY'))) = 0 THEN list_filter(list_transform("
    "json_extract(j, '$[*]'), lambda each: as_text(each)), lambda each: each IS NOT NULL) END",
    "typed_number(j)": as_number_sql("j"),
    # A small number is a day of early 1970 here, such as a birthday, and no moment in seconds.
    "day(j)": "moment(coalesce(as_integer(j), CASE WHEN json_type(j) = 'VARCHAR' "
    "AND regexp_matches(json_extract_string(j, '$'), '^[0-9]{4}-[0-9]{2}-[0-9]{2}') "
    "THEN epoch_ms(TRY_CAST(json_extract_string(j, '$') AS TIMESTAMPTZ)) END))",
}
_LABELLED = "('DROPDOWN', 'TAG', 'PERSON', 'TEAM_CONTACT', 'TEAM_ORGANIZATION')"
_OPTIONS = "('DROPDOWN', 'TAG')"
_PERSON = {"display_name": "display_name", "full_name": "full_name", "email": "email"}


def select_field_values(session: Session, table: Table) -> str:
    """The query of the rows, in declared columns. Makes temporary tables that it reads.

    Needs ``derive.define_macros``, and the options remembered (``option_names``).
    """
    for signature, expression in _MACROS.items():
        session.execute(f"CREATE OR REPLACE TEMPORARY MACRO {signature} AS ({expression})")
    assert table.parent is not None, f"{table.name} is made from boxes"
    sent = _sent(session.qualified(table.parent.name))
    _make(session, "field_definitions", _definitions(session))
    _make(session, "known_names", _known_names(session))
    _label(session, sent)
    chosen = ", ".join(f"{_chosen(each)} AS {quoted(each.name)}" for each in table.all_columns)
    return (
        f"SELECT {chosen} FROM ({sent}) AS sent "
        "LEFT JOIN field_definitions AS field USING (pipeline_key, field_key) "
        "LEFT JOIN field_labels AS labelled USING (pipeline_key, field_key, value)"
    )


def _make(session: Session, name: str, query: str) -> None:
    session.execute(f"CREATE OR REPLACE TEMPORARY TABLE {name} AS {query}")


def _sent(boxes: str) -> str:
    """``box_key, pipeline_key, synced_at, field_key, value``: one row for each value that isn't null."""
    return (
        "SELECT box_key, pipeline_key, synced_at, entry.key AS field_key, entry.value AS value FROM ("
        'SELECT "key" AS box_key, pipeline_key, _synced_at AS synced_at, '
        "unnest(map_entries(TRY_CAST(TRY_CAST(fields AS JSON) AS MAP(VARCHAR, JSON)))) AS entry "
        f"FROM {boxes}) WHERE json_type(entry.value) <> 'NULL'"
    )


def _definitions(session: Session) -> str:
    """``pipeline_key, field_key, name, type``, and whether it is known which options the field has."""
    return (
        'SELECT pipeline_key, "key" AS field_key, name, type, '
        "coalesce(json_type(dropdown_settings, '$.items'), json_type(tag_settings, '$.tags')) = 'ARRAY' "
        f"AS lists_options FROM {session.qualified(PIPELINE_FIELDS.name)}"
    )


def _known_names(session: Session) -> str:
    """``kind, pipeline_key, field_key, code, name``: each code once, the surest name of it.

    A code is a key, but for options also their name and for people their address: whoever wrote the value may
    have taken that for the key.
    """
    options = session.qualified(NAMES, meta.SCHEMA)
    label = "CASE WHEN is_present THEN {name} ELSE {name} || ' (removed)' END"
    by_key = label.format(name="coalesce(name, option_key)")
    in_field = "'option' AS kind, pipeline_key, field_key"
    no_field = "'' AS pipeline_key, '' AS field_key"
    person = "coalesce(nullif(trim(display_name), ''), nullif(trim(full_name), ''), nullif(trim(email), ''))"
    # Who hasn't accepted yet is a member by address alone, and may be a user by name: any name is surer.
    unsure = f"CASE WHEN contains({person}, '@') THEN 4 ELSE 0 END"
    people = _rows(session, "team_members", user_key="user_key", **_PERSON)
    users = _rows(session, "users", user_key="key", **_PERSON | {"full_name": "google_profile_full_name"})
    contacts = _rows(
        session, "contacts", code="key", given="given_name", family="family_name", mails="email_addresses"
    )
    organizations = _rows(session, "organizations", code="key", name="name")
    rank = "CASE WHEN is_present THEN 2 ELSE 3 END"
    contact = "coalesce(full_name(given, family), string(TRY_CAST(mails AS JSON), '$[0]'))"
    known = [
        f"SELECT 1 AS rank, {in_field}, option_key AS code, {by_key} AS name FROM {options}",
        f"SELECT {rank}, {in_field}, name, {label.format(name='name')} FROM {options}",
        f"SELECT 1 + {unsure}, 'PERSON', {no_field}, user_key, {person} FROM {people}",
        f"SELECT 2 + {unsure}, 'PERSON', {no_field}, user_key, {person} FROM {users}",
        f"SELECT 3 + {unsure}, 'PERSON', {no_field}, email, {person} FROM {people}",
        f"SELECT 4 + {unsure}, 'PERSON', {no_field}, email, {person} FROM {users}",
        f"SELECT 1, 'TEAM_CONTACT', {no_field}, code, {contact} FROM {contacts}",
        f"SELECT 1, 'TEAM_ORGANIZATION', {no_field}, code, nullif(trim(name), '') FROM {organizations}",
    ]
    return (
        "SELECT kind, pipeline_key, field_key, code, arg_min(name, (rank, name)) AS name "
        f"FROM ({' UNION ALL '.join(known)}) WHERE code IS NOT NULL AND name IS NOT NULL GROUP BY ALL"
    )


def _rows(session: Session, table: str, **columns: str) -> str:
    """These columns of a table as texts, by new names; without rows where the table isn't copied."""
    there = session.columns(table)
    chosen = ", ".join(
        f"{quoted(name) if name in there else 'NULL'}::VARCHAR AS {quoted(new)}"
        for new, name in columns.items()
    )
    if not there:
        return f"(SELECT {chosen} WHERE false)"
    return f"(SELECT {chosen} FROM {session.qualified(table)})"


def _label(session: Session, sent: str) -> None:
    """Make ``field_labels``: ``pipeline_key, field_key, value, labels``, one row for each different value."""
    _make(
        session,
        "coded_values",
        f"SELECT pipeline_key, field_key, type, lists_options, value FROM ({sent}) JOIN field_definitions "
        f"USING (pipeline_key, field_key) WHERE type IN {_LABELLED} GROUP BY ALL",
    )
    _make(
        session,
        "field_labels",
        "SELECT pipeline_key, field_key, value, NULL::VARCHAR[] AS labels FROM coded_values WHERE false",
    )
    (values,) = session.one_row("SELECT count(*) FROM coded_values")
    batches = -(-int(values) // BATCH)
    label = (
        "CASE WHEN known.name IS NOT NULL OR NOT is_option THEN coalesce(known.name, own, c.code) "
        "WHEN lists_options THEN coalesce(own, c.code) || ' (removed)' ELSE coalesce(own, c.code) END"
    )
    for batch in range(batches):
        members = (
            "SELECT pipeline_key, field_key, type, lists_options, value, "
            "unnest(members_of(value)) AS member, generate_subscripts(members_of(value), 1) AS place "
            f"FROM coded_values WHERE hash(value) % {batches} = {batch}"
        )
        coded = (
            f"SELECT *, type IN {_OPTIONS} AS is_option, code_of(member) AS code, name_of(member) AS own, "
            f"CASE WHEN type IN {_OPTIONS} THEN 'option' ELSE type END AS kind, "
            f"CASE WHEN type IN {_OPTIONS} THEN pipeline_key ELSE '' END AS in_pipeline, "
            f"CASE WHEN type IN {_OPTIONS} THEN field_key ELSE '' END AS in_field FROM ({members})"
        )
        session.execute(
            "INSERT INTO field_labels SELECT c.pipeline_key, c.field_key, value, "
            f"coalesce(list({label} ORDER BY place) FILTER (coalesce(own, c.code) IS NOT NULL), []) "
            f"FROM ({coded}) AS c LEFT JOIN known_names AS known ON known.kind = c.kind "
            "AND known.pipeline_key = in_pipeline AND known.field_key = in_field AND known.code = c.code "
            "GROUP BY ALL"
        )


_VALUES = {
    "box_key": "box_key",
    "field_key": "field_key",
    "pipeline_key": "pipeline_key",
    "field_name": "field.name",
    "field_type": "field.type",
    "value": "value",
    "value_text": (
        "coalesce(nullif(array_to_string(CASE WHEN type = 'FORMULA' THEN plain_members(value) "
        "ELSE labels END, ', '), ''), as_text(value))"
    ),
    "value_number": (
        "CASE WHEN type IN ('TEXT_INPUT', 'FORMULA') AND is_number(value) "
        "THEN finite(TRY_CAST(value AS DOUBLE)) WHEN type = 'TEXT_INPUT' AND json_type(value) = 'VARCHAR' "
        "THEN typed_number(json_extract_string(value, '$')) END"
    ),
    "value_timestamp": "CASE WHEN type = 'DATE' THEN day(value) END",
    "value_boolean": (
        "CASE WHEN type = 'CHECKBOX' OR (type = 'FORMULA' AND json_type(value) = 'BOOLEAN') "
        "THEN as_flag(value) END"
    ),
    "value_labels": (
        "CASE WHEN type = 'FORMULA' THEN plain_members(value) "
        f"WHEN type IN {_LABELLED} THEN coalesce(labels, []) END"
    ),
    SYNCED_AT: "synced_at",
    EXTRA: "NULL::JSON",
}


def _chosen(column: Column) -> str:
    """Where a column's value comes from."""
    return _VALUES[column.name]
