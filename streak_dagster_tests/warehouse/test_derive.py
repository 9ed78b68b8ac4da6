"""Rows that DuckDB takes out of a JSON column are those that the projection makes of the same records."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.sync.projection import clean, project
from streak_dagster.tables import Kind, Members, Table
from streak_dagster.tables.columns import flag, integer, nested, number, text, timestamp
from streak_dagster.warehouse.ddl import select_spool
from streak_dagster.warehouse.derive import define_macros, select_derived
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support.records import records
from streak_dagster_tests.support.spools import THINGS

WHOLES = replace(THINGS, columns=(*THINGS.columns, nested("places", "Order of the parts.")))
PARTS = Table(
    name="parts",
    description="One column of each type.",
    primary_key=("thing_key", "key"),
    group="test",
    kind=Kind.DERIVED,
    members=Members("entries", order="places"),
    parent=WHOLES,
    parent_column="thing_key",
    columns=(
        text("thingKey", "Thing."),
        text("key", "Key.", aliases=("partKey",)),
        text("words", "Text.", unwrap="value"),
        integer("size", "Whole number.", aliases=("length",)),
        number("share", "Number."),
        flag("done", "Flag."),
        timestamp("at", "Moment."),
        nested("tree", "Anything."),
        integer("position", "Place.", derived=True),
    ),
)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET threads = 1")
        define_macros(Session(connection))
        yield connection


def derived(
    connection: duckdb.DuckDBPyConnection, entries: Any, table: Table = PARTS, order: Any = None
) -> list[tuple[Any, ...]]:
    """The rows that DuckDB makes of one parent's members."""
    connection.execute(
        "CREATE OR REPLACE TABLE things AS SELECT 't' AS \"key\", make_timestamptz(5000) AS _synced_at, "
        "?::JSON AS entries, ?::JSON AS places",
        [json.dumps(clean(entries)), None if order is None else json.dumps(order)],
    )
    return rows(connection, table, select_derived(table, "things"))


def projected(
    connection: duckdb.DuckDBPyConnection, members: list[dict[str, Any]], places: Sequence[int | None] = ()
) -> list[tuple[Any, ...]]:
    """The rows that the projection makes of the same, by way of a spool."""
    made = [
        project(PARTS, each, synced_at=5, parent="t", position=place)
        for each, place in zip_longest(members, places)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in made), encoding="utf-8")
        return rows(connection, PARTS, select_spool(PARTS, path, 1024 * 1024))


def rows(connection: duckdb.DuckDBPyConnection, table: Table, query: str) -> list[tuple[Any, ...]]:
    is_json = [each.type.value == "JSON" for each in table.all_columns]
    found = connection.execute(query).fetchall()
    return [
        tuple(
            json.loads(value) if nested and value is not None else value
            for value, nested in zip(row, is_json, strict=True)
        )
        for row in found
    ]


def _is_written_alike(record: dict[str, Any]) -> bool:
    """No text is a fraction from 1e16 on: Python writes 1e+16, DuckDB all digits, and Streak sends none."""
    texts = [record.get(name) for name in ("thingKey", "key", "partKey", "words")]
    texts += [each.get("value") for each in texts if isinstance(each, dict)]
    return not any(isinstance(each, float) and 1e16 <= abs(each) < float("inf") for each in texts)


@given(members=st.lists(records(PARTS).filter(_is_written_alike), max_size=4))
def test_a_list_of_records_becomes_the_rows_of_the_projection(
    connection: duckdb.DuckDBPyConnection, members: list[dict[str, Any]]
) -> None:
    assert derived(connection, members) == projected(connection, clean(members))


def test_an_object_by_key_gives_each_record_its_key_and_its_place(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    entries = {"a": {"words": "one"}, "b": {"key": "b", "size": "7"}, "c": {"key": None}, "d": 5, "e": None}
    members: list[dict[str, Any]] = [{"key": "a", "words": "one"}, {"key": "b", "size": 7}, {"key": "c"}]
    found = derived(connection, entries, order=["b", 5, "a", "gone"])
    assert found == projected(connection, members, [2, 0, None])


@pytest.mark.parametrize("nothing", [None, "", 0, 0.0, False, [], {}])
def test_a_key_that_is_none_is_taken_from_the_place(
    connection: duckdb.DuckDBPyConnection, nothing: Any
) -> None:
    assert derived(connection, {"a": {"key": nothing}}) == projected(connection, [{"key": "a"}])


@pytest.mark.parametrize("entries", [None, "text", 5, [], {}, [None, 1, "a", [2]]])
def test_what_holds_no_record_gives_no_row(connection: duckdb.DuckDBPyConnection, entries: Any) -> None:
    assert derived(connection, entries) == []


def test_a_member_that_is_no_object_may_become_one(connection: duckdb.DuckDBPyConnection) -> None:
    table = replace(PARTS, members=Members("entries", order="places", member_as="words"))
    listed = derived(connection, ["a", 5, {"key": "k"}, None], table)
    assert listed == projected(connection, [{"words": "a"}, {"words": 5}, {"key": "k"}])
    keyed = derived(connection, {"1001": "a", "1002": None}, table)
    assert keyed == projected(connection, [{"words": "a", "key": "1001"}])


@pytest.mark.parametrize("entries", [[{"words": "a"}, None, 5, {"words": "b"}, {"words": "a"}], []])
def test_without_an_order_the_place_is_that_of_the_list(
    connection: duckdb.DuckDBPyConnection, entries: list[Any]
) -> None:
    table = replace(PARTS, members=Members("entries", member_as="size"))
    sent = [({"size": each} if each == 5 else each, place) for place, each in enumerate(entries) if each]
    found = derived(connection, entries, table)
    assert found == projected(connection, [each for each, _ in sent], [place for _, place in sent])
    assert sorted(row[8] for row in found) == [place for _, place in sent]


def test_without_an_order_the_place_is_that_of_the_object(connection: duckdb.DuckDBPyConnection) -> None:
    table = replace(PARTS, members=Members("entries"))
    found = derived(connection, {"b": {"words": "one"}, "x": None, "a": {"words": "two"}}, table)
    records = [{"key": "b", "words": "one"}, {"key": "a", "words": "two"}]
    assert found == projected(connection, records, [0, 2])


def test_members_may_sit_inside_an_object(connection: duckdb.DuckDBPyConnection) -> None:
    table = replace(PARTS, members=Members("entries", within="fields"))
    keyed = {"fields": {"a": {"words": "one", "new": 1}, "b": {"key": "b"}}, "c": {"words": "no member"}}
    records: list[dict[str, Any]] = [{"key": "a", "words": "one", "new": 1}, {"key": "b"}]
    assert derived(connection, keyed, table) == projected(connection, records, [0, 1])
    assert derived(connection, {"fields": records}, table) == projected(connection, records, [0, 1])


@pytest.mark.parametrize(
    "entries", [None, "text", 5, [], {}, [{"key": "k"}], {"fields": None}, {"fields": 5}]
)
def test_an_object_without_that_member_gives_no_row(
    connection: duckdb.DuckDBPyConnection, entries: Any
) -> None:
    assert derived(connection, entries, replace(PARTS, members=Members("entries", within="fields"))) == []


def test_the_parent_that_was_asked_by_wins_where_it_is_declared_so(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    entries = [{"thingKey": "another", "key": "k"}]
    ((own, *_),) = derived(connection, entries)
    assert own == "another"
    ((asked, *_, extra),) = derived(connection, entries, replace(PARTS, parent_wins=True))
    assert (asked, extra) == ("t", {"thingKey": "another"})
