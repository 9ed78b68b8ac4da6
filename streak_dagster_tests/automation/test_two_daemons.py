"""Two daemons of one account share its budget. Runs by itself: see the Makefile."""

from __future__ import annotations

from streak_dagster.sandbox import Sandbox, sample_workspace
from streak_dagster_tests.automation.live import SENSOR, a_box, becomes_true, dagster_dev
from streak_dagster_tests.endurance.budgets import forget_budget


def test_two_daemons_of_one_account_stay_within_its_budget() -> None:
    """Each has a home, a database and a sensor of its own; the server allows 10 calls in any second."""
    workspace = sample_workspace()
    with Sandbox(workspace, rate=10) as sandbox:
        slow = {**SENSOR, "STREAK_CALLS_PER_SECOND": "10"}
        with (
            dagster_dev(sandbox, "streak_dagster", **slow) as (one, first),
            dagster_dev(sandbox, "streak_dagster", **slow) as (other, second),
        ):
            becomes_true(first, sandbox, one)
            becomes_true(second, sandbox, other)
            workspace.add_comment(a_box(sandbox), "Said to both")
            becomes_true(first, sandbox, one)
            becomes_true(second, sandbox, other)
        assert sandbox.journal.busiest_window() <= 10
        assert {arrival.status for arrival in sandbox.journal.arrivals} == {200}
        forget_budget(sandbox)
