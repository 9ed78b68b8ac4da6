"""Publishers that are killed, that meet, and that are watched: the table is always whole."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.processes import process, says
from streak_dagster_tests.support.publishers import WORKER, killed_publishers, publish_in_a_process
from streak_dagster_tests.support.spools import THINGS, publish_rows, query, spool

pytestmark = pytest.mark.slow

SIZES = {"A": 20_000, "B": 15_000}
WHOLE = {(label, label, size, size * (size - 1) // 2) for label, size in SIZES.items()}
STATE = "SELECT min(label), max(label), count(*), sum(count)::BIGINT FROM streak.things"
OTHERS = "SELECT 1 FROM duckdb_tables() WHERE schema_name <> 'streak_meta' AND table_name <> 'things'"


@pytest.fixture
def generations(tmp_path: Path) -> list[Path]:
    """Two spools, told apart by every row's label."""
    return [
        spool(
            tmp_path / f"{label}.jsonl",
            ({"key": f"{n:06}", "label": label, "count": n, "entries": [n] * 5} for n in range(size)),
        )
        for label, size in SIZES.items()
    ]


def test_a_publisher_killed_at_any_moment_leaves_the_old_or_the_new_table(
    database: Database, generations: list[Path]
) -> None:
    publish_in_a_process(database, generations[0])
    for _ in killed_publishers(database, *generations, times=10, within=0.6):
        (state,) = query(database, STATE)
        assert state in WHOLE
        assert query(database, OTHERS) == []


def test_a_first_publisher_killed_at_any_moment_doesnt_stop_the_next(
    tmp_path: Path, generations: list[Path]
) -> None:
    """What the killed one leaves may be no file, an empty file, or one without the table."""
    for turn in range(8):
        database = Database(str(tmp_path / f"{turn}.duckdb"), lock_wait=60)
        with process(WORKER, "loop", database.path, 1, generations[0]) as publisher:
            says(publisher, "ready")
            time.sleep(0.01 * turn)
            publisher.kill()
            publisher.wait()
        database.check()
        assert publish_rows(database, THINGS, [{"key": "a"}]).rows == 1


def test_two_publishers_at_the_same_time_both_succeed_one_after_the_other(
    database: Database, generations: list[Path]
) -> None:
    for _ in range(3):  # first on a new file, then on an old table
        with (
            process(WORKER, "once", database.path, generations[0]) as one,
            process(WORKER, "once", database.path, generations[1]) as other,
        ):
            says(one, "ready")
            says(other, "ready")
            for publisher in (one, other):
                assert publisher.stdin is not None
                publisher.stdin.write("go\n")
                publisher.stdin.flush()
            says(one, "published")
            says(other, "published")
        (state,) = query(database, STATE)
        assert state in WHOLE


def test_a_reader_never_sees_anything_but_a_whole_table(database: Database, generations: list[Path]) -> None:
    publish_in_a_process(database, generations[0])
    states = []
    with process(WORKER, "loop", database.path, 8, *generations) as publisher:
        says(publisher, "ready")
        while publisher.poll() is None:
            states += query(database, STATE)
            time.sleep(0.01)
        says(publisher, "published")
    states += query(database, STATE)
    assert set(states) <= WHOLE
    assert states[-1][0] == "B"
