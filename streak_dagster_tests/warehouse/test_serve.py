"""The copy for readers: whole, of one moment, and in nobody's way; nothing of anybody else is replaced."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from streak_dagster.errors import DatabaseLockedError, DatabaseUnusableError
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.readers_file import remove_copy, remove_unfinished, replace_copy
from streak_dagster_tests.support.processes import process, says
from streak_dagster_tests.support.small_disk import fill, read_only, small_disk
from streak_dagster_tests.support.spools import THINGS, execute, publish_rows, query

WORKER = "streak_dagster_tests.support.workers.asker"
HOLDER = "streak_dagster_tests.support.workers.publisher"
COUNT = "SELECT max(count) FROM streak.things"


def publish(database: Database, count: int) -> None:
    """Every thing has this count now."""
    publish_rows(database, THINGS, [{"key": f"k{number}", "count": count} for number in range(20)])


def asked(path: Path, sql: str = COUNT) -> Any:
    """What somebody finds who opens a file now."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()[0][0]


def asked_of(reader: subprocess.Popen[str], sql: str = COUNT) -> Any:
    assert reader.stdin is not None
    assert reader.stdout is not None
    reader.stdin.write(f"{sql}\n")
    reader.stdin.flush()
    return json.loads(reader.stdout.readline())[0]


def names(database: Database) -> list[str]:
    """What lies in the folder beside the spool of these tests."""
    return sorted(each.name for each in database.path.parent.iterdir() if each.suffix != ".jsonl")


def test_who_keeps_it_open_reads_on_through_ten_refreshes_and_who_comes_sees_the_new_rows(
    database: Database,
) -> None:
    publish(database, 0)
    assert replace_copy(database)
    with process(WORKER, database.served_path) as reader:
        says(reader, "open")
        for number in range(1, 11):
            publish(database, number)
            assert replace_copy(database)
            assert asked_of(reader) == 0
            assert asked(database.served_path) == number
    assert names(database) == ["crm.duckdb", "crm_serve.duckdb", "crm_serve.duckdb.stamp"]


def test_it_has_all_that_the_database_has_and_says_what_it_is(database: Database) -> None:
    publish(database, 1)
    execute(
        database,
        "CREATE VIEW streak.dear AS SELECT key, count + 1 AS more FROM streak.things",
        "CREATE MACRO streak.doubled(n) AS n * 2",
        "CREATE TABLE mine AS SELECT 7 AS seven",
    )
    replace_copy(database)
    everything = "SELECT list(things ORDER BY key)::VARCHAR FROM streak.things"
    assert asked(database.served_path, everything) == asked(database.path, everything)
    assert asked(database.served_path, "SELECT max(streak.doubled(more)) FROM streak.dear") == 4
    assert asked(database.served_path, "FROM mine") == 7
    assert asked(database.served_path, "SELECT database FROM streak_meta.copy_of") == "crm.duckdb"
    with pytest.raises(duckdb.CatalogException):
        asked(database.path, "FROM streak_meta.copy_of")


def test_it_is_replaced_only_where_it_is_out_of_date(database: Database) -> None:
    publish(database, 1)
    assert replace_copy(database)
    assert replace_copy(database) is None
    with database.connect() as session:  # to write it, and nothing is written
        session.execute(COUNT)
    assert replace_copy(database) is None
    execute(Database(str(database.served_path)), "DROP TABLE streak.things")
    assert replace_copy(database), "somebody wrote into it"
    assert asked(database.served_path) == 1
    database.served_path.unlink()
    assert replace_copy(database), "somebody removed it"
    (database.path.parent / "crm_serve.duckdb.stamp").write_text("{", encoding="utf-8")
    assert replace_copy(database), "it knows itself, too"


