"""Macros follow tables and views: what differs is made anew, and what isn't ours is left alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from streak_dagster.views.publish import refresh_views
from streak_dagster.views.remembering import DAY, KEPT_DAYS
from streak_dagster.warehouse.history import Keeping
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support.refreshes import Refreshes, Rows

NOW = 1_780_000_000_000
SALES: Rows = {
    "pipelines": [{"key": "p", "name": "Sales"}],
    "pipeline_stages": [{"pipeline_key": "p", "key": "5001", "name": "Lead", "position": 0}],
    "pipeline_fields": [],
    "pipeline_boxes": [{"key": "b1", "name": "Alpha", "pipeline_key": "p", "stage_key": "5001"}],
}


@pytest.fixture
def refreshes(tmp_path: Path) -> Refreshes:
    return Refreshes(tmp_path / "crm.duckdb")


def macros(session: Session) -> set[str]:
    query = "SELECT function_name FROM duckdb_functions() WHERE schema_name = 'streak_at'"
    return {name for (name,) in session.execute(query).fetchall()}


def made(session: Session) -> dict[str, datetime]:
    return dict(session.execute("SELECT name, made_at FROM streak_meta.history_views").fetchall())


def test_there_is_one_for_each_table_that_is_there_and_for_each_view(refreshes: Refreshes) -> None:
    refreshes.publish({"pipelines": SALES["pipelines"]})
    with refreshes.database.connect(read_only=True) as session:
        views = {
            name
            for (name,) in session.execute(
                "SELECT name FROM streak_meta.views WHERE kind <> 'macro'"
            ).fetchall()
        }
        assert macros(session) == {"pipelines", *views}
    refreshes.publish(SALES)
    with refreshes.database.connect(read_only=True) as session:
        assert macros(session) == {*SALES, *views}
        found = session.execute("SELECT key, stage FROM streak_at.sales(?)", [refreshes.moment]).fetchall()
        assert found == [("b1", "Lead")]


def test_what_is_as_due_is_not_made_again(refreshes: Refreshes) -> None:
    refreshes.publish(SALES)
    with refreshes.database.connect(read_only=True) as session:
        before = made(session)
    refreshes.publish({**SALES, "pipeline_boxes": []})
    with refreshes.database.connect(read_only=True) as session:
        assert made(session) == before
    refreshes.publish(
        {"pipeline_fields": [{"pipeline_key": "p", "key": "1", "name": "Size", "type": "DATE"}]}
    )
    with refreshes.database.connect(read_only=True) as session:
        after = made(session)
        assert {name for name in after if after[name] != before[name]} == {"streak_at.sales"}
        assert session.execute("SELECT key, size FROM streak_at.sales(now())").fetchall() == []


def test_without_history_there_are_none(refreshes: Refreshes) -> None:
    refreshes.publish(SALES, keeping=Keeping(versions=False))
    with refreshes.database.connect(read_only=True) as session:
        assert macros(session) == set()
        assert made(session) == {}


def test_of_a_table_without_history_the_present_rows_are_read_that_were_there(refreshes: Refreshes) -> None:
    refreshes.publish({"pipeline_boxes": SALES["pipeline_boxes"]}, keeping=Keeping(versions=False))
    early = refreshes.moment
    later = {name: rows for name, rows in SALES.items() if name != "pipeline_boxes"}
    moment = refreshes.publish(later)
    with refreshes.database.connect(read_only=True) as session:
        assert "pipeline_boxes" not in macros(session)
        read = "SELECT key, stage FROM streak_at.deals(?)"
        assert session.execute(read, [moment]).fetchall() == [("b1", "Lead")]
        assert session.execute(read, [early]).fetchall() == [("b1", "5001")]
        assert session.execute(read, ["2000-01-01"]).fetchall() == []


def test_a_column_that_the_history_lacks_yet_is_null(refreshes: Refreshes) -> None:
    refreshes.publish(SALES)
    with refreshes.database.transaction() as session:
        ((query,),) = session.execute(
            "SELECT sql FROM duckdb_views() WHERE schema_name = 'streak_history' AND view_name = 'pipelines'"
        ).fetchall()
        older = query.partition(" AS ")[2].rstrip(";\n ")
        session.execute(
            f"CREATE OR REPLACE VIEW streak_history.pipelines AS SELECT * EXCLUDE (name) FROM ({older})"
        )
        refresh_views(session)
        found = session.execute("SELECT key, name FROM streak_at.pipelines(now())").fetchall()
        assert found == [("p", None)]


def test_the_macro_of_a_pipeline_called_like_a_table_says_that_it_is_one(refreshes: Refreshes) -> None:
    refreshes.publish(
        {**SALES, "pipelines": [{"key": "p", "name": "Pipelines"}, {"key": "q", "name": "Pipeline stages"}]}
    )
    with refreshes.database.connect(read_only=True) as session:
        assert session.execute("SELECT key FROM streak_views.pipeline_stages").fetchall() == []
        assert session.execute("SELECT key FROM streak_at.pipeline_stages(now())").fetchall() == [("5001",)]
        assert session.execute("SELECT key FROM streak_at.pipeline_stages_pipeline(now())").fetchall() == []
        assert session.execute("SELECT key FROM streak_at.pipelines_pipeline(now())").fetchall() == [("b1",)]


def test_the_macro_of_a_view_that_goes_goes(refreshes: Refreshes) -> None:
    refreshes.publish(SALES)
    refreshes.publish({**SALES, "pipelines": [], "pipeline_boxes": []})
    with refreshes.database.transaction() as session:
        assert "sales" in macros(session)
        refresh_views(session, round(refreshes.moment.timestamp() * 1000) + (KEPT_DAYS + 1) * DAY)
        assert "sales" not in macros(session)
        assert "streak_at.sales" not in made(session)


def test_what_people_made_themselves_is_never_replaced(refreshes: Refreshes) -> None:
    with refreshes.database.transaction() as session:
        session.create_schema("streak_at")
        session.execute("CREATE MACRO streak_at.deals(as_of) AS TABLE SELECT 'mine' AS whose")
        session.execute("CREATE TABLE streak_at.notes AS SELECT 'mine' AS whose")
    refreshes.publish(SALES)
    (said,) = refreshes.said
    assert "streak_at.deals wasn't made: something else has that name" in said
    with refreshes.database.transaction() as session:
        session.execute("DROP MACRO TABLE streak_at.deals")
    refreshes.publish(SALES)
    with refreshes.database.transaction() as session:
        assert session.execute("SELECT key FROM streak_at.deals(now())").fetchall() == [("b1",)]
        # Also where it took the place of ours.
        session.execute("CREATE OR REPLACE MACRO streak_at.sales(as_of) AS TABLE SELECT 'mine' AS whose")
        session.execute("DELETE FROM streak.pipelines")
        refresh_views(session, NOW)
        refresh_views(session, NOW + (KEPT_DAYS + 1) * DAY)
        assert session.execute("FROM streak_at.sales(now())").fetchall() == [("mine",)]
        assert session.execute("FROM streak_at.notes").fetchall() == [("mine",)]


def test_a_comment_says_what_each_is(refreshes: Refreshes) -> None:
    refreshes.publish(SALES)
    with refreshes.database.connect(read_only=True) as session:
        said = dict(
            session.execute(
                "SELECT function_name, comment FROM duckdb_functions() WHERE schema_name = 'streak_at'"
            ).fetchall()
        )
        assert said["pipelines"].startswith("The table streak.pipelines as it was at a moment. ")
        assert said["sales"].startswith("The view streak_views.sales as it was at a moment. ")
        assert None not in said.values()


def test_a_file_works_under_any_name(refreshes: Refreshes, tmp_path: Path) -> None:
    """DuckDB looks up what a macro reads in the database that is in use, whichever has the macro."""
    moment = refreshes.publish(SALES)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{tmp_path / 'crm.duckdb'}' AS other (READ_ONLY)")
        connection.execute("USE other")
        found = connection.execute("SELECT key, pipeline FROM streak_at.deals(?)", [moment]).fetchall()
        assert found == [("b1", "Sales")]
