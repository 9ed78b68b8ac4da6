"""A file that is called like a schema: everything in it is there for us, views as well."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import duckdb
import pytest

from streak_dagster.errors import DatabaseLockedError
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.spools import THINGS, publish_rows, query

NAMES = ["streak.duckdb", "Streak.db", "streak_views.duckdb", "streak_meta.duckdb", "streak_history.x.db"]
VIEW = "CREATE OR REPLACE VIEW streak_views.all_things AS SELECT key FROM streak.things"


@pytest.fixture
def named_like_the_schema(tmp_path: Path) -> Database:
    return Database(str(tmp_path / "streak.duckdb"), lock_wait=0.2)


def with_a_view(database: Database) -> Database:
    publish_rows(database, THINGS, [{"key": "a"}])
    with database.transaction() as session:
        session.create_schema("streak_views")
        session.execute(VIEW)
        session.execute("CREATE OR REPLACE VIEW streak_views.again AS FROM streak_views.all_things")
    return database


@pytest.mark.parametrize("name", NAMES)
def test_views_of_a_file_named_like_a_schema_are_made_and_read(name: str, tmp_path: Path) -> None:
    database = with_a_view(Database(str(tmp_path / name)))
    assert query(database, "FROM streak_views.again") == [("a",)]
    assert query(database, "SELECT current_database()") == [("crm",)]
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".jsonl"] == [name]


def test_other_programs_read_the_views_under_another_name_as_the_advice_says(
    named_like_the_schema: Database,
) -> None:
    with_a_view(named_like_the_schema)
    with (
        duckdb.connect(str(named_like_the_schema.path), read_only=True) as connection,
        pytest.raises(duckdb.BinderException, match='Ambiguous reference to catalog or schema "streak"'),
    ):
        connection.execute("FROM streak_views.all_things")
    told = named_like_the_schema.naming_advice
    attach = told[told.index("ATTACH ") : told.index(" AS crm")] + " AS crm"
    with duckdb.connect() as connection:
        connection.execute(attach)
        connection.execute("USE crm")
        assert connection.execute("FROM streak_views.again").fetchall() == [("a",)]
    renamed = named_like_the_schema.path.rename(named_like_the_schema.path.with_name("crm.duckdb"))
    with duckdb.connect(str(renamed), read_only=True) as connection:
        assert connection.execute("FROM streak_views.again").fetchall() == [("a",)]


@pytest.mark.parametrize("location", ["/srv/crm.duckdb", "/srv/streaks.duckdb", "md:crm"])
def test_of_any_other_name_nothing_is_said(location: str) -> None:
    assert Database(location).naming_advice == ""


def test_a_database_of_motherduck_that_is_named_like_a_schema_needs_another_name() -> None:
    assert "md:crm" in Database("md:streak").naming_advice


def test_what_a_killed_writer_committed_is_there(named_like_the_schema: Database) -> None:
    database = with_a_view(named_like_the_schema)
    child = os.fork()
    if not child:
        with database.transaction() as session:
            session.execute("CREATE OR REPLACE VIEW streak_views.late AS FROM streak.things")
            session.execute("COMMIT")
            os._exit(0)
    os.waitpid(child, 0)
    assert database.path.with_name("streak.duckdb.wal").exists()
    assert query(database, "SELECT key FROM streak_views.late") == [("a",)]


def test_a_reader_isnt_let_in_while_this_process_writes_and_the_holder_is_named(
    named_like_the_schema: Database,
) -> None:
    with_a_view(named_like_the_schema)
    with (
        named_like_the_schema.transaction(),
        pytest.raises(DatabaseLockedError, match="another connection of this process"),
        named_like_the_schema.connect(read_only=True),
    ):
        pass
    with named_like_the_schema.connect(read_only=True) as session, pytest.raises(duckdb.Error):
        session.execute("CREATE TABLE streak.other (a INTEGER)")


def test_a_file_that_other_code_of_this_process_has_open_is_shared(named_like_the_schema: Database) -> None:
    publish_rows(named_like_the_schema, THINGS, [])
    with duckdb.connect(str(named_like_the_schema.path)) as users:
        assert publish_rows(named_like_the_schema, THINGS, [{"key": "a"}]).rows == 1
        assert users.execute("SELECT count(*) FROM streak.streak.things").fetchone() == (1,)


def test_many_threads_may_read_and_write_it(named_like_the_schema: Database) -> None:
    database = with_a_view(Database(named_like_the_schema.location, lock_wait=60))
    found: list[tuple[object, ...]] = []

    def read() -> None:
        for _ in range(10):
            found.extend(query(database, "FROM streak_views.all_things"))

    def write(name: str) -> None:
        for number in range(5):
            with database.transaction() as session:
                session.execute(f"CREATE OR REPLACE TABLE main.{name} AS SELECT {number} AS n")

    threads = [threading.Thread(target=read) for _ in range(2)]
    threads += [threading.Thread(target=write, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [("a",)] * 20
    assert query(database, "SELECT one.n, two.n FROM one, two") == [(4, 4)]


def test_what_doesnt_fit_into_memory_goes_beside_the_file(named_like_the_schema: Database) -> None:
    with_a_view(named_like_the_schema)
    with named_like_the_schema.connect() as session:
        assert session.one_row("SELECT current_setting('temp_directory')") == (
            f"{named_like_the_schema.path}.tmp",
        )
