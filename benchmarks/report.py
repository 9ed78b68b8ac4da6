"""What a report costs: seconds, memory and size of the page, for an account of so many boxes.

    .venv/bin/python benchmarks/report.py [boxes] [--pipelines 12] [--keep FILE]

Publishes a made-up account with two tasks, four stays in stages and an amount for each box, then a second
time with one box in a hundred moved, and writes the report in a process of its own. By default 100,000.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

from streak_dagster import tables
from streak_dagster.report import write_report
from streak_dagster.views.publish import refresh_views
from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.publish import publish

STAGES = ("Lead", "Contacted", "Demo", "Quote sent", "Negotiation", "Won", "Lost")
PEOPLE = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gita", "Hal", "Ida", "Jon", "Kay", "Lou")


def main() -> None:
    """Make the database, unless it is there, and print what one report took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("boxes", type=int, nargs="?", default=100_000)
    parser.add_argument("--pipelines", type=int, default=12)
    parser.add_argument("--keep", type=Path, help="where the database stays, or already is")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = chosen.keep or Path(folder) / "crm.duckdb"
        if not database.exists():
            began = time.monotonic()
            for moved in (False, True):
                alone(fill, database, chosen.boxes, chosen.pipelines, moved)
            print(f"made {chosen.boxes:,} boxes in {time.monotonic() - began:.0f} s")
        page = database.with_suffix(".html")
        alone(measured, database, page)


def alone(task: object, *arguments: object) -> None:
    """In a process of its own, whose memory is its alone."""
    process = multiprocessing.get_context("spawn").Process(target=task, args=arguments)  # type: ignore[arg-type]
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(1)


def measured(database: Path, page: Path) -> None:
    """Write it twice: the first time also loads matplotlib."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for told in ("first", "again"):
        began = time.monotonic()
        write_report(database, page)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{told}: {time.monotonic() - began:.1f} s, {page.stat().st_size / 1000:.0f} kB, "
            f"at most {peak:.0f} MB ({before:.0f} MB before)",
            flush=True,
        )


def fill(path: Path, boxes: int, pipelines: int, moved: bool) -> None:  # noqa: FBT001
    """Publish the account once; ``moved`` says whether one box in a hundred is a stage further."""
    stage = f"(i // {pipelines} % 7 + {'(i % 100 = 0)::INT' if moved else '0'}) % 7"
    # More in the first pipelines than in the others, as people have them.
    pipeline = f"least(i % {pipelines}, i * 7 % {pipelines})"
    rows = {
        "teams": (1, "'t' AS key, 'Made-up Industries' AS name"),
        "team_members": (
            len(PEOPLE),
            f"'t' AS team_key, 'u' || i AS user_key, {list(PEOPLE)}[i + 1] AS display_name",
        ),
        "pipelines": (pipelines, "'p' || i AS key, 'Pipeline ' || i AS name, 't' AS team_key"),
        "pipeline_stages": (
            pipelines * 7,
            (
                f"'p' || i // 7 AS pipeline_key, 5001 + i % 7 AS key, {list(STAGES)}[i % 7 + 1] AS name, "
                "i % 7 AS position"
            ),
        ),
        "pipeline_fields": (
            pipelines,
            (
                "'p' || i AS pipeline_key, '1001' AS key, 'Deal size' AS name, 'TEXT_INPUT' AS type, "
                "0 AS position"
            ),
        ),
        "pipeline_boxes": (
            boxes,
            (
                f"'box' || i AS key, 'p' || {pipeline} AS pipeline_key, 5001 + {stage} AS stage_key, "
                "'Company ' || i AS name, now() - to_hours(i % 20000) AS creation_timestamp, "
                "now() - to_hours(i % 3000) AS last_updated_timestamp, "
                "now() - to_hours(i % 4000) AS last_stage_change_timestamp, "
                """('[{"userKey": "u' || i % 12 || '"}]')::JSON AS assigned_to_sharing_entries"""
            ),
        ),
        "box_tasks": (
            boxes * 2,
            (
                f"'task' || i AS key, 'box' || i % {boxes} AS box_key, 'Call them about ' || i AS text, "
                "CASE WHEN i % 5 = 0 THEN 'NOT_DONE' ELSE 'DONE' END AS status, "
                "now() + to_hours(1000 - i % 2000) AS due_date, "
                """('[{"userKey": "u' || i % 12 || '"}]')::JSON AS assigned_to_sharing_entries"""
            ),
        ),
        "box_stage_history": (
            boxes * 4,
            (
                f"'box' || i % {boxes} AS box_key, i // {boxes} AS position, "
                f"5001 + i // {boxes} AS stage_key, "
                f"now() - to_hours(24 * (20 - 4 * (i // {boxes})) + i % 3000) AS last_entry_to_stage_ts"
            ),
        ),
        "box_field_values": (
            boxes,
            (
                f"'box' || i AS box_key, '1001' AS field_key, 'p' || {pipeline} AS pipeline_key, "
                "'Deal size' AS field_name, 'TEXT_INPUT' AS field_type, i % 9000 AS value_number, "
                "(i % 9000)::VARCHAR AS value_text"
            ),
        ),
    }
    with Database(str(path)).transaction() as session:
        session.execute("SET memory_limit = '1GB'")
        session.execute("SET enable_progress_bar = false")
        meta.prepare(session)
        for name, (times, columns) in rows.items():
            table = tables.table(name)
            given = session.execute(f"SELECT {columns} FROM range(1) AS r(i)").description or []
            there = {each[0] for each in given} & ddl.column_types(table).keys()
            completed = ", ".join(
                "now() AS _synced_at"
                if column == ddl.SYNCED_AT
                else f"{ddl.quoted(column) if column in there else 'NULL'}::{kind} AS {ddl.quoted(column)}"
                for column, kind in ddl.column_types(table).items()
            )
            with session.temporary(
                "made", f"SELECT {completed} FROM (SELECT {columns} FROM range({times}) AS r(i))"
            ):
                publish(session, table, "FROM made")
            meta.record(
                session,
                "refreshes",
                {
                    "table_name": name,
                    "started_at": time.time_ns() // 1_000_000,
                    "published_at": time.time_ns() // 1_000_000,
                    "declaration": "",
                    "rows": times,
                    **dict.fromkeys(("inserted", "updated", "deleted", "calls", "seconds"), 0),
                    "mode": "complete",
                },
            )
        refresh_views(session)


if __name__ == "__main__":
    main()
