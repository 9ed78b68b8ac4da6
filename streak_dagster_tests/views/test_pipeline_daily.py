"""How many boxes each stage had at the end of each day, and what they were worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from streak_dagster_tests.support import handmade
from streak_dagster_tests.views.versions import Version, versions

SALES = {"pipeline_key": "p1", "creation_timestamp": None}
LEAD, QUOTE = {"stage_key": "5001"}, {"stage_key": "5002"}
FIRST = "2026-01-01 10:00"
BOXES = [
    *versions(
        {"key": "a"},
        (FIRST, "insert", {**SALES, **LEAD}),
        ("2026-01-02 23:59:59", "update", QUOTE),
        ("2026-01-04 01:00", "update", LEAD),
        ("2026-01-04 02:00", "update", {"name": "A"}),
        ("2026-01-04 03:00", "update", QUOTE),
    ),
    *versions(
        {"key": "b"},
        (FIRST, "insert", {**SALES, **LEAD}),
        ("2026-01-03 12:00", "delete", {}),
        ("2026-01-05 00:00", "insert", QUOTE),
    ),
    *versions({"key": "c"}, ("2026-01-03 12:00", "insert", {**SALES, **LEAD}), seen_before=FIRST),
]


def worth(box: str, field: str, *told: Version, pipeline: str = "p1") -> list[dict[str, Any]]:
    return versions({"box_key": box, "field_key": field, "pipeline_key": pipeline}, *told)


VALUES = [
    *worth(
        "a",
        "1002",
        (FIRST, "insert", {"value_number": 100.1}),
        ("2026-01-03 12:00", "update", {"value_number": 0.2}),
    ),
    *worth(
        "b",
        "1002",
        (FIRST, "insert", {"value_number": 50.0}),
        ("2026-01-03 12:00", "delete", {}),
        ("2026-01-05 00:00", "insert", {}),
    ),
    *worth("a", "1001", (FIRST, "insert", {"value_text": "of words"})),
    *worth("c", "1003", ("2026-01-03 12:00", "insert", {"value_number": 7.0})),
]
FIELDS = [
    {"pipeline_key": "p1", "key": "1001", "name": "Value proposition", "position": 0},
    {"pipeline_key": "p1", "key": "1002", "name": "Yearly value (EUR)", "position": 2},
    {"pipeline_key": "p1", "key": "1003", "name": "Amount 2", "position": 3},
]
TABLES: dict[str, list[dict[str, Any]]] = {
    "pipelines": [{"key": "p1", "name": "Sales"}],
    "pipeline_stages": [
        {"pipeline_key": "p1", "key": "5001", "name": "Lead", "position": 0},
        {"pipeline_key": "p1", "key": "5002", "name": "Quote", "position": 1},
    ],
    "pipeline_fields": FIELDS,
    "pipeline_boxes_versions": BOXES,
    "box_field_values_versions": VALUES,
}


@pytest.fixture(params=["UTC", "Pacific/Auckland"])
def connection(request: pytest.FixtureRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    """Read in one time zone and another."""
    with duckdb.connect() as opened:
        opened.execute(f"SET TimeZone = '{request.param}'")
        yield opened


def daily(
    connection: duckdb.DuckDBPyConnection, columns: str, until: str = "2026-01-05", **tables: Any
) -> list[tuple[Any, ...]]:
    handmade.make(connection, {**TABLES, **tables})
    return connection.execute(
        f"SELECT day(day) AS day, {columns} FROM streak_views.pipeline_daily WHERE day <= '{until}' "
        "ORDER BY day, stage_order"
    ).fetchall()


def test_each_day_shows_the_state_at_its_end(connection: duckdb.DuckDBPyConnection) -> None:
    assert daily(connection, "stage, boxes, entered, exited, value") == [
        (1, "Lead", 2, 0, 0, 150.1),
        (2, "Lead", 1, 0, 1, 50.0),
        (2, "Quote", 1, 1, 0, 100.1),
        (3, "Lead", 1, 1, 1, 0.0),
        (3, "Quote", 1, 0, 0, 0.2),
        (4, "Lead", 1, 1, 1, 0.0),
        (4, "Quote", 1, 1, 1, 0.2),
        (5, "Lead", 1, 0, 0, 0.0),
        (5, "Quote", 2, 1, 0, 50.2),
    ]


def test_the_days_go_on_until_today(connection: duckdb.DuckDBPyConnection) -> None:
    handmade.make(connection, TABLES)
    query = (
        "SELECT max(day) = make_timestamp(epoch_us(now()))::DATE, "
        "count(*) = count(DISTINCT day) AND count(*) = 1 + max(day) - min(day), last(boxes ORDER BY day) "
        "FROM streak_views.pipeline_daily WHERE stage = 'Quote'"
    )
    assert connection.execute(query).fetchall() == [(True, True, 2)]


def test_a_stage_that_is_gone_ends_with_its_boxes(connection: duckdb.DuckDBPyConnection) -> None:
    gone = [row for row in BOXES if row["key"] == "b"][:2]
    assert daily(connection, "boxes, exited", pipeline_stages=[], pipeline_boxes_versions=gone) == [
        (1, 1, 0),
        (2, 1, 0),
        (3, 0, 1),
    ]


def test_a_box_that_is_newer_than_the_first_copy_came_into_its_stage(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    later = versions(
        {"key": "d"},
        ("2026-01-01 16:00", "insert", {**SALES, **LEAD}),
    )
    later[0]["creation_timestamp"] = BOXES[2]["_valid_from"]
    rows = daily(connection, "boxes, entered", "2026-01-01", pipeline_boxes_versions=[*BOXES, *later])
    assert rows == [(1, 3, 1)]


def test_days_of_which_versions_were_forgotten_are_left_out(connection: duckdb.DuckDBPyConnection) -> None:
    kept = [row for row in BOXES if row["_valid_to"] is None or row["_valid_to"].day > 2]
    assert {row[0] for row in daily(connection, "boxes", pipeline_boxes_versions=kept)} == {2, 3, 4, 5}


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ([], "Yearly value (EUR)", 0.2),
        ([{"pipeline_key": "p1", "field_key": "1003"}], "Amount 2", 7.0),
        ([{"pipeline_key": " SALES ", "field_key": "amount 2"}], "Amount 2", 7.0),
        ([{"field_key": "1003"}, {"pipeline_key": "p1", "field_key": "1002"}], "Yearly value (EUR)", 0.2),
        ([{"pipeline_key": "Sales"}], None, None),
        ([{"pipeline_key": "Sales", "field_key": "nonsense"}], "Yearly value (EUR)", 0.2),
        ([{"pipeline_key": "p2", "field_key": "1003"}], "Yearly value (EUR)", 0.2),
    ],
    ids=["by its name", "by key", "by names", "for one before for all", "none", "no such field", "another"],
)
def test_the_value_is_in_the_field_that_its_name_or_the_team_says(
    said: list[dict[str, str]], field: str | None, value: float | None
) -> None:
    with duckdb.connect() as connection:
        rows = daily(connection, "value_field, value", value_fields=said)
    assert {row[1] for row in rows} == {field}
    assert {row[2] for row in rows if row[0] == 3} == ({None} if value is None else {0.0, value})


def test_a_name_that_says_it_plainly_comes_before_one_that_only_speaks_of_money() -> None:
    names = ("Budget", "Montant", "Weighted deal size", "Deal size", "合同金额")
    values = [
        worth("a", str(place), (FIRST, "insert", {"value_number": float(place)}))
        for place in range(len(names))
    ]
    chosen = []
    for first in range(len(names)):
        fields = [
            {"pipeline_key": "p1", "key": str(place), "name": name, "position": place}
            for place, name in enumerate(names)
            if place <= first
        ]
        with duckdb.connect() as connection:
            rows = daily(
                connection,
                "value_field",
                pipeline_fields=fields,
                box_field_values_versions=[each for of_one in values for each in of_one],
            )
        chosen.append(rows[0][1])
    assert chosen == ["Budget", "Montant", "Weighted deal size", "Deal size", "Deal size"]


def test_numbers_beyond_reason_are_left_out_of_the_sum(connection: duckdb.DuckDBPyConnection) -> None:
    values = [
        *worth("a", "1002", (FIRST, "insert", {"value_number": 1e300}), ("2026-01-02 01:00", "delete", {})),
        *worth("b", "1002", (FIRST, "insert", {"value_number": float("inf")})),
        *worth("c", "1002", ("2026-01-03 12:00", "insert", {"value_number": 5.0})),
    ]
    rows = daily(connection, "stage, value", box_field_values_versions=values)
    assert [row for row in rows if row[1] == "Lead"] == [
        (1, "Lead", 0.0),
        (2, "Lead", 0.0),
        (3, "Lead", 5.0),
        (4, "Lead", 5.0),
        (5, "Lead", 5.0),
    ]
