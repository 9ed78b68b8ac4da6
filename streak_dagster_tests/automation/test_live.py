"""The schedule and the sensor of a real ``dagster dev``, while people work."""

from __future__ import annotations

import pytest

from streak_dagster.sandbox import Sandbox, Workspace, sample_workspace
from streak_dagster.sandbox.moves import Moves
from streak_dagster_tests.automation.live import SENSOR, a_box, becomes_true, dagster_dev, is_true


@pytest.fixture
def workspace() -> Workspace:
    return sample_workspace()


def test_the_schedule_brings_in_what_no_counter_shows(sandbox: Sandbox) -> None:
    module = "streak_dagster_tests.automation.every_minute"
    with dagster_dev(sandbox, module, STREAK_SCHEDULE="on") as (dagster, database):
        becomes_true(database, sandbox, dagster)
        sandbox.workspace.moves = Moves.nothing()
        sandbox.workspace.add_comment(a_box(sandbox), "Said while the schedule slept")
        sandbox.workspace.update_box(a_box(sandbox), name="Renamed while the schedule slept")
        assert not is_true(database, sandbox)
        becomes_true(database, sandbox, dagster)


def test_the_sensor_brings_in_what_people_do(sandbox: Sandbox) -> None:
    workspace = sandbox.workspace
    with dagster_dev(sandbox, "streak_dagster", **SENSOR) as (dagster, database):
        becomes_true(database, sandbox, dagster)
        for do in (
            lambda: workspace.add_comment(a_box(sandbox), "Said while the sensor slept"),
            lambda: workspace.delete_box(a_box(sandbox)),
            lambda: workspace.update_snippet(workspace.snippets()[0]["key"], snippetText="Other words"),
        ):
            do()
            assert not is_true(database, sandbox)
            becomes_true(database, sandbox, dagster)
