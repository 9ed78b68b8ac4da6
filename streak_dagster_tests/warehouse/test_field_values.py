"""Values of custom fields become rows: one for each value, whatever it is, decoded by its field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.sync.projection import clean
from streak_dagster.tables import BOX_FIELD_VALUES, PIPELINE_BOXES, PIPELINE_FIELDS
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.ddl import create_table
from streak_dagster.warehouse.derive import define_macros
from streak_dagster.warehouse.field_values import select_field_values
from streak_dagster.warehouse.option_names import remember_options
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support.field_values import Known, decoded
from streak_dagster_tests.support.records import ANY_TEXT, SCALARS, VALUES, same
from streak_dagster_tests.support.truth import rows_of

TYPES = [
    *("TEXT_INPUT", "DATE", "CHECKBOX", "DROPDOWN", "TAG", "PERSON"),
    *("TEAM_CONTACT", "TEAM_ORGANIZATION", "FORMULA", "SOMETHING_NEW"),
]
Field = dict[str, Any]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET threads = 1")
        made = Session(connection)
        made.create_schema()
        meta.prepare(made)
        yield made


def published(
    session: Session, fields: list[Field], values: Any, *, forget: bool = True
) -> dict[str, dict[str, Any]]:
    """The rows of one box, by field key, after its pipeline's fields and itself were published."""
    session.execute(create_table(session.catalog, PIPELINE_FIELDS))
    session.execute(create_table(session.catalog, PIPELINE_BOXES))
    for each in fields:
        session.execute(
            f"INSERT INTO {session.qualified('pipeline_fields')} BY NAME SELECT 'p' AS pipeline_key, "
            '? AS "key", ? AS name, ? AS type, ?::JSON AS dropdown_settings, ?::JSON AS tag_settings, '
            "make_timestamptz(5000) AS _synced_at",
            [each["key"], each.get("name"), each["type"], *map(_json, _settings(each))],
        )
    session.execute(
        f"INSERT INTO {session.qualified('pipeline_boxes')} BY NAME SELECT 'b' AS \"key\", "
        "'p' AS pipeline_key, ?::JSON AS fields, make_timestamptz(5000) AS _synced_at",
        [_json(clean(values))],
    )
    remember_options(session, anew=forget)
    define_macros(session)
    target, found = session.qualified("box_field_values"), select_field_values(session, BOX_FIELD_VALUES)
    session.execute(f"CREATE OR REPLACE TABLE {target} AS {found}")
    rows = rows_of(session.connection, "box_field_values")
    assert {(row["box_key"], row["pipeline_key"], row["_extra"]) for row in rows} <= {("b", "p", None)}
    by_key = {row["field_key"]: row for row in rows}
    assert len(by_key) == len(rows)
    return by_key


def _settings(each: Field) -> tuple[Any, Any]:
    return each.get("dropdownSettings"), each.get("tagSettings")


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def field(kind: str, key: str = "1001", **options: str) -> Field:
    made: Field = {"key": key, "name": f"A {kind}", "type": kind}
    if kind == "DROPDOWN":
        made["dropdownSettings"] = {"items": [{"key": k[1:], "name": n} for k, n in options.items()]}
    if kind == "TAG":
        made["tagSettings"] = {"tags": [{"key": k[1:], "tag": n} for k, n in options.items()]}
    return made


def read(session: Session, kind: str, value: Any, **options: str) -> tuple[Any, ...]:
    """How one value reads: text, number, moment in milliseconds, boolean, labels."""
    row = published(session, [field(kind, **options)], {"1001": value})["1001"]
    assert same(row["value"], value)
    names = ("value_text", "value_number", "value_timestamp", "value_boolean", "value_labels")
    return tuple(row[name] for name in names)


