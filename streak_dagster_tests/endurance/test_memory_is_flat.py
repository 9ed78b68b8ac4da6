"""Ten times the boxes take no more memory, as the kernel measures the process at its peak."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from streak_dagster_tests.support.accounts import account
from streak_dagster_tests.support.contents import contents
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.runs import running
from streak_dagster_tests.support.sandboxes import sandbox_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

FEW, MANY = 500, 5_000
MORE_MIB = 70
"""Measured: 50, which is DuckDB publishing the boxes; with every row kept in memory 85."""
WALK = ["dagster", "asset", "materialize", "-m", "streak_dagster", "--select", "*streak/box_comments"]
"""Pipelines, boxes and one walk over all boxes."""


def peak_mib(boxes: int, folder: Path) -> float:
    database = folder / f"{boxes}.duckdb"
    with (
        sandbox_of(account(boxes)) as sandbox,
        running(environment(sandbox, database), folder, WALK) as run,
    ):
        _, status, used = os.wait4(run.process.pid, 0)
        run.process.returncode = os.waitstatus_to_exitcode(status)
        assert run.process.returncode == 0, run.output
    assert contents(database)["pipeline_boxes"].rows == boxes
    return used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def test_memory_is_flat(tmp_path: Path) -> None:
    assert peak_mib(MANY, tmp_path) < peak_mib(FEW, tmp_path) + MORE_MIB
