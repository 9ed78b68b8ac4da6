"""Writers take turns: DuckDB's lock is free before the one who held it is done with its log."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import duckdb
import pytest

from streak_dagster.locks import try_lock
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.processes import process, says
from streak_dagster_tests.support.spools import THINGS, publish_rows, query
from streak_dagster_tests.support.waiting import MAX_WAIT

WORKER = "streak_dagster_tests.support.workers.publisher"
COUNT = "SELECT count(*) FROM streak.things"


def is_taken(folder: Path) -> bool:
    """Whether another open folder than this one has the turn."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def test_a_writer_waits_for_its_turn_and_says_so_while_readers_go_on(database: Database) -> None:
    publish_rows(database, THINGS, [{"key": "a"}])
    said: list[str] = []
    waits = threading.Event()
    written: list[tuple[object, ...]] = []

    def report(text: str) -> None:
        said.append(text)
        waits.set()

    def write() -> None:
        with database.connect(report=report) as session:
            written.extend(session.execute(COUNT).fetchall())

    writer = threading.Thread(target=write)
    with process(WORKER, "turn", database.path.parent) as other:
        says(other, "held")
        writer.start()
        assert waits.wait(MAX_WAIT)
        assert query(database, COUNT) == [(1,)]
        assert written == []
        other.communicate()
    writer.join(MAX_WAIT)
    assert written == [(1,)]
    assert said == ["crm.duckdb is held by another run of streak-dagster; waiting up to 60 s for it"]


def test_a_killed_writer_loses_its_turn(database: Database) -> None:
    with process(WORKER, "turn", database.path.parent) as other:
        says(other, "held")
        assert is_taken(database.path.parent)
    assert publish_rows(database, THINGS, [{"key": "a"}]).rows == 1


def test_who_waited_long_enough_leaves_it_to_the_lock_of_duckdb(database: Database) -> None:
    impatient = Database(database.location, lock_wait=0.1)
    with process(WORKER, "turn", database.path.parent) as other:
        says(other, "held")
        with impatient.connect() as session:
            assert session.execute("SELECT 1").fetchone() == (1,)


def test_the_turn_lasts_until_the_database_is_closed_and_is_shared_in_a_process(database: Database) -> None:
    folder = database.path.parent
    with database.connect():
        with database.connect():
            assert is_taken(folder)
        assert is_taken(folder)
    assert not is_taken(folder)
    with pytest.raises(duckdb.Error), database.transaction() as session:
        session.execute("FROM nowhere")
    assert not is_taken(folder)
    publish_rows(database, THINGS, [])
    with database.connect(read_only=True):
        assert not is_taken(folder)
