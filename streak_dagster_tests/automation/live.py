"""A real ``dagster dev`` against the sandbox, and when its copy is true."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from streak_dagster.cli import _DAGSTER_YAML
from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster.tables import ALL_TABLES
from streak_dagster_tests.endurance.runs import Run, eventually, running
from streak_dagster_tests.product.conftest import environment
from streak_dagster_tests.truth import differences

SENSOR = {"STREAK_SCHEDULE": "off", "STREAK_SENSOR": "on", "STREAK_PROBE_INTERVAL": "10s"}
LONGEST = 300.0
"""Seconds: a schedule's minute, the refresh, and a busy machine."""
CLOCK_DRIVEN = {
    column.name
    for table in ALL_TABLES
    for column in table.columns
    if column.clock_driven or column.clock_driven_members
}


@contextmanager
def dagster_dev(sandbox: Sandbox, module: str, **settings: str) -> Iterator[tuple[Run, Path]]:
    """Dagster with a home of its own, and where it copies to.

    The home's path is short, because Dagster's processes meet at sockets below it.
    """
    with tempfile.TemporaryDirectory(prefix="streak-") as folder, socket.socket() as free:
        home = Path(folder)
        (home / "dagster.yaml").write_text(_DAGSTER_YAML, encoding="utf-8")
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        database = home / "streak.duckdb"
        values = {
            **environment(sandbox, database, **settings),
            "DAGSTER_HOME": folder,
            "PYTHONPATH": str(Path(__file__).parents[2]),  # the tests aren't installed
        }
        with running(
            values, home, ["dagster", "dev", "-m", module, "-h", "127.0.0.1", "-p", str(port)]
        ) as run:
            yield run, database


def is_true(database: Path, sandbox: Sandbox) -> bool:
    """Whether the copy equals the account, but for what the clock drives; not while it is being written."""
    try:
        found = differences(database, sandbox.workspace, Variants())
    except duckdb.Error:
        return False
    return all(each.partition(": ")[2].split(" ")[0] in CLOCK_DRIVEN for each in found)


def a_box(sandbox: Sandbox) -> str:
    workspace = sandbox.workspace
    return str(workspace.boxes(workspace.pipelines()[0]["key"])[0]["key"])


def becomes_true(database: Path, sandbox: Sandbox, dagster: Run) -> None:
    """Wait for Dagster to bring in what there is."""
    eventually(lambda: is_true(database, sandbox), dagster, pause=0.5, longest=LONGEST)
