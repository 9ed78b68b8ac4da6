"""History of tables, rows and settings that are odd: nothing fails, and its rules hold all the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from streak_dagster.tables import Endpoint
from streak_dagster.tables.columns import text
from streak_dagster.tables.model import ChangedSince
from streak_dagster.warehouse.history import Keeping
from streak_dagster.warehouse.plain import remember_form
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support.spools import THINGS
from streak_dagster_tests.support.versions import as_of, broken_rules
from streak_dagster_tests.warehouse.test_history import answered, refreshed, things, versions

ODD_NAMES = ["", "a\\", 'a\\"b', '"', "*", "a.b", "a/b", "~", "~1", "$", "[0]", "'", "é"]


@pytest.fixture
def session() -> Iterator[Session]:
    with duckdb.connect() as connection:
        yield Session(connection)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.jsonl"


def test_nothing_and_zero_are_two_values(session: Session, path: Path) -> None:
    """DuckDB's hash of 0 is 0."""
    for count in (None, 0, None):
        things(session, path, a={"label": "A", "count": count})
    assert [row[2] for row in versions(session)] == [None, ["count"], ["count"]]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_members_of_any_name_may_come_and_go(session: Session, path: Path, name: str) -> None:
    things(session, path, a={"label": "A"}, b={"label": "B"})
    things(session, path, a={"label": "A", "_extra": {name: 1}}, b={"label": "B"})
    things(session, path, a={"label": "A", "_extra": {name: 2}}, b={"label": "B"})
    things(session, path, a={"label": "A"}, b={"label": "B"})
    assert [row[2] for row in versions(session)] == [None, ["_extra"], ["_extra"], ["_extra"]]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_members_of_any_name_that_streak_begins_to_send_make_no_versions(
    session: Session, path: Path, name: str
) -> None:
    rows = {f"k{n:02}": {"label": "A"} for n in range(20)}
    things(session, path, **rows)
    things(session, path, **{key: {**row, "_extra": {name: 1}} for key, row in rows.items()})
    assert session.one_row("SELECT count(*) FROM streak_history.things WHERE _change <> 'insert'") == (0,)


def test_rows_that_somebody_doubled_have_one_version_each(session: Session, path: Path) -> None:
    things(session, path, a={"label": "A"}, b={"label": "B"}, c={"label": "C"}, d={"label": "D"})
    session.execute("INSERT INTO streak.things FROM streak.things")
    session.execute("INSERT INTO streak.things FROM streak.things WHERE key = 'a'")
    things(session, path, a={"label": "A2"}, b={"label": "B"}, d={"label": "D"}, e={"label": "E"})
    assert broken_rules(session, THINGS) == []
    assert [row[:2] for row in versions(session, "c")] == [("insert", "C"), ("delete", "C")]
    assert [row[:2] for row in versions(session)] == [("insert", "A"), ("update", "A2")]


def test_a_row_that_somebody_deleted_comes_again(session: Session, path: Path) -> None:
    for label in "AB":
        things(session, path, a={"label": label}, b={"label": label})
    session.execute("DELETE FROM streak.things WHERE key = 'a'")
    things(session, path, a={"label": "B"}, b={"label": "B"})
    present = "SELECT key, _change FROM streak_history.things WHERE _valid_to IS NULL ORDER BY key"
    assert session.execute(present).fetchall() == [("a", "insert"), ("always", "insert"), ("b", "update")]


def test_a_table_that_somebody_dropped_begins_anew(session: Session, path: Path) -> None:
    for facts in ({"a": {"label": "A"}, "b": {}}, {"a": {"label": "B"}}):
        things(session, path, **facts)
    session.execute("DROP TABLE streak.things")
    things(session, path, a={"label": "C"}, b={})
    things(session, path, a={"label": "D"}, b={})
    present = "SELECT key, _change FROM streak_history.things WHERE _valid_to IS NULL ORDER BY key"
    assert session.execute(present).fetchall() == [("a", "update"), ("always", "insert"), ("b", "insert")]


def test_a_row_that_returns_while_history_is_off_is_present(session: Session, path: Path) -> None:
    things(session, path, a={"label": "A"})
    things(session, path)
    refreshed(session, THINGS, path, answered({"a": {"label": "B"}}), keeping=Keeping(versions=False))
    things(session, path, a={"label": "C"})
    assert [row[:2] for row in versions(session)] == [
        ("insert", "A"), ("delete", "A"), ("insert", "B"), ("update", "C"),
    ]  # fmt: skip
    assert broken_rules(session, THINGS) == []


def test_columns_that_emptied_between_two_runs_at_once_are_changes(session: Session, path: Path) -> None:
    """The rows of the run that publishes last were answered before the other one published."""
    rows = {f"k{n:02}": {"label": "A", "_extra": {"x": 1}} for n in range(30)}
    earlier = answered({key: {} if key < "k12" else row for key, row in rows.items()}, back=True)
    modes = replace(THINGS, endpoint=Endpoint("v1/things", changed_since=ChangedSince("after", "saved")))
    refreshed(session, modes, path, answered(rows))
    refreshed(session, modes, path, earlier)
    assert versions(session, "k01")[-1][2] == ["label", "_extra"]


def made_again(label: str, further: str) -> list[str]:
    """Statements that make the table otherwise, with its rows."""
    columns = (
        f"key VARCHAR NOT NULL, {label}, count BIGINT, saved TIMESTAMPTZ, entries JSON, overdue BIGINT, "
        f"_synced_at TIMESTAMPTZ NOT NULL, _extra JSON{further}"
    )
    return [
        "CREATE TABLE streak.other AS FROM streak.things",
        "DROP TABLE streak.things",
        f"CREATE TABLE streak.things ({columns})",
        "INSERT INTO streak.things FROM streak.other",
    ]