def test_who_has_it_open_for_writing_is_in_nobodys_way(database: Database) -> None:
    publish(database, 1)
    replace_copy(database)
    log = Path(f"{database.served_path}.wal")
    with process(WORKER, database.served_path, "write") as reader:
        says(reader, "open")
        asked_of(reader, "CREATE TABLE of_mine AS SELECT 1")
        assert log.exists()
        publish(database, 2)
        assert replace_copy(database)
        assert not log.exists(), "with a log of the former one it couldn't be opened"
        assert asked(database.served_path) == 2
        assert asked_of(reader) == 1
        publish(database, 3)
        assert replace_copy(database)
    assert asked(database.served_path) == 3


def test_what_stands_in_a_log_alone_is_in_it(database: Database) -> None:
    publish(database, 1)
    killed = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); "
        "c.execute('UPDATE streak.things SET count = 5'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", killed, database.location], check=True)
    assert Path(f"{database.path}.wal").exists()
    replace_copy(database)
    assert asked(database.served_path) == 5


def test_readers_of_the_database_are_in_nobodys_way(database: Database) -> None:
    publish(database, 1)
    with process(WORKER, database.path) as reader:
        says(reader, "open")
        assert replace_copy(database)


def test_who_writes_the_database_is_waited_for_and_named(database: Database) -> None:
    publish(database, 1)
    replace_copy(database)
    impatient = Database(database.location, lock_wait=0.2)
    told: list[str] = []
    with process(HOLDER, "hold", database.path) as holder:
        says(holder, "held")
        with pytest.raises(DatabaseLockedError) as failed:
            replace_copy(impatient, report=told.append)
    advice = f"let it read {database.served_path} instead, which is never locked"
    assert f"held by process {holder.pid}" in str(failed.value)
    assert f"Close it there, or {advice}, and materialize again" in str(failed.value)
    assert [each.endswith(f"s for it ({advice})") for each in told] == [True]


def test_who_has_the_database_open_in_this_process_keeps_the_lock(database: Database) -> None:
    publish(database, 1)
    impatient = Database(database.location, lock_wait=0.1)
    with duckdb.connect(database.location) as connection:
        with pytest.raises(DatabaseLockedError, match="another connection of this process"):
            replace_copy(impatient)
        others = f"import duckdb; duckdb.connect({database.location!r})"
        done = subprocess.run([sys.executable, "-c", others], capture_output=True, text=True, check=False)
        assert "lock" in done.stderr
        connection.execute("UPDATE streak.things SET count = 9")
    assert replace_copy(database)
    assert asked(database.served_path) == 9


@pytest.mark.parametrize("kind", ["notes", "a database", "a copy of another one", "a folder"])
def test_a_file_of_somebody_else_is_left_alone(database: Database, kind: str) -> None:
    publish(database, 1)
    target = database.served_path
    if kind == "notes":
        target.write_text("mine", encoding="utf-8")
    elif kind == "a folder":
        target.mkdir()
    elif kind == "a database":
        publish(Database(str(target)), 8)
    else:
        other = Database(str(target.with_name("other.duckdb")))
        publish(other, 8)
        replace_copy(other)
        other.served_path.rename(target)
    before = target.stat().st_ino, target.stat().st_mtime_ns
    with pytest.raises(DatabaseUnusableError, match=r"isn't a copy of crm\.duckdb"):
        replace_copy(database)
    with pytest.raises(DatabaseUnusableError, match=r"isn't a copy of crm\.duckdb"):
        remove_copy(database)
    assert (target.stat().st_ino, target.stat().st_mtime_ns) == before
    assert not [each for each in names(database) if "copying" in each]


def test_nothing_is_published_into_a_copy_unless_it_took_the_place_of_the_database(
    database: Database,
) -> None:
    publish(database, 1)
    replace_copy(database)
    with (
        pytest.raises(DatabaseUnusableError, match=rf"Set STREAK_DUCKDB_PATH to {database.path}\."),
        Database(str(database.served_path)).transaction() as session,
    ):
        meta.prepare(session)
    database.path.unlink()
    database.served_path.rename(database.path)
    with database.transaction() as session:
        meta.prepare(session)
    assert replace_copy(database)


