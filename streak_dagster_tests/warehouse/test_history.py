"""Versions of rows: for any stream of publications, history gives back what was published at each moment."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.errors import PublishRefusedError
from streak_dagster.tables import Table
from streak_dagster.tables.columns import text
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import select_spool
from streak_dagster.warehouse.history import Keeping
from streak_dagster.warehouse.publish import publish
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support.spools import LARGEST, THINGS, execute, query, spool
from streak_dagster_tests.support.versions import as_of, broken_rules, compared_columns

Row = dict[str, Any]

FACTS = st.fixed_dictionaries(
    {"label": st.sampled_from(["A", "B", None]), "_extra": st.sampled_from([{"n": 1}, {"n": 2}])},
    optional={"count": st.integers(0, 1), "entries": st.sampled_from([[1], [{"timeInStageMs": 5}]])},
)
REFRESH = st.fixed_dictionaries(
    {
        "rows": st.dictionaries(st.sampled_from("abcd"), FACTS),
        "kept": st.sets(st.sampled_from("abcd"), max_size=2),
        "declared": st.sampled_from(["as it is", "as it is", "without count", "with a name"]),
        "fails": st.sampled_from([False, False, False, True]),
        "moves_back": st.booleans(),
    }
)
ALWAYS = {"key": "always", "_extra": {"n": 0}}
"""A row that shows that the member of ``_extra`` is one that Streak sends."""
DECLARED = {
    "as it is": THINGS,
    "without count": replace(THINGS, columns=tuple(c for c in THINGS.columns if c.name != "count"),
                             preview=("key",)),
    "with a name": replace(THINGS, columns=(*THINGS.columns, text("name", "What it's called."))),
}  # fmt: skip


def answered(rows: dict[str, Row], *, back: bool = False) -> list[Row]:
    """The rows as Streak answers with them now; or an hour ago, by a clock that was put back since."""
    now = time.time_ns() // 1_000_000 - (3_600_000 if back else 0)
    sent = [*({"key": key, **facts} for key, facts in rows.items()), ALWAYS]
    return [{"overdue": now, **row, "_synced_at": now} for row in sent]


def refreshed(session: Session, table: Table, path: Path, rows: list[Row], **more: Any) -> None:
    declared = {column.name for column in table.all_columns}
    written = spool(path, [{k: v for k, v in row.items() if k in declared} for row in rows])
    session.execute("BEGIN")
    publish(session, table, select_spool(table, written, LARGEST), **more)
    for column in table.columns:  # as every publication remembers them
        session.execute(
            "INSERT INTO streak_meta.columns SELECT ?, ?, 0, 0, now(), NULL, NULL", [table.name, column.name]
        )
    session.execute("COMMIT")


def moment_after(session: Session) -> str:
    """The present moment as SQL, and a later one has come when this returns."""
    (now,) = session.one_row("SELECT get_current_timestamp()::VARCHAR")
    time.sleep(0.002)
    return f"'{now}'::TIMESTAMPTZ"


@given(refreshes=st.lists(REFRESH, min_size=1, max_size=6))
@settings(deadline=None, max_examples=25)
def test_history_as_of_each_refresh_is_what_was_published_then(
    tmp_path_factory: pytest.TempPathFactory, refreshes: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("stream") / "rows.jsonl"
    columns = "key, label, saved, entries, nullif(json_merge_patch(_extra, '{\"count\": null}'), '{}')"
    published = []
    with duckdb.connect() as connection:
        session = Session(connection)
        for each in refreshes:
            table, rows = DECLARED[each["declared"]], answered(each["rows"], back=each["moves_back"])
            if each["fails"]:
                with suppress(PublishRefusedError):
                    refreshed(session, table, path, [*rows, {"label": "no key"}])
                session.execute("ROLLBACK")
            else:
                refreshed(session, table, path, rows, keep=sorted(each["kept"]))
            if session.has_table("things"):
                now = session.execute(f"SELECT {columns} FROM streak.things ORDER BY ALL").fetchall()
                published.append((moment_after(session), now))
                assert broken_rules(session, table) == []
        for moment, then in published:
            assert as_of(session, THINGS, moment, columns) == then


def things(session: Session, path: Path, **rows: Row) -> None:
    refreshed(session, THINGS, path, answered(rows))


@pytest.fixture
def session() -> Any:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield Session(connection)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.jsonl"


def versions(session: Session, key: str = "a") -> list[tuple[Any, ...]]:
    return session.execute(
        "SELECT _change, label, _changed, _valid_to IS NULL FROM streak_history.things "
        "WHERE key = ? ORDER BY _valid_from",
        [key],
    ).fetchall()


def test_a_row_that_changes_goes_and_returns_has_a_version_for_each(session: Session, path: Path) -> None:
    for facts in ({"a": {"label": "A"}}, {"a": {"label": "B", "count": 1}}, {}, {"a": {"label": "C"}}):
        things(session, path, **facts)
    assert versions(session) == [
        ("insert", "A", None, False),
        ("update", "B", ["label", "count"], False),
        ("delete", "B", None, False),
        ("insert", "C", None, True),
    ]
    assert broken_rules(session, THINGS) == []


def test_what_moves_by_the_clock_alone_is_in_the_table_and_no_version(session: Session, path: Path) -> None:
    things(session, path, a={"label": "A", "overdue": 1, "entries": [{"timeInStageMs": 1}]})
    things(session, path, a={"label": "A", "overdue": 2, "entries": [{"timeInStageMs": 2}]})
    now = "SELECT overdue, entries->0->>'timeInStageMs' FROM {}.things WHERE key = 'a'"
    assert session.one_row(now.format("streak")) == (2, "2")
    assert session.one_row(now.format("streak_history")) == (2, "2")


def test_a_version_begins_when_streak_answered_with_it_and_says_when_it_was_seen_before(
    session: Session, path: Path
) -> None:
    answers = path.with_name("answers.jsonl")

    def refresh(label: str) -> int:
        moment_after(session)
        now = time.time_ns() // 1_000_000
        answers.write_text(f'{{"parent": "", "token": "0", "at": {now}, "confirmed_gone": []}}\n')
        refreshed(session, THINGS, path, answered({"a": {"label": label}}), answers=answers)
        return now

    first, second, third = refresh("A"), refresh("A"), refresh("B")
    rows = session.execute(
        "SELECT epoch_ms(_valid_from), epoch_ms(_seen_before) FROM streak_history.things "
        "WHERE key = 'a' ORDER BY 1"
    ).fetchall()
    assert first <= rows[0][0] < second
    assert rows[1][0] >= third
    assert (rows[0][1], rows[1][1]) == (None, second)


def test_a_property_that_streak_begins_to_send_makes_no_versions(session: Session, path: Path) -> None:
    rows: dict[str, Row] = {f"k{n:02}": {"label": "A", "_extra": {"old": n}} for n in range(40)}
    things(session, path, **rows)
    more = {key: {**row, "count": 1, "_extra": {**row["_extra"], "new": 1}} for key, row in rows.items()}
    more["k07"]["label"] = "B"
    things(session, path, **more)
    changed = "SELECT key, _changed FROM streak_history.things WHERE _change <> 'insert' ORDER BY ALL"
    assert session.execute(changed).fetchall() == [("k07", ["label"])]
    assert session.one_row("SELECT count(*) FROM streak.things WHERE count = 1") == (40,)
    things(session, path, **rows)  # and ceases to
    assert len(session.execute(changed).fetchall()) == 2


def test_a_property_that_some_rows_get_makes_versions_of_them(session: Session, path: Path) -> None:
    rows: dict[str, Row] = {f"k{n:02}": {"label": "A"} for n in range(40)}
    things(session, path, **rows)
    things(
        session,
        path,
        **{**rows, "k01": {"label": "A", "count": 1}, "k02": {"label": "A", "_extra": {"x": 1}}},
    )
    assert [versions(session, key)[-1][2] for key in ("k01", "k02", "k03")] == [["count"], ["_extra"], None]


def test_an_idle_publication_writes_no_row(session: Session, path: Path) -> None:
    things(session, path, a={"label": "A"}, b={"label": "B"})
    before = session.execute("SELECT rowid, * EXCLUDE overdue FROM streak.things ORDER BY key").fetchall()
    moment_after(session)
    rows = [{**row, "overdue": None} for row in answered({"a": {"label": "A"}, "b": {"label": "B"}})]
    refreshed(session, THINGS, path, rows)
    before_again = session.execute("SELECT rowid, * EXCLUDE overdue FROM streak.things ORDER BY key")
    first = before_again.fetchall()
    refreshed(session, THINGS, path, [{**row, "_synced_at": row["_synced_at"] + 9} for row in rows])
    second = session.execute("SELECT rowid, * EXCLUDE overdue FROM streak.things ORDER BY key").fetchall()
    assert [row[1:] for row in first] == [row[1:] for row in before]
    assert second == first


def test_what_users_added_to_a_table_stays(session: Session, path: Path) -> None:
    things(session, path, a={"label": "A"}, b={"label": "B"}, c={"label": "C"})
    (was,) = session.one_row("SELECT table_oid FROM duckdb_tables() WHERE table_name = 'things'")
    for statement in (
        "ALTER TABLE streak.things ADD COLUMN mine VARCHAR DEFAULT 'new'",
        "UPDATE streak.things SET mine = upper(key)",
        "CREATE UNIQUE INDEX by_key ON streak.things (key)",
        "CREATE INDEX by_label ON streak.things (label)",
        "CREATE VIEW theirs AS SELECT key, mine FROM streak.things",
    ):
        session.execute(statement)
    things(session, path, a={"label": "AA"}, b={"label": "B", "overdue": 7}, d={"label": "D"})
    assert session.execute("SELECT * FROM theirs ORDER BY key").fetchall() == [
        ("a", "A"), ("always", "ALWAYS"), ("b", "B"), ("d", "new"),
    ]  # fmt: skip
    # A user's ALTER and its like give a table another number; ours don't.
    refreshed(session, DECLARED["with a name"], path, answered({"a": {"label": "A", "name": "N"}}))
    assert list(session.columns("things"))[-4:] == ["name", "_synced_at", "_extra", "mine"]
    assert session.execute("SELECT mine FROM theirs WHERE key = 'a'").fetchall() == [("A",)]
    indexes = session.execute("SELECT index_name FROM duckdb_indexes() ORDER BY 1").fetchall()
    assert indexes == [("by_key",), ("by_label",)]
    assert was


def test_a_publication_leaves_the_table_the_one_it_was(session: Session, path: Path) -> None:
    identity = "SELECT table_oid FROM duckdb_tables() WHERE schema_name = 'streak'"
    things(session, path, a={"label": "A"})
    was = session.execute(identity).fetchall()
    things(session, path, a={"label": "B"}, b={"label": "B"})
    things(session, path, b={"label": "B"})
    assert session.execute(identity).fetchall() == was


def test_a_column_that_is_no_longer_declared_is_kept_in_the_versions_that_had_it(
    session: Session, path: Path
) -> None:
    things(session, path, a={"label": "A", "count": 3})
    things(session, path, a={"label": "B", "count": 4})
    refreshed(session, DECLARED["without count"], path, answered({"a": {"label": "B"}}))
    found = session.execute(
        "SELECT label, _extra->>'count' FROM streak_history.things WHERE key = 'a' ORDER BY _valid_from"
    ).fetchall()
    assert found == [("A", "3"), ("B", None)]


def test_nothing_is_kept_where_history_is_off_and_what_was_kept_stays(session: Session, path: Path) -> None:
    off = Keeping(versions=False)
    refreshed(session, THINGS, path, answered({"a": {"label": "A"}}), keeping=off)
    refreshed(session, THINGS, path, answered({"a": {"label": "B"}}), keeping=off)
    assert (
        session.execute("SELECT 1 FROM duckdb_views() WHERE schema_name = 'streak_history'").fetchall() == []
    )
    assert session.execute("SELECT 1 FROM duckdb_tables() WHERE table_name LIKE 'past%'").fetchall() == []
    things(session, path, a={"label": "C"})
    refreshed(session, THINGS, path, answered({"a": {"label": "D"}}), keeping=off)
    assert [row[:2] for row in versions(session)] == [("insert", "B"), ("update", "D")]


def test_versions_are_kept_for_so_many_days_after_their_end(session: Session, path: Path) -> None:
    for label in "AB":
        things(session, path, a={"label": label})
    session.execute("UPDATE streak_meta.past_things SET _valid_to = now() - INTERVAL 3 DAY")
    things(session, path, a={"label": "C"})
    assert [row[1] for row in versions(session)] == ["A", "B", "C"]
    refreshed(session, THINGS, path, answered({"a": {"label": "C"}}), keeping=Keeping(days=2))
    assert [row[1] for row in versions(session)] == ["B", "C"]


def test_what_another_account_had_there_is_no_history_of_this_one(session: Session, path: Path) -> None:
    for label in "AB":
        things(session, path, a={"label": label})
    refreshed(session, THINGS, path, answered({"a": {"label": "C"}}), anew=True)
    assert [row[:2] for row in versions(session)] == [("insert", "C")]


def test_a_database_of_before_there_was_history_is_taken_over(database: Database, path: Path) -> None:
    then = "TIMESTAMPTZ '2024-05-01 10:00:00+00'"
    columns = ", ".join(f"{c.name} {c.type.value}" for c in THINGS.all_columns)
    execute(
        database,
        "CREATE SCHEMA streak",
        f"CREATE TABLE streak.things ({columns.replace('key VARCHAR', 'key VARCHAR NOT NULL')})",
        f"INSERT INTO streak.things (key, label, _synced_at) VALUES ('a', 'A', {then}), ('b', 'B', {then})",
        "ALTER TABLE streak.things ALTER _synced_at SET NOT NULL",
    )
    with database.connect() as session:
        refreshed(session, THINGS, path, answered({"a": {"label": "A2"}, "b": {"label": "B"}}))
        assert broken_rules(session, THINGS) == []
    first = f"SELECT key, label, _change FROM streak_history.things WHERE _valid_from = {then} ORDER BY key"
    assert query(database, first) == [("a", "A", "insert"), ("b", "B", "insert")]


def test_compared_columns_leave_out_what_moves_by_the_clock() -> None:
    assert compared_columns(THINGS) == '"key", "label", "count", "saved", "entries", "_extra"'