MADE_BY_OTHERS = {
    "a column that is never NULL": ["ALTER TABLE streak.things ADD COLUMN mine VARCHAR",
        "UPDATE streak.things SET mine = 'x'", "ALTER TABLE streak.things ALTER mine SET NOT NULL"],
    "a column of ours that is never NULL": ["ALTER TABLE streak.things ALTER label SET NOT NULL"],
    "a unique index of a label": ["CREATE UNIQUE INDEX by_label ON streak.things (label)"],
    "a unique index of the key": ["CREATE UNIQUE INDEX by_key ON streak.things (key)"],
    "a primary key": ["ALTER TABLE streak.things ADD PRIMARY KEY (key)"],
    "another primary key": ["ALTER TABLE streak.things ADD PRIMARY KEY (label)"],
    "a generated column": made_again("label VARCHAR", ", loud VARCHAR GENERATED ALWAYS AS (upper(label))"),
    "a check": made_again("label VARCHAR CHECK (label < 'B')", ""),
    "columns in capitals": ["ALTER TABLE streak.things RENAME label TO LABEL",
        "ALTER TABLE streak.things RENAME key TO KEY"],
    "columns called as ours within": [f"ALTER TABLE streak.things ADD COLUMN {name} BIGINT DEFAULT 7"
        for name in ("now_id", "was_id", "rowid", "moment", "change", "was", "own", "since", "_valid_from")],
    "a column with quotes in its name": ['ALTER TABLE streak.things ADD COLUMN "it\'s ""one""" BIGINT'],
}  # fmt: skip


@pytest.mark.parametrize("made", MADE_BY_OTHERS)
def test_what_others_made_of_a_table_stops_no_publication(session: Session, path: Path, made: str) -> None:
    things(session, path, a={"label": "A"}, b={"label": "AB"}, c={"label": "AC"}, always={"label": "AD"})
    session.execute("UPDATE streak.things SET label = 'AE' WHERE key = 'always'")
    for statement in MADE_BY_OTHERS[made]:
        session.execute(statement)
    for labels in ({"a": "A", "b": "C", "c": "C", "d": None}, {"a": "A2", "c": "C", "d": "A2", "e": "A2"}):
        things(session, path, **{key: {"label": label} for key, label in labels.items()})
        assert dict(session.execute("SELECT key, label FROM streak.things").fetchall()) == {
            **labels,
            "always": None,
        }
        assert broken_rules(session, THINGS, own_columns=True) == []


PEOPLE = replace(THINGS, columns=(*THINGS.columns, text("email", "Of a person.", personal=True)))


@pytest.mark.parametrize("is_remembered", [True, False])
def test_nothing_is_plain_in_the_past_once_personal_data_is_hashed(
    session: Session, path: Path, is_remembered: bool
) -> None:
    """Also not of rows that change, or go, in the refresh by which they are hashed."""

    def refresh(hashed_by: str | None, **rows: dict[str, Any]) -> None:
        refreshed(session, PEOPLE, path, answered(rows), hashed_by=hashed_by)
        if is_remembered or hashed_by:
            remember_form(session, PEOPLE, hashed_by, ())

    refresh(
        None,
        a={"email": "ann@x.org"},
        b={"email": "bob@x.org"},
        c={"email": "cy@x.org", "_extra": {"m": "c@x"}},
    )
    refresh(None, a={"email": "ann@x.org", "count": 1}, b={"email": "bob@x.org"}, c={"email": "cy@x.org"})
    refresh("key", a={"email": "1f", "count": 2}, b={"email": "2f"})
    kept = session.execute("SELECT * FROM streak_history.things").fetchall()
    assert "x.org" not in str(kept)
    assert "c@x" not in str(kept)
    assert [(row[0], row[2]) for row in versions(session, "a")][1:] == [("update", ["count"])] * 2
    assert [row[0] for row in versions(session, "b")] == ["insert"]
    refresh("other", a={"email": "3f", "count": 3}, b={"email": "4f"})
    assert "1f" not in str(session.execute("SELECT * FROM streak_history.things").fetchall())
    refresh(None, a={"email": "ann@x.org", "count": 3}, b={"email": "bob@x.org"})
    assert [row[0] for row in versions(session, "b")] == ["insert"]
    assert broken_rules(session, PEOPLE) == []


def test_a_column_that_is_left_out_and_comes_again_makes_no_version(session: Session, path: Path) -> None:
    rows = {f"k{n:02}": {"label": "A", "count": n} for n in range(3)}
    for left_out in ((), ("count",), ("count",), ()):
        refreshed(session, THINGS, path, answered(rows), left_out=left_out)
        remember_form(session, THINGS, None, left_out)
        assert session.one_row("SELECT count(count) FROM streak.things")[0] == (0 if left_out else 3)
    assert session.one_row("SELECT count(*) FROM streak_history.things") == (4,)


def test_rows_that_were_answered_by_a_clock_that_was_put_back_are_there_at_once(
    session: Session, path: Path
) -> None:
    things(session, path, a={"label": "A"})
    ahead = [{**row, "_synced_at": row["_synced_at"] + 3_600_000} for row in answered({"a": {"label": "B"}})]
    refreshed(session, THINGS, path, ahead)
    assert as_of(session, THINGS, "now()", "label") == [("B",), (None,)]
    things(session, path, a={"label": "C"})
    assert broken_rules(session, THINGS) == []