@pytest.mark.parametrize(
    ("kind", "value", "reads"),
    [
        ("TEXT_INPUT", "7,200?", ("7,200?", 7200.0, None, None, None)),
        ("TEXT_INPUT", "call them", ("call them", None, None, None, None)),
        ("TEXT_INPUT", "", ("", None, None, None, None)),
        ("TEXT_INPUT", 5, ("5", 5.0, None, None, None)),
        ("DATE", 1347451200000, ("1347451200000", None, 1347451200000, None, None)),
        ("DATE", "1347451200000", ("1347451200000", None, 1347451200000, None, None)),
        ("DATE", 0, ("0", None, 0, None, None)),
        ("DATE", 10**15, ("1000000000000000", None, None, None, None)),
        ("DATE", "infinity", ("infinity", None, None, None, None)),
        ("CHECKBOX", False, ("false", None, None, False, None)),
        ("CHECKBOX", "true", ("true", None, None, True, None)),
        ("CHECKBOX", "maybe", ("maybe", None, None, None, None)),
        ("DROPDOWN", "9001", ("Fair", None, None, None, ["Fair"])),
        ("DROPDOWN", 9001, ("Fair", None, None, None, ["Fair"])),
        ("DROPDOWN", {"name": "Fair"}, ("Fair", None, None, None, ["Fair"])),
        ("DROPDOWN", "Fair", ("Fair", None, None, None, ["Fair"])),
        ("DROPDOWN", "9009", ("9009 (removed)", None, None, None, ["9009 (removed)"])),
        ("TAG", ["9002", "9001"], ("VIP, Fair", None, None, None, ["VIP", "Fair"])),
        ("TAG", "9002", ("VIP", None, None, None, ["VIP"])),
        ("TAG", [], (None, None, None, None, [])),
        ("PERSON", "u1", ("u1", None, None, None, ["u1"])),
        ("PERSON", {"userKey": "u1", "displayName": "Ana"}, ("Ana", None, None, None, ["Ana"])),
        ("PERSON", [{"email": "a@x.org"}, "u2"], ("a@x.org, u2", None, None, None, ["a@x.org", "u2"])),
        ("TEAM_CONTACT", [{"key": "c1"}], ("c1", None, None, None, ["c1"])),
        ("TEAM_ORGANIZATION", "o1", ("o1", None, None, None, ["o1"])),
        ("FORMULA", 19440.5, ("19440.5", 19440.5, None, None, None)),
        ("FORMULA", "7,200", ("7,200", None, None, None, None)),
        ("FORMULA", True, ("true", None, None, True, None)),
        ("FORMULA", ["a", "b"], ("a, b", None, None, None, ["a", "b"])),
        ("FORMULA", {"a": 1}, (None, None, None, None, None)),
        ("SOMETHING_NEW", 5, ("5", None, None, None, None)),
        ("SOMETHING_NEW", [5], (None, None, None, None, None)),
    ],
)
def test_a_value_reads_as_its_field_says(
    session: Session, kind: str, value: Any, reads: tuple[Any, ...]
) -> None:
    assert read(session, kind, value, _9001="Fair", _9002="VIP") == reads


def test_a_value_without_a_definition_is_kept(session: Session) -> None:
    row = published(session, [], {"1009": "text", "1010": None})
    assert row.keys() == {"1009"}
    told = row["1009"]
    assert (told["field_name"], told["field_type"], told["value_text"]) == (None, None, "text")


def test_a_removed_option_keeps_its_last_name(session: Session) -> None:
    published(session, [field("DROPDOWN", _9001="Fair", _9002="Web")], {})
    published(session, [field("DROPDOWN", _9001="Trade fair", _9002="Web")], {}, forget=False)
    without = [field("DROPDOWN", _9002="Web")]
    row = published(session, without, {"1001": "9001"}, forget=False)["1001"]
    assert (row["value"], row["value_text"]) == ("9001", "Trade fair (removed)")
    remembered = session.execute(
        "SELECT option_key, name, is_present "
        f"FROM {session.qualified('option_names', meta.SCHEMA)} ORDER BY 1"
    ).fetchall()
    assert remembered == [("9001", "Trade fair", False), ("9002", "Web", True)]
    back = published(session, [field("DROPDOWN", _9001="Fair")], {"1001": "9001"}, forget=False)["1001"]
    assert back["value_text"] == "Fair"


