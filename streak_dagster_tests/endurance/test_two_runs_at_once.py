"""Two runs of one account into one database at the same time."""

from __future__ import annotations

from pathlib import Path

from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster_tests.endurance.accounts import account
from streak_dagster_tests.endurance.budgets import forget_budget
from streak_dagster_tests.endurance.runs import running
from streak_dagster_tests.product.conftest import environment
from streak_dagster_tests.truth import differences

RATE = 50


def test_two_runs_share_the_budget_and_the_database(tmp_path: Path) -> None:
    database = tmp_path / "streak.duckdb"
    workspace = account(60)
    with Sandbox(workspace, rate=RATE) as sandbox:
        values = environment(sandbox, database, STREAK_CALLS_PER_SECOND=str(RATE))
        with running(values, tmp_path) as one, running(values, tmp_path) as other:
            assert one.ends() == 0, one.output
            assert other.ends() == 0, other.output
        forget_budget(sandbox)
        assert sandbox.journal.busiest_window() <= RATE
        assert {arrival.status for arrival in sandbox.journal.arrivals} == {200}
    assert differences(database, workspace, Variants()) == []
    assert not database.with_name(f"{database.name}.spool").exists()
