"""What isn't there is said in its place, and fails nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from streak_dagster.report import page, write_report
from streak_dagster.views.publish import refresh_views
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.report.reading import Parsed

HEADINGS = [
    "Where do the boxes stand?",
    "What came in and went out, by week?",
    "Who has what to do?",
    "Which follow-ups are overdue?",
    "Which open boxes has nobody touched for a month?",
]


def read(path: Path, **options: object) -> Parsed:
    with Database(str(path)).connect(read_only=True) as session:
        return Parsed(page(session, **options).html)  # type: ignore[arg-type]


def test_without_a_database(tmp_path: Path) -> None:
    write_report(tmp_path / "crm.duckdb", tmp_path / "page.html")
    parsed = Parsed((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "No table was copied yet." in parsed.sections[""]
    for heading in HEADINGS:
        assert "Nothing was copied yet." in parsed.sections[heading]
    assert not (tmp_path / "crm.duckdb").exists()


def test_a_database_with_nothing_of_ours(tmp_path: Path) -> None:
    with Database(str(tmp_path / "crm.duckdb")).transaction() as session:
        session.execute("CREATE TABLE notes AS SELECT 1 AS x")
    parsed = read(tmp_path / "crm.duckdb")
    assert "No table was copied yet." in parsed.sections[""]
    assert "pipeline_boxes isn't copied" in parsed.sections[HEADINGS[0]]


def test_an_empty_account(database: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(database, tmp_path / "crm.duckdb"))
    with Database(str(path)).transaction() as session:
        for name in ("pipelines", "pipeline_stages", "pipeline_boxes", "box_tasks", "box_field_values"):
            session.execute(f"DELETE FROM streak.{name}")
    parsed = read(path)
    assert "There is no box in any pipeline." in parsed.sections[HEADINGS[0]]
    assert parsed.tiles["Open boxes"] == "0"
    assert "None." in parsed.sections[HEADINGS[3]]


@pytest.mark.parametrize("gone", [True, False], ids=["never copied", "copied before"])
def test_a_table_that_is_excluded(database: Path, tmp_path: Path, *, gone: bool) -> None:
    path = Path(shutil.copy(database, tmp_path / "crm.duckdb"))
    if gone:
        with Database(str(path)).transaction() as session:
            session.execute("DROP TABLE streak.box_tasks")
            refresh_views(session)
    parsed = read(path, excluded=() if gone else ("box_tasks", "box_comments.message"))
    assert "box_tasks isn't copied, so nothing is known of this." in parsed.sections[HEADINGS[3]]
    assert "Follow-ups" not in parsed.tiles
    assert parsed.rows("Sales")


def test_views_that_are_gone_or_broken(database: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(database, tmp_path / "crm.duckdb"))
    with Database(str(path)).transaction() as session:
        session.execute("DROP VIEW streak_views.followups_due")
        session.execute("CREATE OR REPLACE VIEW streak_views.deal_stages AS SELECT 1 AS key")
        session.execute(
            "CREATE OR REPLACE VIEW streak_views.recent_changes AS SELECT error('<b>no</b>') AS changed_at"
        )
    parsed = read(path)
    assert "The view streak_views.followups_due isn't there" in parsed.sections[HEADINGS[3]]
    assert "DuckDB can't read this" in parsed.sections[HEADINGS[0]]
    assert "DuckDB can't read this" in parsed.sections["What changed lately?"]
    assert parsed.rows(HEADINGS[4])


def test_what_could_not_be_read_is_told(database: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(database, tmp_path / "crm.duckdb"))
    with Database(str(path)).transaction() as session:
        session.execute("INSERT INTO streak_meta.unread SELECT 'box_files', unnest(['a', 'b']), 'gone'")
        session.execute("INSERT INTO streak_meta.left_out_pipelines VALUES ('px')")
    said = read(path).sections["Is anything missing?"]
    assert "box_files: 2 lists couldn't be read" in said
    assert "1 pipeline of the account is left out." in said
