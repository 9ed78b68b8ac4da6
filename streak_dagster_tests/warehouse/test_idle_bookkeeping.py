"""A publication that finds nothing new leaves the lines of its bookkeeping where they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streak_dagster.tables import BOX_COMMENTS
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.plain import remember_form
from streak_dagster.warehouse.planning import remember_readings
from streak_dagster.warehouse.session import Session

Lines = dict[str, tuple[int, str, str]]


def noted(
    session: Session,
    folder: Path,
    fetched: dict[str, str],
    kept: dict[str, str],
    *,
    declaration: str = "d",
    unread: tuple[str, ...] = (),
) -> Lines:
    """By box: the rowid of its line, fingerprint and declaration, after such a refresh was published."""
    plan, answers = folder / "plan.parquet", folder / "answers.jsonl"
    answers.write_text(
        "".join(json.dumps({"parent": box, "fingerprint": mark}) + "\n" for box, mark in fetched.items()),
        encoding="utf-8",
    )
    session.execute(
        f"COPY (SELECT unnest(?::VARCHAR[]) AS box_key, unnest(?::VARCHAR[]) AS fingerprint, "
        f"unnest(?::VARCHAR[]) AS decision) TO '{plan}' (FORMAT parquet)",
        [
            [*fetched, *kept],
            [*fetched.values(), *kept.values()],
            ["fetch"] * len(fetched) + ["keep"] * len(kept),
        ],
    )
    remember_readings(session, BOX_COMMENTS, declaration, plan, answers, unread=unread)
    found = session.execute("SELECT box_key, rowid, mark, declaration FROM streak_meta.readings").fetchall()
    assert len({box for box, *_ in found}) == len(found)
    return {box: (place, mark, by) for box, place, mark, by in found}


def test_the_readings_of_boxes_that_did_not_change_are_not_written(
    database: Database, tmp_path: Path
) -> None:
    same = {"a": "1", "b": "1", "c": "1", "d": "1"}
    with database.transaction() as session:
        meta.prepare(session)
        session.execute("INSERT INTO streak_meta.readings VALUES ('box_tasks', 'of another', '1', 'd')")
        first = noted(session, tmp_path, same, {})
        assert noted(session, tmp_path, {"a": "1"}, {"b": "1", "c": "1", "d": "1"}) == first
        assert noted(session, tmp_path, {}, same) == first
        then = noted(session, tmp_path, {"b": "2", "d": "1", "e": "1"}, {"a": "1"}, unread=("d",))
        assert {box: line[1] for box, line in then.items()} == {
            "a": "1", "b": "2", "e": "1", "of another": "1",
        }  # fmt: skip
        assert {box for box in first if then.get(box) == first[box]} == {"a", "of another"}
        # By another declaration everything was read anew.
        last = noted(session, tmp_path, {"a": "1", "b": "2"}, {}, declaration="e")
        assert {box: line[1:] for box, line in last.items()} == {
            "a": ("1", "e"), "b": ("2", "e"), "of another": ("1", "d"),
        }  # fmt: skip


def test_the_form_of_rows_is_written_where_it_differs(database: Database) -> None:
    with database.transaction() as session:
        meta.prepare(session)

        def published(hashed_by: str | None, *left_out: str) -> tuple[Any, ...]:
            remember_form(session, BOX_COMMENTS, hashed_by, left_out)
            return session.one_row("SELECT rowid, hashed_by, left_out FROM streak_meta.withheld")

        first = published(None, "message", "creator_key")
        assert published(None, "creator_key", "message") == first
        assert published("key", "message")[1:] == ("key", ["message"])
        assert published(None)[1:] == (None, [])


def test_what_could_not_be_read_is_written_where_it_differs(database: Database) -> None:
    lines = "SELECT rowid, parent_key, reason FROM streak_meta.unread WHERE table_name = ? ORDER BY rowid"
    with database.transaction() as session:
        meta.prepare(session)

        def published(reasons: dict[str, str]) -> list[tuple[Any, ...]]:
            meta.remember_unread(session, "box_files", reasons)
            meta.remember_unread(session, "box_tasks", {"a": "another table's"})
            return session.execute(lines, ["box_files"]).fetchall()

        first = published({"b": "403", "a": "500"})
        assert published({"b": "403", "a": "500"}) == first
        assert [line[1:] for line in published({"b": "403", "a": "404"})] == [("b", "403"), ("a", "404")]
        assert published({}) == []
