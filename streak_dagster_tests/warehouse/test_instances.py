"""One instance of DuckDB serves all openings of a run, and between two of them the file is nobody's."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import pytest

from streak_dagster.errors import DatabaseLockedError, DatabaseUnusableError
from streak_dagster.warehouse import instances
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.instances import kept_instances

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streak_dagster.warehouse.session import Session


class _BrokenError(Exception):
    pass


@pytest.fixture(params=["crm", "streak", "memory", "main"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    made = Database(str(tmp_path / f"{request.param}.duckdb"), lock_wait=0.0)
    with made.transaction() as session:
        session.execute("CREATE SCHEMA streak")
        session.execute("CREATE TABLE streak.teams AS SELECT 1 AS key")
    return made


@pytest.fixture(autouse=True)
def block() -> Iterator[ExitStack]:
    """The block of a run, which a test may end."""
    with ExitStack() as stack:
        stack.enter_context(kept_instances())
        yield stack


def add(session: Session) -> None:
    session.execute(f"INSERT INTO {session.qualified('teams')} VALUES (2)")


def count(database: Database) -> int:
    with database.connect(read_only=True) as session:
        return int(session.one_row(f"SELECT count(*) FROM {session.qualified('teams')}")[0])


def setting(session: Session, name: str) -> object:
    return session.one_row(f"SELECT current_setting('{name}')")[0]


def test_what_is_committed_is_there_and_nothing_else(database: Database) -> None:
    with database.transaction() as session:
        add(session)
    assert count(database) == 2
    with suppress(_BrokenError), database.transaction() as session:
        add(session)
        raise _BrokenError
    assert count(database) == 2
    assert [each.name for each in database.path.parent.iterdir()] == [database.path.name]


def test_it_is_one_instance(database: Database) -> None:
    if database.catalog == "memory":
        pytest.skip("an instance has a database of that name, so the file gets one of its own each time")
    with database.connect(read_only=True):
        first = instances._kept[database.path].holder
    with database.transaction() as session:
        add(session)
    assert instances._kept[database.path].holder is first


def leave(database: Database, word: str) -> object:
    """Write, and leave word. Returns what word there was."""
    with database.transaction() as session:
        add(session)
        session.leaves = {"word": word}
        return session.known.get("word")


def test_a_writer_leaves_word_for_the_next_one(database: Database, block: ExitStack) -> None:
    kept = database.catalog != "memory"
    assert leave(database, "first") is None
    count(database)  # who reads takes nothing away
    assert leave(database, "second") == ("first" if kept else None)
    block.close()
    assert leave(database, "third") is None


def test_word_that_may_be_of_yesterday_is_forgotten(database: Database) -> None:
    leave(database, "before another process wrote")
    write_elsewhere(database)
    assert leave(database, "before one that says nothing") is None
    with database.transaction() as session:
        add(session)
    assert leave(database, "before one that failed") is None
    with suppress(_BrokenError), database.transaction() as session:
        session.leaves = {"word": "of what never was"}
        raise _BrokenError
    assert leave(database, "before two at once") is None
    with database.connect(), database.transaction() as session:
        session.leaves = {"word": "of one of two"}
    assert leave(database, "") is None


def write_elsewhere(database: Database) -> None:
    writes = (
        f"import duckdb; c = duckdb.connect(); c.execute(\"ATTACH '{database.path}' AS file\"); "
        "c.execute('INSERT INTO file.streak.teams VALUES (3)')"
    )
    subprocess.run([sys.executable, "-c", writes], check=True, timeout=60)


def test_another_process_may_write_between_two_sessions(database: Database) -> None:
    count(database)
    with database.transaction() as session:
        add(session)
    write_elsewhere(database)
    assert count(database) == 3


def test_each_session_begins_with_the_settings_of_a_new_instance(database: Database, tmp_path: Path) -> None:
    names = ("memory_limit", "threads", "preserve_insertion_order", "temp_directory", "TimeZone")
    with Database(str(tmp_path / "other.duckdb")).connect() as session:
        new = [setting(session, name) for name in names]
    new[3] = f"{database.path}.tmp"
    for _ in range(2):
        with database.connect(read_only=True) as session:
            assert [setting(session, name) for name in names] == new
        with database.transaction() as session:
            assert setting(session, "threads") == 1
            add(session)


def test_sessions_share_a_file_that_all_of_them_read(database: Database) -> None:
    with database.connect(read_only=True) as session, ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: count(database), range(20))) == [1] * 20
        assert session.has_table("teams")
    assert count(database) == 1


def test_who_writes_has_it_alone(database: Database) -> None:
    with database.transaction(), pytest.raises(DatabaseLockedError, match="this process"):
        count(database)
    with database.connect(read_only=True), pytest.raises(DatabaseLockedError), database.transaction():
        pass
    assert count(database) == 1


def test_a_session_may_outlive_the_block(database: Database, block: ExitStack) -> None:
    with database.connect(read_only=True) as session:
        block.close()
        assert session.has_table("teams")
        assert not instances._kept
    assert not instances._sessions
    with database.transaction() as session:
        add(session)
    assert count(database) == 2
    assert not instances._kept


def test_what_is_no_database_is_said_as_otherwise(tmp_path: Path) -> None:
    other = Database(str(tmp_path / "crm.duckdb"), lock_wait=0.0)
    other.path.write_text("no database" * 1000)
    with pytest.raises(DatabaseUnusableError, match="can't open"), other.connect(read_only=True):
        pass
    assert not instances._kept


def test_a_new_file_is_made(tmp_path: Path) -> None:
    new = Database(str(tmp_path / "crm.duckdb"), lock_wait=0.0)
    with new.transaction() as session:
        session.execute("CREATE SCHEMA streak")
        session.execute("CREATE TABLE streak.teams AS SELECT 1 AS key")
    assert count(new) == 1


def read_soon_again(database: Database) -> None:
    with database.connect(read_only=True, soon_again=True) as session:
        assert session.has_table("teams")
        session.execute("SET threads = 1")


def test_what_is_read_soon_again_lingers_for_a_moment(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.catalog == "memory":
        pytest.skip("an instance has a database of that name, so the file gets one of its own each time")
    monkeypatch.setattr(instances, "LINGERS", 60.0)
    read_soon_again(database)
    instance = instances._kept[database.path]
    assert instance.lingers
    with database.connect(read_only=True) as session:
        assert setting(session, "threads") != 1 or os.cpu_count() == 1
    assert not instance.lingers
    read_soon_again(database)
    with database.transaction() as session:  # of this process, it waits for nobody
        add(session)
    read_soon_again(database)
    with database.still() as path:
        assert path == database.path
    monkeypatch.setattr(instances, "LINGERS", 0.01)
    read_soon_again(database)
    deadline = time.monotonic() + 30
    while instance.lingers:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    write_elsewhere(database)
    assert count(database) == 3


def test_nothing_lingers_behind_the_block(database: Database, block: ExitStack) -> None:
    read_soon_again(database)
    block.close()
    write_elsewhere(database)
    read_soon_again(database)
    write_elsewhere(database)
    assert count(database) == 3