def test_people_contacts_and_organizations_are_named_where_their_tables_are_copied(session: Session) -> None:
    tables = {
        "team_members": "SELECT 'u1' AS user_key, ' ' AS display_name, 'Ana Ruiz' AS full_name, "
        "'a@x.org' AS email",
        "users": "SELECT 'u1' AS \"key\", 'No' AS display_name, NULL AS email "
        "UNION ALL SELECT 'u2', 'Bo', NULL",
        "contacts": "SELECT 'c1' AS \"key\", 'Ida' AS given_name, 'Sand' AS family_name, NULL::JSON AS "
        "email_addresses UNION ALL SELECT 'c2', NULL, ' ', '[\"c@x.org\"]'",
        "organizations": "SELECT 'o1' AS \"key\", 'Fjordhus' AS name",
    }
    for name, query in tables.items():
        session.execute(f"CREATE OR REPLACE TABLE {session.qualified(name)} AS {query}")
    try:
        people = [
            "u1",
            {"userKey": "u2", "displayName": "Old name"},
            "a@x.org",
            {"userKey": "u3", "email": "e@x"},
        ]
        assert read(session, "PERSON", people)[4] == ["Ana Ruiz", "Bo", "Ana Ruiz", "e@x"]
        assert read(session, "TEAM_CONTACT", ["c1", {"key": "c2"}, "c3"])[4] == ["Ida Sand", "c@x.org", "c3"]
        assert read(session, "TEAM_ORGANIZATION", "o1")[0] == "Fjordhus"
    finally:
        for name in tables:
            session.execute(f"DROP TABLE {session.qualified(name)}")


OPTION_KEYS = st.sampled_from(["9001", "9002", "9003"]) | ANY_TEXT
TEXTS = ANY_TEXT.map(clean)
LISTS = st.lists(SCALARS, max_size=3)


@st.composite
def defined(draw: st.DrawFn, key: str) -> Field:
    made: Field = {"key": key, "name": draw(TEXTS.filter(_storable)), "type": draw(st.sampled_from(TYPES))}
    options = draw(
        st.none() | st.dictionaries(st.sampled_from(["9001", "9002"]), st.sampled_from("ab"), max_size=2)
    )
    if options is not None and made["type"] == "DROPDOWN":
        made["dropdownSettings"] = {"items": [{"key": k, "name": n} for k, n in options.items()]}
    if options is not None and made["type"] == "TAG":
        made["tagSettings"] = {"tags": [{"key": k, "tag": n} for k, n in options.items()]}
    return made


def _storable(text: str) -> bool:
    return "\0" not in text


@settings(max_examples=25)  # each of many values, and DuckDB plans the query anew each time
@given(data=st.data())
def test_any_values_are_one_row_each_and_stay_as_they_were_sent(
    session: Session, data: st.DataObject
) -> None:
    keys = [str(number) for number in range(1001, 1010)]
    fields = [data.draw(defined(key)) for key in keys[:8]]
    values = data.draw(st.dictionaries(st.sampled_from(keys), OPTION_KEYS | VALUES | LISTS, max_size=9))
    rows = published(session, fields, values)
    sent = {key: clean(value) for key, value in values.items() if value is not None}
    assert rows.keys() == sent.keys()
    definitions = {each["key"]: each for each in fields}
    for key, value in sent.items():
        row = rows[key]
        assert same(row["value"], value)
        wanted = decoded(definitions.get(key), value, Known())
        assert row["field_type"] == wanted.get("fieldType")
        assert row["value_boolean"] == wanted.get("valueBoolean")
        assert row["value_timestamp"] == wanted.get("valueTimestamp")
        assert row["value_number"] == wanted.get("valueNumber")
        if not any(isinstance(each, float) for each in (value if isinstance(value, list) else [value])):
            # Of fractions, DuckDB writes some in another way than Python.
            assert row["value_text"] == wanted.get("valueText")
            assert row["value_labels"] == wanted.get("valueLabels")