def test_whoever_may_read_the_database_may_read_it(database: Database) -> None:
    publish(database, 1)
    database.path.chmod(0o640)
    replace_copy(database)
    assert database.served_path.stat().st_mode & 0o777 == 0o640
    publish(database, 2)
    database.path.chmod(0o600)
    replace_copy(database)
    assert database.served_path.stat().st_mode & 0o777 == 0o600


def test_a_link_of_that_name_is_followed(database: Database, tmp_path: Path) -> None:
    publish(database, 1)
    shared = tmp_path / "shared"
    shared.mkdir()
    database.served_path.symlink_to(shared / "deals.duckdb")
    replace_copy(database)
    publish(database, 2)
    replace_copy(database)
    assert database.served_path.is_symlink()
    assert asked(shared / "deals.duckdb") == 2


def test_without_room_the_former_one_stays_and_the_disk_is_never_filled(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 90) as disk:
        database = Database(str(disk / "crm.duckdb"))
        publish(database, 1)
        replace_copy(database)
        publish(database, 2)
        ballast = fill(disk, 20 << 20)
        with pytest.raises(OSError, match="MB are free"):
            replace_copy(database)
        assert asked(database.served_path) == 1
        assert not [each for each in names(database) if "copying" in each]
        ballast.unlink()
        assert replace_copy(database)


def test_in_a_folder_that_cannot_be_written_it_stays(database: Database, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    publish(database, 1)
    database.served_path.symlink_to(shared / "deals.duckdb")
    replace_copy(database)
    publish(database, 2)
    with read_only(shared), pytest.raises(OSError, match="Read-only"):
        replace_copy(database)
    assert asked(database.served_path) == 1


def test_there_is_none_of_a_database_at_motherduck_or_of_one_that_is_not_there(tmp_path: Path) -> None:
    assert replace_copy(Database("md:crm")) is None
    assert not remove_copy(Database("md:crm"))
    assert remove_unfinished(Database("md:crm")) == []
    assert replace_copy(Database(str(tmp_path / "crm.duckdb"))) is None
    assert list(tmp_path.iterdir()) == []


def test_it_is_removed_with_all_that_belongs_to_it(database: Database) -> None:
    publish(database, 1)
    assert not remove_copy(database)
    replace_copy(database)
    assert remove_copy(database)
    assert names(database) == ["crm.duckdb"]


KILLED = """
import os, signal, sys
from streak_dagster.warehouse import readers_file
from streak_dagster.warehouse.database import Database

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(readers_file, sys.argv[2], kill)
readers_file.replace_copy(Database(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("at", ["_mark", "_own_alike", "sync_folder", "_write_stamp"])
def test_killed_at_any_moment_it_is_whole_and_the_next_one_tidies_up(database: Database, at: str) -> None:
    publish(database, 1)
    replace_copy(database)
    publish(database, 2)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, database.location, at], check=False, env=dict(os.environ)
    )
    assert ended.returncode == -signal.SIGKILL
    assert asked(database.served_path) == (1 if at in ("_mark", "_own_alike") else 2)
    publish(database, 3)
    assert replace_copy(database)
    assert asked(database.served_path) == 3
    assert names(database) == ["crm.duckdb", "crm_serve.duckdb", "crm_serve.duckdb.stamp"]


def test_publishers_and_copies_at_once_lose_nothing(database: Database) -> None:
    """Each copy is of a moment between two publications."""
    publish(database, 0)
    replace_copy(database)
    rows = database.path.with_suffix(".jsonl")
    seen = []
    with process(HOLDER, "loop", database.path, 8, rows) as publisher:
        says(publisher, "ready")
        while publisher.poll() is None:
            replace_copy(database)
            seen.append(asked(database.served_path, "SELECT count(*) FROM streak.things"))
            time.sleep(0.01)
    assert publisher.returncode == 0
    assert set(seen) == {20}
    assert query(database, "SELECT count(*) FROM streak.things") == [(20,)]
