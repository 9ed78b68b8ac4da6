"""Views follow the tables: names stay, what goes goes late, and what isn't ours is left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from streak_dagster.tables import PIPELINE_BOXES, PIPELINE_STAGES
from streak_dagster.views.answer import Answer, AnswerColumn
from streak_dagster.views.publish import refresh_views
from streak_dagster.views.remembering import DAY, KEPT_DAYS
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.views.handmade import columns, comments, make_tables, pipeline, put, views

NOW = 1_780_000_000_000
OWN = 13
"""How many columns every view has."""


def made_at(session: Session) -> dict[str, str]:
    rows = session.execute("SELECT name, rowid::VARCHAR FROM streak_meta.views").fetchall()
    return dict(rows)


def answer(name: str, sql: str, *reads: str) -> Answer:
    column = AnswerColumn("number", "How many.")
    return Answer(name, "Counts.", "How many?", f"FROM {name}", (column,), sql, reads)


def use(monkeypatch: pytest.MonkeyPatch, *answers: Answer) -> None:
    monkeypatch.setattr("streak_dagster.views.publish.ALL_ANSWERS", answers)
    monkeypatch.setattr("streak_dagster.views.naming._OURS", {"pipelines", *(each.name for each in answers)})


@pytest.fixture(autouse=True)
def _no_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch)


def test_a_renamed_field_keeps_its_column_and_the_comment_says_the_new_label(session: Session) -> None:
    pipeline(session, "p", "Sales", {"1": ("Close date", "TEXT_INPUT")})
    refresh_views(session, NOW)
    session.execute("UPDATE streak.pipeline_fields SET name = 'Signed on'")
    session.execute("UPDATE streak.pipelines SET name = 'Deals'")
    refresh_views(session, NOW)
    assert columns(session, "sales")[OWN:] == ["close_date"]
    assert comments(session, "sales")["close_date"] == "Signed on (TEXT_INPUT)"
    assert views(session) == {"sales"}


def test_a_deleted_fields_column_stays_as_null_for_a_while_and_then_its_name_is_free(
    session: Session,
) -> None:
    pipeline(session, "p", "Sales", {"1": ("Size", "TEXT_INPUT")})
    refresh_views(session, NOW)
    session.execute("UPDATE streak.pipeline_fields SET key = '2', type = 'DATE'")
    refresh_views(session, NOW + DAY)
    assert columns(session, "sales")[OWN:] == ["size_2", "size"]
    assert "gone" in comments(session, "sales")["size"]
    refresh_views(session, NOW + KEPT_DAYS * DAY)
    assert columns(session, "sales")[OWN:] == ["size_2", "size"]
    refresh_views(session, NOW + (KEPT_DAYS + 1) * DAY)
    assert columns(session, "sales")[OWN:] == ["size_2"]
    put(session, "pipeline_fields", pipeline_key="p", key="3", name="Size", type="DATE", position=1)
    refresh_views(session, NOW + (KEPT_DAYS + 2) * DAY)
    assert columns(session, "sales")[OWN:] == ["size_2", "size"]


def test_a_deleted_pipelines_view_stays_empty_for_a_while_and_comes_back_as_it_was(session: Session) -> None:
    pipeline(session, "p", "Sales", {"1": ("Size", "TEXT_INPUT")})
    pipeline(session, "q", "Sales")
    refresh_views(session, NOW)
    session.execute("DELETE FROM streak.pipelines WHERE key = 'p'")
    refresh_views(session, NOW + DAY)
    assert views(session) == {"sales", "sales_2"}
    assert columns(session, "sales")[OWN:] == ["size"]
    put(session, "pipelines", key="p", name="Sales again")
    refresh_views(session, NOW + 2 * DAY)
    assert views(session) == {"sales", "sales_2"}
    session.execute("DELETE FROM streak.pipelines WHERE key = 'p'")
    refresh_views(session, NOW + 3 * DAY)
    refresh_views(session, NOW + (3 + KEPT_DAYS) * DAY)
    assert views(session) == {"sales_2"}


def test_the_views_of_another_account_go_at_once(session: Session) -> None:
    pipeline(session, "p", "Sample", {"1": ("Size", "TEXT_INPUT")})
    put(session, PIPELINE_STAGES, pipeline_key="p", key="5001", name="Lead")
    meta.remember_account(session, meta.SAMPLE, in_place_of=None)
    refresh_views(session, NOW)
    session.execute("DELETE FROM streak.pipelines; DELETE FROM streak.pipeline_stages")
    meta.remember_account(session, "somebody", in_place_of=None)
    pipeline(session, "q", "Sample")
    refresh_views(session, NOW)
    assert views(session) == {"sample"}
    assert session.one_row("SELECT count(*) FROM streak_meta.field_names") == (0,)
    assert session.one_row("SELECT count(*) FROM streak_meta.stage_names") == (0,)


def test_stages_are_remembered_with_their_last_name(session: Session) -> None:
    put(session, PIPELINE_STAGES, pipeline_key="p", key="5001", name="Lead", position=0)
    put(session, PIPELINE_STAGES, pipeline_key="p", key="5002", name="Won", position=1)
    refresh_views(session, NOW)
    session.execute("UPDATE streak.pipeline_stages SET name = 'New lead', position = 4 WHERE key = '5001'")
    session.execute("DELETE FROM streak.pipeline_stages WHERE key = '5002'")
    refresh_views(session, NOW + DAY)
    rows = session.execute(
        "SELECT stage_key, name, position, is_present FROM streak_meta.stage_names ORDER BY 1"
    )
    assert rows.fetchall() == [("5001", "New lead", 4, True), ("5002", "Won", 1, False)]


def test_what_is_as_due_is_not_made_again(session: Session) -> None:
    pipeline(session, "p", "Sales", {"1": ("Size", "TEXT_INPUT")})
    pipeline(session, "q", "Hiring")
    refresh_views(session, NOW)
    before = made_at(session)
    refresh_views(session, NOW + 1000)
    assert made_at(session) == before
    session.execute("UPDATE streak.pipeline_fields SET name = 'Weight'")
    refresh_views(session, NOW + 2000)
    after = made_at(session)
    assert (after["sales"], after["hiring"]) != (before["sales"], before["hiring"])
    assert after["hiring"] == before["hiring"]


def test_names_of_answers_and_words_of_sql_are_not_given_to_pipelines(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, answer("deals", "SELECT count(*) AS number FROM {pipeline_boxes}", "pipeline_boxes"))
    for key, name in enumerate(("Deals", "Pipelines", "Order", "?!")):
        pipeline(session, str(key), name)
    assert refresh_views(session) == []
    assert views(session) == {"deals", "deals_pipeline", "pipelines_pipeline", "order_pipeline", "pipeline_3"}


def test_an_answer_reads_tables_the_memory_other_answers_and_what_is_not_there(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.execute("DROP TABLE streak.pipeline_boxes")
    first = answer("firsts", "SELECT count(b.key) AS number FROM {pipeline_boxes} AS b", "pipeline_boxes")
    second = answer(
        "seconds", "SELECT number FROM {firsts} JOIN {stage_names} AS s ON true", "firsts", "stage_names"
    )
    use(monkeypatch, first, second)
    put(session, PIPELINE_STAGES, pipeline_key="p", key="5001", name="Lead")
    assert refresh_views(session) == []
    assert session.execute("FROM streak_views.seconds").fetchall() == [(0,)]
    assert comments(session, "seconds") == {"number": "How many."}


def test_a_view_that_cannot_be_made_costs_neither_the_table_nor_the_other_views(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = answer("bad", "SELECT nonsense FROM {pipelines}", "pipelines")
    worse = answer("worse", "SELECT * FROM {nowhere}", "nowhere")
    use(monkeypatch, bad, answer("reads_bad", "SELECT * FROM {bad}", "bad"), worse)
    pipeline(session, "p", "Sales")
    said = refresh_views(session)
    assert [each.split(" ")[2] for each in sorted(said)] == [
        f"streak_views.{name}" for name in ("bad", "reads_bad", "worse")
    ]
    assert views(session) == {"sales"}
    problems = session.execute("SELECT name FROM streak_meta.views WHERE problem IS NOT NULL").fetchall()
    assert sorted(problems) == [("bad",), ("reads_bad",), ("worse",)]
    use(monkeypatch, replace(bad, sql="SELECT count(*) AS number FROM {pipelines}"))
    assert refresh_views(session) == []
    assert views(session) == {"sales", "bad"}


def test_what_people_made_themselves_is_never_replaced(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, answer("counted", "SELECT count(*) AS number FROM {pipelines}", "pipelines"))
    session.create_schema("streak_views")
    session.execute("CREATE VIEW streak_views.sales AS SELECT 'mine' AS whose")
    session.execute("CREATE TABLE streak_views.counted AS SELECT 'mine' AS whose")
    pipeline(session, "p", "Sales")
    pipeline(session, "q", "Hiring")
    (said,) = refresh_views(session)
    assert "streak_views.counted wasn't made: something else has that name" in said
    assert views(session) == {"sales", "sales_2", "hiring"}
    # Also where it took the place of ours.
    session.execute("CREATE OR REPLACE VIEW streak_views.hiring AS SELECT 'mine' AS whose")
    assert len(refresh_views(session)) == 2
    session.execute("DELETE FROM streak.pipelines WHERE key = 'q'")
    refresh_views(session, NOW)
    refresh_views(session, NOW + (KEPT_DAYS + 1) * DAY)
    for name in ("sales", "hiring", "counted"):
        assert session.execute(f"FROM streak_views.{name}").fetchall() == [("mine",)]
    session.execute("DROP TABLE streak_views.counted")
    assert refresh_views(session) == []
    assert session.execute("FROM streak_views.counted").fetchall() == [(1,)]


def test_a_view_follows_a_column_that_changed_its_type(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, answer("counted", "SELECT max(box_count) AS number FROM {pipelines}", "pipelines"))
    refresh_views(session)
    session.execute("ALTER TABLE streak.pipelines ALTER box_count TYPE VARCHAR")
    refresh_views(session)
    assert session.execute("FROM streak_views.counted").fetchall() == [(None,)]


def test_a_database_called_like_the_schema_has_no_views_and_keeps_its_tables(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "streak.duckdb")) as connection:
        session = Session(connection)
        make_tables(session)
        (said,) = refresh_views(session)
        assert "Give the file another name" in said
        assert connection.execute("FROM streak.streak.pipelines").fetchall() == []


def test_we_make_and_read_views_in_a_file_called_like_the_schema(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "streak.duckdb"))
    with database.transaction() as session:
        make_tables(session)
        pipeline(session, "p", "Sales")
        put(session, PIPELINE_BOXES, key="b1", pipeline_key="p")
        assert refresh_views(session) == []
    with database.connect(read_only=True) as session:
        assert session.one_row("SELECT key FROM streak_views.sales") == ("b1",)


def test_a_file_works_attached_under_any_name(tmp_path: Path) -> None:
    with Database(str(tmp_path / "crm.duckdb")).transaction() as session:
        make_tables(session)
        pipeline(session, "p", "Sales", {"1": ("Size", "TEXT_INPUT")})
        put(
            session,
            PIPELINE_BOXES,
            key="b1",
            pipeline_key="p",
            assigned_to_sharing_entries=[{"email": "a@x"}],
        )
        assert refresh_views(session) == []
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{tmp_path / 'crm.duckdb'}' AS other (READ_ONLY)")
        found = connection.execute("SELECT key, owners, size FROM other.streak_views.sales").fetchall()
        assert found == [("b1", "a@x", None)]


def test_of_many_comments_each_refresh_makes_some(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB keeps a copy of the view for each of them until the transaction ends."""
    monkeypatch.setattr("streak_dagster.views.publish.MAX_COMMENTS", 10)
    pipeline(session, "p", "Sales", {"1": ("Size", "TEXT_INPUT")})
    for told in (10, OWN + 1, OWN + 1):
        refresh_views(session)
        assert sum(comment is not None for comment in comments(session, "sales").values()) == told
