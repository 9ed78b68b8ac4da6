"""Whatever there was at a moment can be read as of it: every table, and every view over them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from streak_dagster.tables import ALL_TABLES
from streak_dagster.views.past import PastSources
from streak_dagster.views.sources import Sources
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support.refreshes import Refreshes
from streak_dagster_tests.views.workspace import ago

NAMES = ("t0", "t1", "t2", "t3")


@pytest.fixture(scope="module")
def session(told: Refreshes) -> Iterator[Session]:
    """The story, read in another time zone than it was written in."""
    with told.database.connect(read_only=True) as session:
        session.execute("SET TimeZone = 'Pacific/Auckland'")
        yield session


def rows(session: Session, query: str, *values: Any) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = session.execute(query, list(values)).fetchall()
    return found


def macros(session: Session) -> set[str]:
    query = "SELECT function_name FROM duckdb_functions() WHERE schema_name = 'streak_at'"
    return {name for (name,) in rows(session, query)}


@pytest.mark.parametrize("name", NAMES)
def test_tables_and_views_read_as_of_a_refresh_as_they_did_then(
    told: Refreshes, session: Session, name: str
) -> None:
    written = [
        table
        for (table,) in rows(
            session, "SELECT table_name FROM duckdb_tables() WHERE schema_name = ? ORDER BY ALL", name
        )
    ]
    assert {table.removeprefix("view_") for table in written} <= macros(session)
    for table in written:
        macro = table.removeprefix("view_")
        columns = ", ".join(f'"{column}"' for column in session.columns(table, name))
        session.execute(
            f'CREATE OR REPLACE TEMP TABLE found AS SELECT {columns} FROM streak_at."{macro}"(?)',
            [told.kept[name]],
        )
        missing = rows(session, f'FROM {name}."{table}" EXCEPT ALL FROM found')
        further = rows(session, f'FROM found EXCEPT ALL FROM {name}."{table}"')
        assert (missing, further) == ([], []), f"{table} as of {name}"


def test_names_are_those_of_then(told: Refreshes, session: Session) -> None:
    seen = "SELECT name, pipeline, stage FROM streak_at.deals(?) WHERE key = 'b1'"
    assert [rows(session, seen, told.kept[name])[0] for name in NAMES] == [
        ("Alpha", "Sales", "Quote"),
        ("Alpha II", "Sales", "Signed"),
        ("Alpha II", "Deals in all", "Signed"),
        ("Alpha II", "Deals in all", "Signed"),
    ]
    stages = "SELECT stage, is_present FROM streak_at.stages(?) WHERE stage_key = ? AND pipeline_key = 'p1'"
    assert [rows(session, stages, told.kept[name], "5004") for name in NAMES] == [
        [("VERLOREN", True)],
        [("VERLOREN", True)],
        [("VERLOREN", False)],
        [("Gone for good", True)],
    ]
    assert [rows(session, stages, told.kept[name], "5005") for name in NAMES[:2]] == [[], [("Signed", True)]]


def test_a_typed_view_has_the_values_that_a_field_had_before_it_went(
    told: Refreshes, session: Session
) -> None:
    assert rows(session, "SELECT size, close_date FROM streak_views.sales WHERE key = 'b1'") == [
        ("huge", None)
    ]
    ((size, close_date),) = rows(
        session, "SELECT size, close_date FROM streak_at.sales(?) WHERE key = 'b1'", told.kept["t0"]
    )
    assert (size, close_date.date()) == ("large", ago(1).astimezone(close_date.tzinfo).date())


def test_the_clock_of_a_view_shows_the_moment(told: Refreshes, session: Session) -> None:
    late = told.kept["t3"] + timedelta(days=300)
    assert rows(session, "SELECT days_since_created FROM streak_at.deals(?) WHERE key = 'b1'", late) == [
        (340,)
    ]


def test_before_the_first_copy_there_was_nothing(session: Session) -> None:
    for name in sorted(macros(session)):
        assert rows(session, f"FROM streak_at.{name}(DATE '2000-01-01')") == [], name


@pytest.mark.parametrize(
    "moment",
    [
        "TIMESTAMPTZ '{:%Y-%m-%d %H:%M:%S.%f%z}'",
        "'{:%Y-%m-%d %H:%M:%S.%f%z}'",
        "TIMESTAMP '{:%Y-%m-%d %H:%M:%S.%f}'",
        "'{:%Y-%m-%d %H:%M:%S.%f}'::TIMESTAMP + INTERVAL 0 DAY",
    ],
)
def test_a_moment_is_said_in_any_way(told: Refreshes, session: Session, moment: str) -> None:
    """Without a time zone it is meant in the session's."""
    local = told.kept["t0"].astimezone(ZoneInfo("Pacific/Auckland"))
    for name in ("pipeline_boxes", "deals", "sales"):
        found = rows(session, f"SELECT name FROM streak_at.{name}({moment.format(local)}) WHERE key = 'b1'")
        assert found == [("Alpha",)], name


def test_the_present_is_one_of_the_moments(session: Session) -> None:
    for name in ("pipeline_boxes", "stages"):
        schema = "streak" if name == "pipeline_boxes" else "streak_views"
        ours = rows(session, f"SELECT count(*) FROM streak_at.{name}(now())")
        assert ours == rows(session, f"SELECT count(*) FROM {schema}.{name}")
    assert rows(session, "FROM streak_at.pipeline_boxes(NULL)") == []
    assert rows(session, "FROM streak_at.deals(NULL)") == []


def test_versions_are_those_that_were_known(told: Refreshes, session: Session) -> None:
    past = PastSources.like(Sources.of(session))
    query = f"SELECT name, _valid_to FROM {past.relation('pipeline_boxes_versions')} WHERE key = 'b1'"
    found = [
        rows(session, query.replace("{as_of}", f"make_timestamptz({round(moment.timestamp() * 1e6)})"))
        for moment in (told.kept["t0"], told.kept["t1"])
    ]
    assert found[0] == [("Alpha", None)]
    assert sorted((name, until is None) for name, until in found[1]) == [("Alpha", False), ("Alpha II", True)]


def test_columns_are_those_of_the_table_in_order(session: Session) -> None:
    for table in ALL_TABLES:
        if session.has_table(table.name):
            found = session.execute(f"FROM streak_at.{table.name}(now()) LIMIT 0").description or ()
            assert [column[0] for column in found] == [each.name for each in table.all_columns]


def test_what_a_view_reads_is_stored_as_text_that_every_duckdb_understands(session: Session) -> None:
    """DuckDB 1.4 loses common table expressions of a macro that DuckDB 2 wrote."""
    query = "SELECT function_name, macro_definition FROM duckdb_functions() WHERE schema_name = 'streak_at'"
    for name, sql in rows(session, query):
        assert not re.search("WITH (?!TIME ZONE)", re.sub("'(''|[^'])*'", "", sql)), name
