"""How long from an edit to its row under the sensor, and what that costs while nothing moves.

    .venv/bin/python benchmarks/sensor.py --edits 20 --interval 1m --idle 180

A real ``dagster dev`` watches the sample workspace in the sandbox, which allows 10 calls a second. Each edit
is a new comment, made at a random moment after the one before it was seen in the database.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from streak_dagster.sandbox import Sandbox, sample_workspace
from streak_dagster_tests.support.dagster_dev import SENSOR, a_box, dagster_dev


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--interval", default="1m", help="STREAK_PROBE_INTERVAL")
    parser.add_argument(
        "--idle", type=float, default=180.0, help="seconds to count calls in, without an edit"
    )
    options = parser.parse_args()
    settings = {**SENSOR, "STREAK_PROBE_INTERVAL": options.interval, "STREAK_CALLS_PER_SECOND": "10"}
    with (
        Sandbox(sample_workspace(), rate=10) as sandbox,
        dagster_dev(sandbox, **settings) as dagster,
    ):
        dagster.becomes_true()
        waits = [wait_for_a_comment(sandbox, dagster.database, number) for number in range(options.edits)]
        time.sleep(30)
        before = len(sandbox.journal)
        time.sleep(options.idle)
        idle = len(sandbox.journal) - before
        worst = sandbox.journal.busiest_window()
    print(f"{options.edits} edits, STREAK_PROBE_INTERVAL={options.interval}")
    print(f"edit to row: median {statistics.median(waits):.1f} s, worst {max(waits):.1f} s")
    print(
        f"calls a minute while nothing moves: {idle / options.idle * 60:.1f}; busiest second: {worst} calls"
    )


def wait_for_a_comment(sandbox: Sandbox, database: Path, number: int) -> float:
    """Seconds from a new comment to its row."""
    time.sleep(random.uniform(0, 30))
    key = sandbox.workspace.add_comment(a_box(sandbox), f"Edit {number}")["key"]
    began = time.monotonic()
    while not is_there(database, key):
        time.sleep(0.5)
    return time.monotonic() - began


def is_there(database: Path, comment: str) -> bool:
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            found = connection.execute(
                'SELECT count(*) FROM streak."box_comments" WHERE "key" = ?', [comment]
            ).fetchone()
    except duckdb.Error:  # it is being written
        return False
    return found == (1,)


if __name__ == "__main__":
    main()
