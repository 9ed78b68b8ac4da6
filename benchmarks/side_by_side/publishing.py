"""Publishing alone: rows that are on disk, into DuckDB, by us and by DuckDB's own means."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from benchmarks.spools import LARGEST, make

from .measure import launched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .results import Record, Results

ROWS = (10_000, 100_000, 1_000_000)
QUICK_ROWS = (10_000,)
WAYS = ("ctas", "first", "changed", "same")
CHANGED = 100
"""One row in so many is changed."""


def measure(results: Results, rows: tuple[int, ...], rounds: int, *, resume: bool) -> None:
    """All ways in turn, so many rounds; of a million rows one."""
    for count in rows:
        if not resume:
            results.drop("publishing", rows=count)
        with tempfile.TemporaryDirectory(prefix="side-by-side-") as folder:
            first, second = (Path(folder) / name for name in ("1.jsonl", "2.jsonl"))
            make(count, CHANGED, first, second)
            for number in range(1 if count >= 1_000_000 else rounds):
                if results.has("publishing", rows=count, round=number):
                    continue
                found = list(_round(Path(folder) / str(number), first, second))
                results.add("publishing", [{"rows": count, "round": number, **each} for each in found])
                for each in found:
                    print(f"  {count:,} rows, {each['way']}: {each['seconds']:.2f} s", flush=True)


def _round(folder: Path, first: Path, second: Path) -> Iterator[Record]:
    folder.mkdir()
    for way in WAYS:
        database = folder / ("ctas.duckdb" if way == "ctas" else "ours.duckdb")
        rows = first if way in ("ctas", "first") else second
        command = [sys.executable, "-m", __name__, way, str(rows), str(database)]
        log = folder / f"{way}.log"
        whole = launched(command, os.environ, log)
        took = json.loads(log.read_text(encoding="utf-8"))
        yield {"way": way, **took, "memory_mb": whole["memory_mb"]}


def _ours() -> Callable[[Path, Path], None]:
    """Imported only here: the memory of DuckDB's own way isn't to be ours."""
    from streak_dagster.tables import PIPELINE_BOXES  # noqa: PLC0415
    from streak_dagster.warehouse.database import Database  # noqa: PLC0415
    from streak_dagster.warehouse.ddl import select_spool  # noqa: PLC0415
    from streak_dagster.warehouse.history import Keeping  # noqa: PLC0415
    from streak_dagster.warehouse.publish import publish  # noqa: PLC0415

    def run(rows: Path, database: Path) -> None:
        with Database(str(database)).transaction() as session:
            publish(session, PIPELINE_BOXES, select_spool(PIPELINE_BOXES, rows, LARGEST), keeping=Keeping())

    return run


def _create(rows: Path, database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"CREATE TABLE boxes AS FROM read_json('{rows}', format = 'newline_delimited')")


def main(way: str, rows: Path, database: Path) -> None:
    """Print what it took, to where the file is closed."""
    run = _create if way == "ctas" else _ours()
    began, used = time.monotonic(), _cpu()
    run(rows, database)
    seconds = time.monotonic() - began
    took: dict[str, Any] = {
        "seconds": round(seconds, 3),
        "cpu_seconds": round(_cpu() - used, 3),
    }
    print(json.dumps(took))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
