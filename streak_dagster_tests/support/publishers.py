"""Publishers in processes of their own, which are killed as they publish."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.processes import process, says

WORKER = "streak_dagster_tests.support.workers.publisher"


def publish_in_a_process(database: Database, rows: Path) -> None:
    """Publish a spool once, to its end."""
    with process(WORKER, "loop", database.path, 1, rows) as publisher:
        says(publisher, "ready")
        says(publisher, "published")


def killed_publishers(database: Database, *rows: Path, times: int, within: float) -> Iterator[int]:
    """After each of so many publishers of spools in turn, killed ``within`` so many seconds of its start."""
    for number in range(times):
        with process(WORKER, "loop", database.path, 0, *rows) as publisher:
            says(publisher, "ready")
            time.sleep(random.uniform(0.0, within))
            publisher.kill()
            publisher.wait()
        yield number
