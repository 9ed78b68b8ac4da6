"""What changed last, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from streak_dagster_tests.support import handmade
from streak_dagster_tests.views.versions import Version, at, versions

FIRST, SECOND, THIRD = "2026-01-01 06:00", "2026-01-01 12:00", "2026-01-01 18:00"
BOX = {"pipeline_key": "p1", "stage_key": "5001", "name": "Acme"}
STAGES = [
    {"pipeline_key": "p1", "key": "5001", "name": "Lead"},
    {"pipeline_key": "p1", "key": "5002", "name": "Quote"},
]
LINK = "https://mail.google.com/mail/u/0/#box/b"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'Pacific/Auckland'")
        yield opened


def box(*told: Version) -> list[dict[str, Any]]:
    return versions({"key": "b"}, (FIRST, "insert", BOX), *told)


def changes(
    connection: duckdb.DuckDBPyConnection, columns: str, **tables: list[dict[str, Any]]
) -> list[tuple[Any, ...]]:
    rows = {f"{name}_versions": told for name, told in tables.items()}
    rows = {"pipeline_boxes_versions": box(), **rows}
    handmade.make(
        connection, {"pipelines": [{"key": "p1", "name": "Sales"}], "pipeline_stages": STAGES, **rows}
    )
    return connection.execute(f"SELECT {columns} FROM streak_views.recent_changes").fetchall()


def test_a_move_is_told_by_the_names_of_the_stages(connection: duckdb.DuckDBPyConnection) -> None:
    moved = box((SECOND, "update", {"stage_key": "5002", "name": "Acme Inc", "comment_count": 3}))
    assert changes(
        connection,
        "epoch_ms(changed_at), epoch_ms(seen_before), what, change, name, pipeline, box, columns, details, "
        "link",
        pipeline_boxes=moved,
    ) == [
        (
            *(round(at(when).timestamp() * 1000) for when in (SECOND, FIRST)),
            *("box", "changed", "Acme Inc", "Sales", "Acme Inc", "stage, name"),
            "stage: Lead -> Quote; name: Acme -> Acme Inc",
            LINK,
        )
    ]


def test_what_the_first_copy_found_and_what_follows_from_other_changes_is_not_told(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    counted = box((SECOND, "update", {"comment_count": 3, "fields": {}}))
    assert changes(connection, "what", pipeline_boxes=counted) == []


def value(*told: Version) -> list[dict[str, Any]]:
    key = {"box_key": "b", "field_key": "1001", "pipeline_key": "p1", "field_name": "Close date"}
    return versions(key, *told, seen_before="2025-12-31 00:00")


def day(text: str) -> dict[str, Any]:
    moment = at(text)
    return {"value": moment.timestamp() * 1000, "value_timestamp": moment, "value_text": "1767225600000"}


def test_the_value_of_a_field_is_told_before_and_after(connection: duckdb.DuckDBPyConnection) -> None:
    told = changes(
        connection,
        "change, name, box, columns, details",
        box_field_values=value(
            (FIRST, "insert", day("2026-01-01")), (SECOND, "update", day("2026-02-01")), (THIRD, "delete", {})
        ),
    )
    assert told == [
        ("removed", "Close date", "Acme", "Close date", "Close date: 2026-02-01 -> -"),
        ("changed", "Close date", "Acme", "Close date", "Close date: 2026-01-01 -> 2026-02-01"),
    ]


def test_a_value_that_is_only_called_otherwise_now_did_not_change(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    renamed = value((FIRST, "insert", day("2026-01-01")), (SECOND, "update", {"value_text": "Renamed"}))
    assert changes(connection, "what", box_field_values=renamed) == []


def comment(*told: Version, key: str = "c") -> list[dict[str, Any]]:
    return versions({"key": key, "box_key": "b"}, *told, seen_before=FIRST)


def test_what_is_on_a_box_comes_and_goes_with_it(connection: duckdb.DuckDBPyConnection) -> None:
    said = comment((SECOND, "insert", {"message": "Call  them\nback " + "x" * 100}), (THIRD, "delete", {}))
    before = changes(connection, "what, change, name, box", box_comments=said)
    assert before[1:] == [("comment", "added", "Call them back " + "x" * 64 + "…", "Acme")]
    assert before[0][:2] == ("comment", "removed")
    gone = box((THIRD, "delete", {}))
    assert changes(connection, "what, change, name, box", box_comments=said, pipeline_boxes=gone) == [
        ("box", "removed", "Acme", "Acme"),
        before[1],
    ]
    new = versions({"key": "b"}, (SECOND, "insert", BOX), seen_before=FIRST)
    kept = comment((SECOND, "insert", {"message": "Hi"}))
    assert changes(connection, "what, change", box_comments=kept, pipeline_boxes=new) == [("box", "added")]


def test_people_and_stages_are_told_by_their_names(connection: duckdb.DuckDBPyConnection) -> None:
    contact = versions(
        {"key": "k"},
        (FIRST, "insert", {"given_name": "Kim", "family_name": "Lee"}),
        (SECOND, "update", {"family_name": "Berg", "phone_numbers": ["1"]}),
    )
    stage = versions(
        {"pipeline_key": "p1", "key": "5001"},
        (FIRST, "insert", {"name": "Lead"}),
        (THIRD, "update", {"name": "New", "box_count": 4}),
    )
    assert changes(
        connection, "what, name, pipeline, columns, details", contacts=contact, pipeline_stages=stage
    ) == [
        ("stage", "New", "Sales", "name", "name: Lead -> New"),
        ("contact", "Kim Berg", None, "name, phone numbers", "name: Kim Lee -> Kim Berg"),
    ]


def test_the_newest_changes_come_first_and_only_so_many(connection: duckdb.DuckDBPyConnection) -> None:
    handmade.make(connection, {})
    connection.execute(
        "INSERT INTO streak_history.box_comments (key, box_key, message, _valid_from, _change, _seen_before) "
        "SELECT i, 'b', i, make_timestamptz(i * 1000000), 'insert', make_timestamptz(0) "
        "FROM range(1, 1502) AS r(i)"
    )
    query = "SELECT count(*), max(name::INT), min(name::INT), first(name) FROM streak_views.recent_changes"
    assert connection.execute(query).fetchall() == [(1000, 1501, 502, "1501")]
