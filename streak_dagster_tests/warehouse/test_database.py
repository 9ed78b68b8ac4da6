"""Opening the database: refused where it can't be, waited for where another process holds it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from streak_dagster.errors import DatabaseLockedError, DatabaseUnusableError
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.processes import process, says
from streak_dagster_tests.support.spools import THINGS, execute, publish_rows, query
from streak_dagster_tests.support.waiting import MAX_WAIT

WORKER = "streak_dagster_tests.support.workers.publisher"


def test_a_lock_is_waited_for_and_said_once(database: Database) -> None:
    said: list[str] = []
    with process(WORKER, "hold", database.path) as holder:
        says(holder, "held")

        def release(line: str) -> None:
            said.append(line)
            assert holder.stdin is not None
            holder.stdin.close()

        with database.connect(read_only=True, report=release) as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
        assert len(said) == 1
        assert f"held by process {holder.pid}" in said[0]
        assert "up to 60 s" in said[0]


@pytest.mark.parametrize("read_only", [False, True])
def test_after_the_limit_the_error_names_the_holder(database: Database, read_only: bool) -> None:
    impatient = Database(database.location, lock_wait=0.3)
    with process(WORKER, "hold", database.path) as holder:
        says(holder, "held")
        began = time.monotonic()
        with pytest.raises(DatabaseLockedError) as failed, impatient.connect(read_only=read_only):
            pass
        assert time.monotonic() - began >= 0.3
    assert f"held by process {holder.pid} (python" in str(failed.value)
    assert str(database.path) in str(failed.value)


def test_many_may_read_at_once(database: Database) -> None:
    publish_rows(database, THINGS, [])
    with database.connect(read_only=True), Database(database.location).connect(read_only=True) as second:
        assert second.execute("SELECT count(*) FROM streak.things").fetchone() == (0,)


@pytest.mark.parametrize(
    "content",
    [b"x", b"key,name\n1,a\n", b"SQLite format 3\0" + b"\0" * 5000, b"\0" * 9000],
    ids=["a letter", "CSV", "SQLite", "zeros"],
)
def test_a_file_that_isnt_duckdb_is_refused_and_unchanged(database: Database, content: bytes) -> None:
    database.path.write_bytes(content)
    with pytest.raises(DatabaseUnusableError, match="isn't a DuckDB database; it was left as it is"):
        database.check()
    with pytest.raises(DatabaseUnusableError), database.connect():
        pass
    assert database.path.read_bytes() == content


@pytest.mark.parametrize("damaged", [100, 12288 + 100], ids=["header", "block"])
def test_a_damaged_database_is_named_at_once_and_not_taken_for_locked(
    database: Database, damaged: int
) -> None:
    execute(database, "CREATE TABLE t AS SELECT range AS a FROM range(100000)")
    content = bytearray(database.path.read_bytes())
    content[damaged] ^= 255
    database.path.write_bytes(content)
    patient = Database(database.location, lock_wait=10 * MAX_WAIT)
    with pytest.raises(DatabaseUnusableError, match="checksum"), patient.connect(report=pytest.fail):
        pass
    assert database.path.read_bytes() == content


def test_a_folder_named_like_a_lock_isnt_taken_for_one(tmp_path: Path) -> None:
    folder = tmp_path / "locks" / "held.duckdb"
    folder.mkdir(parents=True)
    with pytest.raises(DatabaseUnusableError, match="directory"), Database(str(folder)).connect():
        pass


def test_a_path_that_is_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusableError, match=r"can't be opened for writing.*directory"):
        Database(str(tmp_path)).check()


def test_a_folder_that_cant_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("I am a file")
    for location in (tmp_path / "file" / "db.duckdb", tmp_path / "file" / "deeper" / "db.duckdb"):
        with pytest.raises(DatabaseUnusableError, match=f"{tmp_path / 'file'}.*STREAK_DUCKDB_PATH"):
            Database(str(location)).check()
    assert (tmp_path / "file").read_text() == "I am a file"


def test_the_check_makes_the_folder_but_no_file(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "new" / "folder" / "db.duckdb"))
    database.check()
    assert list((tmp_path / "new" / "folder").iterdir()) == []
    assert not database.exists()


def test_an_empty_file_is_as_good_as_none(database: Database) -> None:
    """``touch`` makes one, and so does a first publication that is killed as it begins."""
    database.path.touch()
    database.check()
    assert not database.exists()
    assert publish_rows(database, THINGS, [{"key": "a"}]).rows == 1
    assert database.exists()


def test_an_empty_file_that_another_process_is_filling_isnt_taken_from_it(database: Database) -> None:
    impatient = Database(database.location, lock_wait=0.2)
    with process(WORKER, "hold", database.path) as holder:
        says(holder, "held")
        os.truncate(database.path, 0)  # as it is in the moment between open and write
        with pytest.raises(DatabaseLockedError), impatient.connect():
            pass
        assert database.path.exists()


def test_a_second_connection_of_a_process_leaves_the_lock_of_the_first(database: Database) -> None:
    """To open and close the file itself would take the lock away, for all that the process does with it."""
    attempt = [sys.executable, "-c", "import duckdb, sys; duckdb.connect(sys.argv[1])", str(database.path)]
    with database.connect():
        with database.connect():
            pass
        other = subprocess.run(attempt, capture_output=True, text=True, check=False)
    assert "Conflicting lock is held" in other.stderr


def test_a_user_of_the_file_in_the_same_process_isnt_in_the_way(database: Database) -> None:
    publish_rows(database, THINGS, [])
    with duckdb.connect(str(database.path)) as users:
        assert publish_rows(database, THINGS, [{"key": "a"}]).rows == 1
        assert users.execute("SELECT count(*) FROM streak.things").fetchone() == (1,)
        impatient = Database(database.location, lock_wait=0.1)
        with pytest.raises(DatabaseLockedError, match="another connection of this process"):
            query(impatient, "SELECT 1")


def test_a_failed_transaction_leaves_nothing_of_it(database: Database) -> None:
    execute(database, "CREATE TABLE t (a INTEGER)")
    with pytest.raises(ZeroDivisionError), database.transaction() as session:  # noqa: PT012
        session.execute("INSERT INTO t VALUES (1)")
        session.execute("CREATE TABLE u (a INTEGER)")
        raise ZeroDivisionError
    assert query(database, "SELECT count(*) FROM t") == [(0,)]
    assert query(database, "SELECT table_name FROM duckdb_tables()") == [("t",)]


def test_a_new_file_is_one_that_the_oldest_duckdb_of_the_range_reads(database: Database) -> None:
    with database.transaction() as session:
        session.execute("CREATE TABLE t (a INTEGER)")
    assert storage_version(database) == 67, "the newest that DuckDB 1.4 takes"


def storage_version(database: Database) -> int:
    return int.from_bytes(database.path.read_bytes()[12:20], "little")


def test_times_are_read_in_utc(database: Database) -> None:
    execute(database, "CREATE TABLE t (a INTEGER)")
    with database.connect() as session:
        assert session.execute("SELECT make_timestamptz(0)::VARCHAR").fetchone() == (
            "1970-01-01 00:00:00+00",
        )


def test_a_database_name_with_a_home_folder_is_expanded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Database("~/db.duckdb").path == tmp_path / "db.duckdb"


@pytest.mark.parametrize(
    ("location", "catalog", "folder"),
    [
        ("md:crm", "crm", "md_crm.spool"),
        ("md:crm?token=s3cret", "crm", "md_crm.spool"),
        ("motherduck:crm", "crm", "motherduck_crm.spool"),
        ("md:", "", "md_.spool"),
        ("md:../../etc", "../../etc", "md_etc.spool"),
    ],
)
def test_refreshes_of_a_motherduck_database_wait_below_data(
    location: str, catalog: str, folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database(location)
    assert not database.is_file
    assert database.catalog == catalog
    assert database.spool_root == tmp_path / "data" / folder
    database.check()
    assert [path.name for path in tmp_path.rglob("*")] == ["data"]


@pytest.mark.parametrize(
    ("location", "version", "lines"),
    [
        ("md:crm", "2.0.1", 1),
        ("md:crm", "1.3.2", 1),
        ("md:crm", "1.4.0", 0),
        ("md:crm", "1.5.6", 0),
        ("crm.duckdb", "2.0.1", 0),
    ],
)
def test_a_duckdb_that_motherduck_doesnt_take_is_said(
    location: str, version: str, lines: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(duckdb, "__version__", version)
    said: list[str] = []
    Database(location).check(said.append)
    assert len(said) == lines
    assert all("pip install 'streak_dagster[motherduck]'" in line and version in line for line in said)


def test_refreshes_of_a_file_wait_beside_it(database: Database) -> None:
    assert database.is_file
    assert database.catalog == "crm"
    assert database.spool_root == database.path.with_name("crm.duckdb.spool")


@pytest.mark.parametrize(
    "name",
    [
        "streak.duckdb",
        "a.b.duckdb",
        "plain",
        ".hidden.db",
        "..x.db",
        "main.db",
        "temp.db",
        "memory.db",
        "A b",
    ],
)
def test_the_catalog_is_the_name_that_duckdb_gives_the_file(tmp_path: Path, name: str) -> None:
    database = Database(str(tmp_path / name))
    with duckdb.connect(str(database.path)) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == (database.catalog,)
