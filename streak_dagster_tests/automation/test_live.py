"""The schedule and the sensor of a real ``dagster dev``, while people work."""

from __future__ import annotations

import pytest

from streak_dagster.sandbox import Moves, Sandbox
from streak_dagster_tests.support.dagster_dev import SENSOR, a_box, dagster_dev

pytestmark = pytest.mark.slow

EVERY_MINUTE = ("-m", "streak_dagster_tests.support.workers.every_minute")


@pytest.mark.usefixtures("core_alone")
def test_the_schedule_brings_in_what_no_counter_shows(sandbox: Sandbox) -> None:
    def edit() -> None:
        sandbox.workspace.add_comment(a_box(sandbox), "Said while the schedule slept")
        sandbox.workspace.update_box(a_box(sandbox), name="Renamed while the schedule slept")

    with dagster_dev(sandbox, EVERY_MINUTE, STREAK_SCHEDULE="on") as dagster:
        dagster.becomes_true()
        sandbox.workspace.moves = Moves.nothing()
        dagster.misses(edit)
        dagster.becomes_true()


def test_the_sensor_brings_in_what_people_do(sandbox: Sandbox) -> None:
    workspace = sandbox.workspace
    with dagster_dev(sandbox, **SENSOR) as dagster:
        dagster.becomes_true()
        for do in (
            lambda: workspace.add_comment(a_box(sandbox), "Said while the sensor slept"),
            lambda: workspace.delete_box(a_box(sandbox)),
            lambda: workspace.update_snippet(workspace.snippets()[0]["key"], snippetText="Other words"),
        ):
            dagster.misses(do)
            dagster.becomes_true()
