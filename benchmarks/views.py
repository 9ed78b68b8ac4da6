"""What the typed views cost: making them, and asking them; against tables that hold the same.

``python benchmarks/views.py --pipelines 50 --fields 60 --boxes 1000`` makes a file, publishes the views, and
asks them. ``--reader`` runs the queries with another Python, such as one that has DuckDB 1.4. ``--only-read``
asks a file that was made before. Prints seconds, and the highest memory of the process.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb

TYPES = ("TEXT_INPUT", "DATE", "CHECKBOX", "DROPDOWN", "TAG", "FORMULA")
QUERIES = {
    "SELECT *": "SELECT * FROM {view}",
    "3 columns": "SELECT name, field_1, field_7 FROM {view}",
    "only standard columns": "SELECT key, name, stage, owners FROM {view}",
    "by stage": "SELECT stage, count(*), sum(field_5) FROM {view} GROUP BY stage",
    "count(*)": "SELECT count(*) FROM {view}",
    "one box": "SELECT * FROM {view} WHERE key = 'b0-1'",
}


def fill(path: Path, pipelines: int, fields: int, boxes: int) -> None:
    """The tables, with values for two thirds of the fields of each box."""
    # Not above: a reader may have nothing but DuckDB.
    from streak_dagster import tables  # noqa: PLC0415
    from streak_dagster.warehouse import ddl, meta  # noqa: PLC0415
    from streak_dagster.warehouse.database import Database  # noqa: PLC0415

    path.unlink(missing_ok=True)
    kinds = ", ".join(f"'{kind}'" for kind in TYPES)
    with Database(str(path)).transaction() as session:
        meta.prepare(session)
        session.create_schema()
        for table in (
            tables.PIPELINES,
            tables.PIPELINE_STAGES,
            tables.PIPELINE_FIELDS,
            tables.PIPELINE_BOXES,
        ):
            session.execute(ddl.create_table(session.catalog, table))
        session.execute(
            "INSERT INTO streak.pipelines (key, name, _synced_at) "
            f"SELECT 'p' || i, 'View ' || i, now() FROM range({pipelines}) AS r(i)"
        )
        session.execute(
            "INSERT INTO streak.pipeline_stages (pipeline_key, key, name, position, _synced_at) "
            "SELECT 'p' || i, 5000 + j, 'Stage ' || j, j, now() "
            f"FROM range({pipelines}) AS r(i), range(6) AS s(j)"
        )
        session.execute(
            "INSERT INTO streak.pipeline_fields (pipeline_key, key, name, type, position, _synced_at) "
            f"SELECT 'p' || i, 1000 + j, 'Field ' || j, [{kinds}][j % {len(TYPES)} + 1], j, now() "
            f"FROM range({pipelines}) AS r(i), range({fields}) AS s(j)"
        )
        session.execute(
            "INSERT INTO streak.pipeline_boxes (key, pipeline_key, stage_key, name, creation_timestamp, "
            "last_updated_timestamp, assigned_to_sharing_entries, _synced_at) "
            "SELECT 'b' || i || '-' || j, 'p' || i, 5000 + j % 6, 'Box ' || j, now() - to_hours(j), now(), "
            """'[{"userKey": "u' || j % 9 || '", "displayName": "Person"}]', now() """
            f"FROM range({pipelines}) AS r(i), range({boxes}) AS s(j)"
        )
        session.execute(
            "CREATE TABLE streak.box_field_values (box_key VARCHAR, field_key VARCHAR, pipeline_key VARCHAR, "
            "field_name VARCHAR, field_type VARCHAR, value JSON, value_text VARCHAR, value_number DOUBLE, "
            "value_timestamp TIMESTAMPTZ, value_boolean BOOLEAN, value_labels VARCHAR[], "
            "_synced_at TIMESTAMPTZ, _extra JSON)"
        )
        session.execute(
            "INSERT INTO streak.box_field_values SELECT 'b' || i || '-' || j, 1000 + f, 'p' || i, "
            f"'Field ' || f, "
            f"[{kinds}][f % {len(TYPES)} + 1], j * f, 'text ' || j * f, j * f, "
            "CASE WHEN f % 6 = 1 THEN now() END, j % 2 = 0, ['a', 'label ' || j], now(), NULL "
            f"FROM range({pipelines}) AS r(i), range({boxes}) AS s(j), range({fields}) AS t(f) "
            "WHERE (j + f) % 3 > 0"
        )


def publish(path: Path) -> dict[str, float]:
    """Seconds of making all views, of a refresh in which nothing changed, and of one renamed field."""
    from streak_dagster.views.publish import refresh_views  # noqa: PLC0415
    from streak_dagster.warehouse.database import Database  # noqa: PLC0415

    took = {}
    rename = "UPDATE streak.pipeline_fields SET name = 'New' WHERE pipeline_key = 'p0' AND key = '1003'"
    for name, before in (
        ("make all", ""),
        ("comments told", ""),
        ("nothing changed", ""),
        ("one field renamed", rename),
    ):
        began = time.perf_counter()
        with Database(str(path)).transaction() as session:
            if before:
                session.execute(before)
            inside = time.perf_counter()
            said = refresh_views(session)
            took[f"{name}: refresh_views"] = time.perf_counter() - inside
        took[f"{name}: with opening and commit"] = time.perf_counter() - began
        if said:
            sys.exit("\n".join(said))
    return took


def materialize(path: Path) -> dict[str, float]:
    """Seconds of writing the first view down as a table, with what a publication may use."""
    connection = duckdb.connect(str(path))
    connection.execute("SET threads = 1; SET memory_limit = '96MB'; SET preserve_insertion_order = false")
    began = time.perf_counter()
    connection.execute("CREATE OR REPLACE TABLE streak.as_table AS SELECT * FROM streak_views.view_0")
    took = {"one view as a table": time.perf_counter() - began}
    connection.close()
    return took


def read(path: Path) -> dict[str, float]:
    """The best of three, in seconds, with as many threads as DuckDB takes."""
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute("SET TimeZone = 'UTC'")
    took = {}
    for target in ("streak_views.view_0", "streak.as_table"):
        for name, query in QUERIES.items():
            took[f"{target}: {name}"] = min(_seconds(connection, query.format(view=target)) for _ in range(3))
    return took


def _seconds(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    began = time.perf_counter()
    # Made whole, and kept in DuckDB: what turns rows into Python's objects isn't measured.
    connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE answer AS {query}")
    return time.perf_counter() - began


def _told(title: str, took: dict[str, float]) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\n{title} (DuckDB {duckdb.__version__}; at most {peak} MB so far)")
    for name, seconds in took.items():
        print(f"  {name:50} {seconds:8.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", type=Path, default=Path("benchmark_views.duckdb"))
    for name, default in (("pipelines", 50), ("fields", 60), ("boxes", 1000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--reader", nargs="+", default=[], help="another Python, as a command")
    parser.add_argument("--only-read", action="store_true")
    options = parser.parse_args()
    if not options.only_read:
        fill(options.path, options.pipelines, options.fields, options.boxes)
        _told("filling", {})
        _told("publishing", publish(options.path))
        _told("as a table", materialize(options.path))
    _told("reading", read(options.path))
    for reader in filter(None, [options.reader]):
        sys.stdout.flush()
        subprocess.run([*reader, __file__, "--only-read", "--path", str(options.path)], check=True)
    print(json.dumps({"bytes": options.path.stat().st_size}))


if __name__ == "__main__":
    main()
