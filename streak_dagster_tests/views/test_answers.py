"""Every ready answer is declared whole, and answers whatever is there or isn't."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from streak_dagster.views.answer import Answer, AnswerColumn
from streak_dagster.views.answers import ALL_ANSWERS
from streak_dagster_tests.support import handmade

NAMES = [answer.name for answer in ALL_ANSWERS]
ODD: list[Any] = [
    None,
    [],
    {},
    "text",
    7,
    [None],
    [[]],
    ["u1", 3, None, {}, {"userKey": 5}],
    {"userKey": "u1"},
    [{"email": "x@y.example", "sendTimestamp": "soon"}, {"sendTimestamp": 9**30}, {"email": {}}],
]
"""Shapes that a JSON column may have against all documentation."""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def read_all(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Reads every column of every answer; how many rows each has."""
    found = {}
    for name in NAMES:
        connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE found AS FROM streak_views.{name}")
        ((found[name],),) = connection.execute("SELECT count(*) FROM found").fetchall()
    return found


@pytest.mark.parametrize("answer", ALL_ANSWERS, ids=NAMES)
def test_an_answer_has_the_columns_that_it_declares(
    connection: duckdb.DuckDBPyConnection, answer: Answer
) -> None:
    handmade.make(connection, {})
    described = connection.execute(f"DESCRIBE FROM streak_views.{answer.name}").fetchall()
    assert [(row[0], row[1]) for row in described] == [(each.name, each.type) for each in answer.columns]


@pytest.mark.parametrize("answer", ALL_ANSWERS, ids=NAMES)
def test_an_answer_says_what_it_is(answer: Answer) -> None:
    assert answer.question.endswith("?")
    assert answer.description.partition("\n")[0].endswith(".")
    for column in answer.columns:
        assert column.description.endswith("."), column.name


@pytest.mark.parametrize("answer", ALL_ANSWERS, ids=NAMES)
def test_the_example_of_an_answer_runs_and_reads_it(
    connection: duckdb.DuckDBPyConnection, answer: Answer
) -> None:
    handmade.make(connection, {})
    assert f"streak_views.{answer.name}" in answer.example
    assert connection.execute(answer.example).fetchall() == []


def test_columns_that_hold_words_or_names_are_marked_as_personal() -> None:
    personal = {"name", "owners", "owners_now", "assigned_to", "created_by", "moved_by", "task", "person"}
    personal |= {"contact", "emails", "box_names", "last_email_from", "email", "box", "details"}
    marked = {
        (answer.name, column.name) for answer in ALL_ANSWERS for column in answer.columns if column.personal
    }
    of_such_a_name = {
        (answer.name, column.name)
        for answer in ALL_ANSWERS
        for column in answer.columns
        if column.name in personal and column.type == "VARCHAR"
    }
    assert marked == of_such_a_name


def test_an_answer_comes_after_those_that_it_reads() -> None:
    for place, answer in enumerate(ALL_ANSWERS):
        assert not set(answer.reads) & set(NAMES[place:])


@pytest.mark.parametrize("name", handmade.TABLES)
def test_every_answer_answers_where_a_table_is_missing(
    connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    handmade.make(connection, {"pipeline_boxes": [{"key": "b"}]}, frozenset([name]))
    assert read_all(connection)["deals"] == (name != "pipeline_boxes")


def test_every_answer_answers_where_there_is_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    handmade.make(connection, {}, frozenset(handmade.TABLES))
    assert set(read_all(connection).values()) == {0}


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_no_shape_of_json_breaks_an_answer(connection: duckdb.DuckDBPyConnection, value: Any) -> None:
    keys: dict[str, Any] = {
        "key": "k",
        "box_key": "b",
        "contact_key": "k",
        "user_key": "u1",
        "stage_key": "s",
    }
    fixed = {"status": "DONE", "newsfeed_entry_specific": "EDIT_STAGE", "pipeline_key": "p"}
    rows = {
        name: [
            {
                column: value if kind == "JSON" else {**keys, **fixed}.get(column)
                for column, kind in handmade.columns_of(name).items()
            }
        ]
        for name in handmade.TABLES
    }
    rows["pipeline_boxes"][0]["key"] = "b"
    handmade.make(connection, rows)
    assert read_all(connection)["deals"] == 1


def test_a_row_of_nothing_but_its_key_breaks_no_answer(connection: duckdb.DuckDBPyConnection) -> None:
    rows = {
        name: [{column: "k" for column in handmade.columns_of(name) if column.endswith("key")}]
        for name in handmade.TABLES
        if name != "stage_outcomes"
    }
    handmade.make(connection, rows)
    assert read_all(connection)["deals"] == 1


def test_numbers_beyond_reason_break_no_answer(connection: duckdb.DuckDBPyConnection) -> None:
    huge = 2**63 - 1
    box = {"key": "b", "pipeline_key": "p", "stage_key": "s"}
    thread = {"box_key": "b", "number_of_emails": huge}
    handmade.make(
        connection,
        {
            "pipeline_boxes": [box],
            "box_threads": [{**thread, "key": "1"}, {**thread, "key": "2"}],
            "box_stage_history": [{"box_key": "b", "stage_key": "s", "time_in_stage_ms": huge}],
        },
    )
    connection.execute("UPDATE streak.box_stage_history SET last_entry_to_stage_ts = now()")
    assert read_all(connection)["deal_stages"] == 1


def test_sql_that_reads_what_it_doesnt_declare_is_refused() -> None:
    column = (AnswerColumn("key", "A key."),)
    with pytest.raises(ValueError, match=r"reads \['teams'\], and declares \[\]"):
        Answer("wrong", "What.", "What?", "", column, "FROM {teams}", ())
    with pytest.raises(ValueError, match="a column twice"):
        Answer("wrong", "What.", "What?", "", column * 2, "FROM {teams}", ("teams",))


def test_what_stands_for_a_table_is_filled_in() -> None:
    answer = Answer(
        "keys", "What.", "What?", "", (AnswerColumn("key", "A key."),), "FROM {teams}", ("teams",)
    )
    assert answer.filled({"teams": "streak.teams"}) == "FROM streak.teams"
    with pytest.raises(KeyError):
        answer.filled({})


def test_no_answer_says_a_table_by_itself() -> None:
    """Else nothing could stand in for a table that isn't there."""
    for answer in ALL_ANSWERS:
        assert not re.search(r"\bstreak(_meta|_views)?\.", answer.sql), answer.name


@pytest.mark.parametrize("answer", ALL_ANSWERS, ids=NAMES)
def test_an_answer_asks_for_the_time_by_name(answer: Answer) -> None:
    """As ``{now}``: of an earlier time the same SQL reads that time's clock."""
    assert not re.search(r"\bnow\(\)|current_|\btoday\(", answer.sql)
