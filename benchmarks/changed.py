"""Measures what a changed refresh costs against a complete one, and whether it is as true.

    .venv/bin/python benchmarks/changed.py                 # 2,000 boxes, 1 % of them edited
    .venv/bin/python benchmarks/changed.py --plan 100000   # planning alone, with nothing changed

The sandbox answers without a limit, so seconds say nothing about Streak; calls do.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
from dagster import DagsterInstance

from streak_dagster.definitions import build_definitions
from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster.settings import load_settings
from streak_dagster.tables import BOX_COMMENTS
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.planning import plan_reading


def load(sandbox: Sandbox, database: Path, mode: str) -> int:
    """The calls that a refresh of everything took, by the server's count."""
    values = {
        "STREAK_API_KEY": sandbox.key,
        "STREAK_API_URL": sandbox.url,
        "STREAK_DUCKDB_PATH": str(database),
        "STREAK_CALLS_PER_SECOND": "1000",
        "STREAK_REFRESH": mode,
    }
    os.environ.update(values)
    sandbox.journal.clear()
    job = build_definitions(load_settings(values)).resolve_implicit_global_asset_job_def()
    quiet: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
    with DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(instance=instance, run_config=quiet).success
    return len(sandbox.journal.calls())


def rows(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables that are read box by box, without when they were read."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            name: connection.execute(
                f"SELECT * EXCLUDE (_synced_at) FROM {database.stem}.streak.{name} ORDER BY ALL"
            ).fetchall()
            for name in ("box_comments", "box_meetings", "box_tasks", "box_threads", "box_files")
        }


def refreshes(boxes: int) -> None:
    """A complete refresh, edits of one box in a hundred, then a changed and a complete one."""
    workspace = generated_workspace(boxes, seed=1)
    with tempfile.TemporaryDirectory() as folder, Sandbox(workspace, rate=0) as sandbox:
        database = Path(folder) / "copy.duckdb"
        first = load(sandbox, Path(folder) / "first.duckdb", "changed")
        complete = load(sandbox, database, "complete")
        unchanged = load(sandbox, database, "changed")
        keys = [box["key"] for each in workspace.pipelines() for box in workspace.boxes(each["key"])]
        for key in random.Random(1).sample(keys, boxes // 100):
            workspace.add_comment(key, message="Edited for the benchmark.")
        changed = load(sandbox, database, "changed")
        kept = rows(database)
        load(sandbox, database, "complete")
        print(f"{boxes:,} boxes, calls of a complete refresh        {complete:,}")
        print(f"first changed refresh of an empty database   {first:,} ({first / complete:.1%})")
        print(f"changed, without an edit                     {unchanged:,} ({unchanged / complete:.1%})")
        print(f"changed, 1 % of the boxes edited             {changed:,} ({changed / complete:.1%})")
        print(f"tables equal to those of a complete refresh  {kept == rows(database)}")


def planning(boxes: int) -> None:
    """Seconds and memory of deciding for every box, from tables made up in DuckDB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.duckdb"
        with contextlib.closing(duckdb.connect(str(path))) as connection:
            columns = ", ".join(
                f"make_timestamptz(1700000000000000 + i) AS {name}"
                if name.endswith("timestamp")
                else f"i % 3 AS {name}"
                for name in (*BOX_COMMENTS.counters, *BOX_COMMENTS.change_columns)
            )
            connection.execute("CREATE SCHEMA streak; CREATE SCHEMA streak_meta")
            connection.execute(
                f"CREATE TABLE streak.pipeline_boxes AS SELECT 'box' || i AS key, {columns}, "
                "make_timestamptz(1700000000000000 + i) AS last_saved_timestamp, "
                "make_timestamptz(1700000000000000 + i) AS last_updated_timestamp "
                f"FROM range({boxes}) AS r(i)"
            )
        database = Database(str(path))
        with database.connect(read_only=True) as session:
            first = plan_reading(session, BOX_COMMENTS, "d", Path(folder) / "first.parquet", changed=True)
        with contextlib.closing(duckdb.connect(str(path))) as connection:
            connection.execute(
                "CREATE TABLE streak_meta.readings AS SELECT 'box_comments' AS table_name, box_key, "
                f"fingerprint AS mark, 'd' AS declaration FROM read_parquet('{first.path}')"
            )
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        with database.connect(read_only=True) as session:
            plan = plan_reading(session, BOX_COMMENTS, "d", Path(folder) / "plan.parquet", changed=True)
        took = time.perf_counter() - began
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"{boxes:,} boxes planned in {took:.2f} s, {grown:.0f} MiB more at the peak")
        print(f"fetch {len(plan.fetch):,}, keep {plan.keep:,}, empty {plan.empty:,}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boxes", type=int, default=2000)
    parser.add_argument("--plan", type=int)
    options = parser.parse_args()
    if options.plan:
        planning(options.plan)
    else:
        refreshes(options.boxes)
