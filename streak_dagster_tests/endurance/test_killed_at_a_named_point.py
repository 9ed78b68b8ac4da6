"""SIGKILL to the whole process group of ``dagster asset materialize``, at every point that has a name."""

from __future__ import annotations

import re
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.support.accounts import BOXES, move_on
from streak_dagster_tests.support.asked import spooled
from streak_dagster_tests.support.contents import contents, reading
from streak_dagster_tests.support.loading import Load, environment
from streak_dagster_tests.support.recovery import assert_recovers
from streak_dagster_tests.support.runs import running

pytestmark = pytest.mark.slow

SMALL_PAGES: dict[str, Any] = {"STREAK_PAGE_SIZE": "3"}
"""A box list of 40 pages, more than its first ones show."""

WHILE_ASKING = {
    "before the list": ("", 1),
    "in the box list": ("/boxes$", 20),
    "while deleted boxes are confirmed": ("(/batch/|v1/boxes/[^/]+)$", 1),
    "in a walk over the boxes": ("/tasks$", 80),
    "after one table, before the next": ("/meetings$", 1),
}
"""Which calls, and how many of them have come when the run is killed."""


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("point", WHILE_ASKING)
def test_a_run_killed_while_asking(point: str, sandbox: Sandbox, database: Path, load: Load) -> None:
    path, number = WHILE_ASKING[point]
    before = contents(database)
    move_on(sandbox.workspace, "second")
    values = environment(sandbox, database, **SMALL_PAGES)
    with running(values, database.parent) as run:
        run.kill_once(lambda: len(sandbox.journal.calls(re.compile(path))) >= number)
    assert_recovers(sandbox, database, values, before, load)


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("point", ["in the box list", "in a walk over the boxes"])
def test_a_first_run_killed_while_asking(point: str, sandbox: Sandbox, tmp_path: Path) -> None:
    path, number = WHILE_ASKING[point]
    database = tmp_path / "streak.duckdb"
    values = environment(sandbox, database, **SMALL_PAGES)
    with running(values, tmp_path) as run:
        run.kill_once(lambda: len(sandbox.journal.calls(re.compile(path))) >= number)
    assert_recovers(sandbox, database, values, {})


def test_a_run_killed_with_all_answers_and_nothing_published(
    sandbox: Sandbox, database: Path, load: Load
) -> None:
    """A reader that holds the file keeps the run from publishing, for as long as we need."""
    before = contents(database)
    move_on(sandbox.workspace, "second")
    values = environment(sandbox, database)
    with ExitStack() as reader, running(values, database.parent) as run:
        sandbox.faults.when("/comments$", lambda _: reader.enter_context(reading(database)))
        run.kill_once(lambda: all(len(spooled(database).get(each, ())) == BOXES for each in OF_BOXES))
    assert assert_recovers(sandbox, database, values, before, load).twice == 0


OF_BOXES = ("box_comments", "box_meetings", "box_tasks", "box_threads", "box_files")
"""What is asked for last, and read ahead while nothing can be published."""
PUBLISHING = {
    "as the log is begun": (0, False),
    "once the log has rows": (4097, False),
    "while the log goes into the file": (1, True),
}
"""Bytes of DuckDB's log, which is there for some milliseconds a table, and whether the file has changed."""
RUNS = 20
"""A busy machine may look away while each of a run's ten tables is published; not in so many runs."""


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("point", PUBLISHING)
def test_a_run_killed_while_publishing(point: str, sandbox: Sandbox, database: Path, load: Load) -> None:
    sandbox.latency = 0
    values = environment(sandbox, database)
    log = database.with_name(f"{database.name}.wal")
    least, moved = PUBLISHING[point]

    def is_there(size: int) -> bool:
        return size_of(log) >= least and (not moved or size_of(database) != size)

    for generation in range(RUNS):
        before, size = contents(database), size_of(database)
        move_on(sandbox.workspace, f"generation {generation}")
        sandbox.journal.clear()
        with running(values, database.parent) as run:
            met = run.kill_at(partial(is_there, size))
        if met:
            break
        assert run.process.returncode == 0, run.output
    else:
        pytest.fail(f"in {RUNS} runs no table was seen being published")
    assert_recovers(sandbox, database, values, before, load)


@pytest.mark.usefixtures("core_alone")
def test_a_first_run_killed_while_its_first_table_is_published(sandbox: Sandbox, tmp_path: Path) -> None:
    database = tmp_path / "streak.duckdb"
    values = environment(sandbox, database)
    with running(values, tmp_path) as run:
        run.kill_once(database.exists)
    assert_recovers(sandbox, database, values, {})


def size_of(path: Path) -> int:
    """In bytes; -1 where there is no file."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1
