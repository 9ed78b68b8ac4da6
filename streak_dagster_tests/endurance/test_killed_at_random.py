"""SIGKILL at any moment of a run. ``ENDURE_KILLS`` says how many times, 8 unless it is set."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

import pytest

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.support.accounts import move_on
from streak_dagster_tests.support.contents import contents
from streak_dagster_tests.support.loading import Load, environment
from streak_dagster_tests.support.recovery import assert_recovers
from streak_dagster_tests.support.runs import running

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

KILLS = int(os.environ.get("ENDURE_KILLS", "8"))
CALLS = 480
"""A whole run makes a few more; after the last ones one table is still to be published."""


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_run_killed_at_any_moment(
    seed: int, sandbox: Sandbox, database: Path, load: Load, record_property: Any
) -> None:
    """The moment is a number of calls, which is the same on a slow machine, and up to half a second."""
    chance = random.Random(seed)
    calls, pause = chance.randint(1, CALLS), chance.uniform(0, 0.5)
    before = contents(database)
    move_on(sandbox.workspace, "second")
    values = environment(sandbox, database)
    with running(values, database.parent) as run:
        while len(sandbox.journal) < calls and run.process.poll() is None:
            time.sleep(0.002)
        time.sleep(pause)
        run.kill()
    left = assert_recovers(sandbox, database, values, before, load)
    for name, value in {"calls": calls, "in flight": len(left.in_flight), "asked twice": left.twice}.items():
        record_property(name, value)
    record_property("cut short", ", ".join(left.kept) or "none")
