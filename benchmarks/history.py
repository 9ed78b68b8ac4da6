"""What publishing by difference costs, and what history adds to it: boxes of which 1 % changed.

    .venv/bin/python benchmarks/history.py [rows] [share changed]

Publishes so many boxes for the first time, then the same with a share of them changed, without and with
history, then once more as they are; each in a process of its own, with the memory that publishing has. The
spool is written and read as in a run; ``reading`` is what that alone takes. By default 1,000,000 and 0.01.
"""

from __future__ import annotations

import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.spools import LARGEST, make
from streak_dagster.tables import PIPELINE_BOXES
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import select_spool
from streak_dagster.warehouse.history import Keeping
from streak_dagster.warehouse.publish import publish


def main() -> None:
    """Make the spools, publish them, and print a line each."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    share = float(sys.argv[2]) if len(sys.argv) > 2 else 0.01
    with tempfile.TemporaryDirectory() as folder:
        base, first, second = (Path(folder) / name for name in ("crm.duckdb", "1.jsonl", "2.jsonl"))
        alone(make, rows, round(1 / share), first, second)
        print(f"{rows:,} boxes, {share:.0%} changed, {first.stat().st_size / 1e6:,.0f} MB of spool")
        print(f"{'':28}seconds     MB  file MB")
        alone(read, first)
        alone(published, "first", base, first, Keeping())
        off, on = base.with_name("off.duckdb"), base.with_name("on.duckdb")
        for copy in (off, on):
            shutil.copy(base, copy)
        alone(without_history, off)
        alone(published, "changed, without history", off, second, Keeping(versions=False))
        alone(published, "changed, with history", on, second, Keeping())
        alone(published, "again, nothing changed", on, second, Keeping())


def alone(task: object, *arguments: object) -> None:
    """In a process of its own, whose memory is its alone."""
    process = multiprocessing.get_context("spawn").Process(target=task, args=arguments)  # type: ignore[arg-type]
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(1)


def read(rows: Path) -> None:
    """What reading a spool takes by itself."""
    with Database(str(rows.with_name("reading.duckdb"))).transaction() as session:
        began = time.monotonic()
        session.execute("SET enable_progress_bar = false")
        session.execute(f"CREATE TEMP TABLE incoming AS {select_spool(PIPELINE_BOXES, rows, LARGEST)}")
        tell("reading", time.monotonic() - began)


def without_history(database: Path) -> None:
    """The same database as if history had never been on."""
    with Database(str(database)).transaction() as session:
        session.execute("DROP SCHEMA streak_history CASCADE; DROP TABLE streak_meta.past_pipeline_boxes")


def published(told: str, database: Path, rows: Path, keeping: Keeping) -> None:
    """Publish a spool, to the end of the transaction."""
    began = time.monotonic()
    with Database(str(database)).transaction() as session:
        session.execute("SET enable_progress_bar = false")
        publish(session, PIPELINE_BOXES, select_spool(PIPELINE_BOXES, rows, LARGEST), keeping=keeping)
    tell(told, time.monotonic() - began, database.stat().st_size)


def tell(what: str, seconds: float, size: int = 0) -> None:
    """One line."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:28}{seconds:7.2f}{memory:7.0f}{size / 1e6:9.0f}", flush=True)


if __name__ == "__main__":
    main()
