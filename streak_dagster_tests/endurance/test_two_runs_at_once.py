"""Two runs of one account into one database at the same time."""

from __future__ import annotations

import pytest

from streak_dagster.sandbox import Variants
from streak_dagster_tests.support.accounts import account
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.runs import running
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.steady import Heartbeat, judge, over
from streak_dagster_tests.support.truth import differences

pytestmark = [pytest.mark.alone, pytest.mark.usefixtures("core_alone")]

RATE = 50


def test_two_runs_share_the_budget_and_the_database(tmp_path_factory: pytest.TempPathFactory) -> None:
    workspace = account(60)

    def measure(heartbeat: Heartbeat) -> str | None:
        folder = tmp_path_factory.mktemp("two")
        database = folder / "streak.duckdb"
        with heartbeat, sandbox_of(workspace, rate=RATE) as sandbox:
            values = environment(sandbox, database, STREAK_CALLS_PER_SECOND=str(RATE))
            with running(values, folder) as one, running(values, folder) as other:
                assert one.ends() == 0, one.output
                assert other.ends() == 0, other.output
            complaint = over(RATE, sandbox)
        assert differences(database, workspace, Variants()) == []
        assert not database.with_name(f"{database.name}.spool").exists()
        return complaint

    judge(measure)
