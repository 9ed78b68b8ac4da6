"""Files in a storage version that only a new DuckDB reads: rewritten once, wholly, or left as they are."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest

from streak_dagster.warehouse import storage
from streak_dagster.warehouse.database import Database, _unusable
from streak_dagster_tests.support.spools import THINGS, publish_rows, query

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = [
    "CREATE SCHEMA own",
    "CREATE SEQUENCE own.numbers START 5",
    "CREATE TYPE own.mood AS ENUM ('good', 'bad')",
    "CREATE MACRO own.twice(x) AS x * 2",
    """CREATE TABLE own.parents (
        id INTEGER PRIMARY KEY DEFAULT nextval('own.numbers'), mood own.mood,
        doubled INTEGER GENERATED ALWAYS AS (id * 2) VIRTUAL, CHECK (id > 0))""",
    """CREATE TABLE own.children (
        id INTEGER REFERENCES own.parents (id), code TEXT UNIQUE, data JSON NOT NULL)""",
    "INSERT INTO own.parents (mood) VALUES ('good'), ('bad')",
    "INSERT INTO own.children VALUES (5, 'a', '{\"b\": 1}')",
    "CREATE INDEX moods ON own.parents (mood)",
    "CREATE VIEW own.z AS SELECT * FROM own.parents",
    "CREATE VIEW own.a AS SELECT id FROM streak.own.z",
    "COMMENT ON TABLE own.parents IS 'a table''s'",
    "COMMENT ON COLUMN own.parents.mood IS 'a column''s'",
    "COMMENT ON VIEW own.z IS 'a view''s'",
]


def test_a_newer_file_is_rewritten_once_with_all_that_is_in_it(newer: Callable[..., Database]) -> None:
    database = newer(*KEPT)
    publish_rows(database, THINGS, [{"key": "a"}])
    assert not storage.is_too_new(database.path)
    assert query(database, "FROM own.parents") == [(5, "good", 10), (6, "bad", 12)]
    assert query(database, "FROM own.a") == [(5,), (6,)]
    assert query(database, "SELECT key FROM streak.things") == [("a",)]
    comments = query(
        database,
        "SELECT comment FROM (SELECT comment FROM duckdb_tables() UNION ALL SELECT comment FROM "
        "duckdb_columns() UNION ALL SELECT comment FROM duckdb_views()) WHERE comment LIKE '%''s' ORDER BY 1",
    )
    assert comments == [("a column's",), ("a table's",), ("a view's",)]
    with database.transaction() as session:
        session.execute("INSERT INTO own.parents (mood) VALUES ('good')")
        with pytest.raises(duckdb.ConstraintException):
            session.execute("INSERT INTO own.children VALUES (99, 'b', '1')")
        session.execute("ROLLBACK")
        session.execute("BEGIN")
    names = [path.name for path in database.path.parent.iterdir()]
    assert not [name for name in names if "rewriting" in name or name.endswith(".wal")]


def test_it_is_said_once(newer: Callable[..., Database]) -> None:
    database, said = newer(), list[str]()
    for _ in range(2):
        with database.connect(report=said.append):
            pass
    assert said == ["crm.duckdb was rewritten, so that DuckDB 1.4 and every later one reads it"]


def test_what_a_killed_writer_left_in_the_log_is_in_the_new_file(newer: Callable[..., Database]) -> None:
    database = newer()
    code = (
        "import duckdb, os, sys; connection = duckdb.connect(sys.argv[1]); "
        "connection.execute('CREATE TABLE late AS SELECT 7 AS a'); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(database.path)], check=False).returncode == 9
    assert database.path.with_name("crm.duckdb.wal").exists()
    with database.connect():
        pass
    assert query(database, "FROM late") == [(7,)]
    assert not storage.is_too_new(database.path)


def test_a_file_that_cant_be_copied_stays_and_is_written_all_the_same(newer: Callable[..., Database]) -> None:
    database, said = newer("CREATE TABLE odd AS SELECT 1::VARIANT AS v"), list[str]()
    for _ in range(2):
        with database.connect(report=said.append) as session:
            session.execute("CREATE TABLE IF NOT EXISTS t AS SELECT 1 AS a")
    assert len(said) == 1
    assert "stays as it is" in said[0]
    assert "VARIANT" in said[0]
    assert query(database, "FROM t") == [(1,)]
    assert storage.is_too_new(database.path)
    assert [path.name for path in database.path.parent.iterdir() if "rewriting" in path.name] == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE odd (a TIMESTAMPTZ_NS)",
        "CREATE TABLE odd (a STRUCT(b TIMESTAMPTZ_NS)[])",
        "CREATE VIEW odd AS SELECT now()::TIMESTAMPTZ_NS AS a",
    ],
)
def test_a_type_that_the_oldest_duckdb_doesnt_know_isnt_written_for_it(
    newer: Callable[..., Database], statement: str
) -> None:
    """DuckDB 2.0.1 would write it, and say nothing; DuckDB 1.4 then opens nothing of the file."""
    if ("TIMESTAMPTZ_NS",) not in duckdb.execute("SELECT upper(type_name) FROM duckdb_types()").fetchall():
        pytest.skip("the DuckDB here has no such type")
    database, said = newer(statement), list[str]()
    with database.connect(report=said.append):
        pass
    assert "TIMESTAMPTZ_NS" in said[0]
    assert storage.is_too_new(database.path)


def test_a_file_that_is_open_elsewhere_in_this_process_is_rewritten_another_time(
    newer: Callable[..., Database],
) -> None:
    """Whoever has the old file open would go on writing into a file that nobody sees any more."""
    database, said = newer("CREATE TABLE t AS SELECT 1 AS a"), list[str]()
    with duckdb.connect(str(database.path)) as users:
        with database.connect(report=said.append):
            pass
        users.execute("INSERT INTO t VALUES (2)")
    assert storage.is_too_new(database.path)
    with database.connect(report=said.append):
        pass
    assert not storage.is_too_new(database.path)
    assert query(database, "FROM t") == [(1,), (2,)]
    assert len(said) == 1


@pytest.mark.slow
def test_a_killed_rewrite_leaves_the_old_file_and_the_next_one_is_whole(
    newer: Callable[..., Database],
) -> None:
    database = newer("CREATE TABLE t AS SELECT 1 AS a")
    code = (
        "import os, signal, sys; from streak_dagster.warehouse import storage; "
        "from streak_dagster.warehouse.database import Database; "
        "storage._compare = lambda *_: os.kill(os.getpid(), signal.SIGKILL); "
        "Database(sys.argv[1]).connect().__enter__()"
    )
    done = subprocess.run([sys.executable, "-c", code, str(database.path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert database.path.with_name("crm.duckdb.rewriting").exists()
    assert storage.is_too_new(database.path)
    with database.connect():
        pass
    assert query(database, "FROM t") == [(1,)]
    assert not storage.is_too_new(database.path)
    assert not database.path.with_name("crm.duckdb.rewriting").exists()


@pytest.mark.parametrize("a", ["an", "a"], ids=["DuckDB 1.4", "DuckDB 1.5"])
def test_a_file_that_is_too_new_for_the_duckdb_here_says_to_upgrade(a: str) -> None:
    error = duckdb.IOException(
        "IO Error: Trying to read a database file with version number 999, but we can only read versions "
        f"between 64 and 67.\nThe database file was created with {a} newer version of DuckDB.\n\nNewer"
    )
    said = str(_unusable("/x/crm.duckdb", error))
    assert "A newer DuckDB wrote /x/crm.duckdb" in said
    assert "pip install -U duckdb" in said
    assert "repair" not in said


@pytest.fixture
def newer(database: Database) -> Callable[..., Database]:
    """Makes the file as the newest DuckDB by itself does."""

    def make(*statements: str) -> Database:
        with duckdb.connect(config={"storage_compatibility_version": "latest"}) as maker:
            maker.execute(f"ATTACH '{database.path}' AS streak (STORAGE_VERSION 'latest')")
            maker.execute("CHECKPOINT streak")
            # Before the statements: they may be of a type that only a newer one has.
            if not storage.is_too_new(database.path):
                pytest.skip("the DuckDB here is the oldest of the range")
            maker.execute("USE streak")
            for statement in statements:
                maker.execute(statement)
        return database

    return make
