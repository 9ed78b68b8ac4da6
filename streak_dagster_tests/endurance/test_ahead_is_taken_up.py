"""A run that ends while several of its tables are read ahead: the next one asks for the rest alone."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dagster import DagsterInstance, DagsterRunStatus

from streak_dagster.sandbox import Sandbox
from streak_dagster.signals import GOES_ON
from streak_dagster_tests.support.accounts import BOXES
from streak_dagster_tests.support.asked import Ask, spooled
from streak_dagster_tests.support.contents import contents
from streak_dagster_tests.support.loading import Load, environment
from streak_dagster_tests.support.recovery import assert_recovers
from streak_dagster_tests.support.runs import Run, running
from streak_dagster_tests.support.stopped import COMMANDS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

SILENT = 10
"""Calls for each list that no answer comes to, so that none of the tables is read to its end."""
TABLES = ("box_comments", "box_meetings", "box_tasks", "box_threads")
STOPS = 10.0
"""Seconds in which a run ends that was told to."""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """One that isn't there yet."""
    return tmp_path / "streak.duckdb"


@pytest.fixture
def values(sandbox: Sandbox, database: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of the run."""
    home = database.parent / "home"
    home.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    return {**environment(sandbox, database), "DAGSTER_HOME": str(home)}


@contextmanager
def reading_ahead(sandbox: Sandbox, database: Path, values: dict[str, str]) -> Iterator[Run]:
    """A run that waits for the comments, and has most of what it asks of the boxes ahead of that."""
    for table in TABLES:
        path = f"/{table.removeprefix('box_')}$"
        sandbox.faults.add(path, kind="hang", seconds=3600, skip=BOXES - SILENT, times=None)
    with running(values, database.parent, COMMANDS["streak-dagster run"]) as run:
        run.awaits(lambda: all(len(each) == BOXES - SILENT for each in left_of(database).values()))
        yield run
        sandbox.faults.clear()


def left_of(database: Path) -> dict[str, set[Ask]]:
    """The answers of each of the tables that wait on disk."""
    kept = spooled(database)
    return {table: kept.get(table, set()) for table in TABLES}


def test_a_killed_run(sandbox: Sandbox, database: Path, values: dict[str, str], load: Load) -> None:
    with reading_ahead(sandbox, database, values) as run:
        run.kill()
    assert not set(TABLES) & contents(database).keys()
    left = assert_recovers(sandbox, database, values, {}, load)
    assert {table: len(left.kept[table]) for table in TABLES} == dict.fromkeys(TABLES, BOXES - SILENT)
    assert left.twice == SILENT * len(TABLES), "what was under way, and nothing else"


@pytest.mark.alone
def test_a_stopped_run_ends_soon(
    sandbox: Sandbox, database: Path, values: dict[str, str], load: Load
) -> None:
    with reading_ahead(sandbox, database, values) as run:
        began = time.monotonic()
        run.send(signal.SIGINT)
        assert run.ends() == 130, run.output
        assert time.monotonic() - began < STOPS
        assert GOES_ON in run.said
        with DagsterInstance.get() as instance:
            (told,) = instance.get_runs()
        assert told.status is DagsterRunStatus.CANCELED, run.output
    left = assert_recovers(sandbox, database, values, {}, load)
    assert {table: len(left.kept[table]) for table in TABLES} == dict.fromkeys(TABLES, BOXES - SILENT)
    assert left.twice == SILENT * len(TABLES)
