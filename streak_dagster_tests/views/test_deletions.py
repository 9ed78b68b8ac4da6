"""``streak_history.deletions`` says what went, when, and what it was called."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from streak_dagster.tables import ALL_TABLES, PIPELINES
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.called import LONGEST
from streak_dagster_tests.support.refreshes import Refreshes, Rows

_NOTHING_TO_CALL_IT = {"box_stage_history"}


@pytest.fixture
def refreshes(tmp_path: Path) -> Refreshes:
    return Refreshes(tmp_path / "crm.duckdb")


def found(refreshes: Refreshes, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
    with refreshes.database.connect(read_only=True) as session:
        query = f"SELECT {columns} FROM streak_history.deletions WHERE {where} ORDER BY ALL"
        rows: list[tuple[Any, ...]] = session.execute(query).fetchall()
        return rows


def test_each_row_that_went_is_told_by_its_last_name(told: Refreshes) -> None:
    assert found(told, "table_name, key, name, box, pipeline") == [
        ("box_comments", "c1", None, "Alpha II", "Deals in all"),
        ("box_contacts", "b2 / k1", "Kim Lee", "Beta", "Deals in all"),
        ("box_contacts", "b2 / k3", None, "Beta", "Deals in all"),
        ("box_field_values", "b1 / 1002", "Close date", "Alpha II", "Deals in all"),
        ("box_field_values", "b2 / 1001", "Size", "Beta", "Deals in all"),
        ("box_stage_history", "b2 / 3", None, "Beta", "Deals in all"),
        ("box_tasks", "t3", "Some day", "Beta", "Deals in all"),
        ("box_tasks", "t5", "Sent", "Beta", "Deals in all"),
        ("box_threads", "b2 / th", None, "Beta", "Deals in all"),
        ("pipeline_boxes", "b2", "Beta", "Beta", "Deals in all"),
        ("pipeline_boxes", "b4", "Delta", "Delta", "Support"),
        ("pipeline_boxes", "b5", None, None, "Support"),
        ("pipeline_fields", "p1 / 1002", "Close date", None, "Deals in all"),
        ("pipeline_stages", "p1 / 5004", "VERLOREN", None, "Deals in all"),
        ("pipeline_stages", "p2 / 5001", "Won?", None, "Support"),
        ("pipeline_stages", "p2 / 5002", "Parked", None, "Support"),
        ("pipelines", "p2", "Support", None, "Support"),
    ]


def test_it_says_when_a_row_went_and_when_it_returned(told: Refreshes) -> None:
    t0, t1, t2, t3 = told.kept.values()

    def between(moment: datetime, before: datetime, after: datetime) -> bool:
        return before < moment <= after

    for key, went, back in (
        ("c1", (t0, t1), (t1, t2)),
        ("p1 / 5004", (t1, t2), (t2, t3)),
        ("b2", (t1, t2), None),
    ):
        ((deleted_at, returned_at),) = found(
            told,
            "deleted_at, returned_at",
            f"key = '{key}' AND table_name IN ('box_comments', 'pipeline_stages', 'pipeline_boxes')",
        )
        assert between(deleted_at, *went), key
        assert (returned_at is None) == (back is None), key
        assert back is None or between(returned_at, *back), key


def test_a_long_text_is_shortened_to_one_line(refreshes: Refreshes) -> None:
    refreshes.publish(
        {"box_comments": [{"key": "c", "box_key": "b", "message": f"One\n two {'x' * LONGEST}"}]}
    )
    refreshes.publish({"box_comments": []})
    ((name, box_key, box),) = found(refreshes, "name, box_key, box")
    assert name == f"One two {'x' * LONGEST}"[: LONGEST - 1] + "…"
    assert (box_key, box) == ("b", None)


def test_a_contact_is_called_by_its_address_where_it_has_no_name(refreshes: Refreshes) -> None:
    people: list[dict[str, Any]] = [
        {"key": "k1", "email_addresses": ["kim@x.example"]},
        {"key": "k2", "family_name": "Lee"},
    ]
    refreshes.publish({"contacts": people})
    refreshes.publish({"contacts": []})
    assert found(refreshes, "key, name") == [("k1", "kim@x.example"), ("k2", "Lee")]


def test_what_the_settings_leave_out_was_not_deleted(refreshes: Refreshes) -> None:
    both: Rows = {
        "pipelines": [{"key": "p", "name": "Sales"}, {"key": "q", "name": "Hiring"}],
        "pipeline_stages": [{"pipeline_key": "q", "key": "5001", "name": "New"}],
        "pipeline_boxes": [{"key": "b", "pipeline_key": "p"}, {"key": "c", "pipeline_key": "q"}],
        "box_comments": [{"key": "m", "box_key": "b"}, {"key": "n", "box_key": "c"}],
    }
    refreshes.publish(both)
    with refreshes.database.transaction() as session:
        meta.remember_left_out(session, PIPELINES, ["q"])
    refreshes.publish(
        {
            **both,
            "pipelines": both["pipelines"][:1],
            "pipeline_stages": [],
            "pipeline_boxes": [],
            "box_comments": [],
        }
    )
    assert found(refreshes, "table_name, key") == [("box_comments", "m"), ("pipeline_boxes", "b")]


def test_it_follows_the_tables_and_is_left_alone_where_somebody_made_it(refreshes: Refreshes) -> None:
    refreshes.publish({"pipelines": [{"key": "p", "name": "Sales"}]})
    assert found(refreshes, "key") == []
    refreshes.publish({"pipelines": [], "webhooks": [{"key": "w", "event": "BOX_CREATE"}]})
    refreshes.publish({"webhooks": []})
    assert found(refreshes, "name") == [("BOX_CREATE",), ("Sales",)]
    with refreshes.database.transaction() as session:
        session.execute("CREATE OR REPLACE VIEW streak_history.deletions AS SELECT 'mine' AS whose")
    refreshes.publish({"snippets": []})
    assert "something else has that name" in refreshes.said[0]
    assert found(refreshes, "whose") == [("mine",)]


def test_each_table_says_what_its_rows_are_called() -> None:
    assert {table.name for table in ALL_TABLES if not table.called} == _NOTHING_TO_CALL_IT
