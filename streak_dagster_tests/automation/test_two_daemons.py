"""Two daemons of one account share its budget. Runs by itself: see the Makefile."""

from __future__ import annotations

import pytest

from streak_dagster_tests.support.dagster_dev import SENSOR, a_box, dagster_dev
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.steady import Heartbeat, judge, over

pytestmark = [pytest.mark.alone, pytest.mark.usefixtures("core_alone")]


def test_two_daemons_of_one_account_stay_within_its_budget() -> None:
    """Each has a home, a database and a sensor of its own; the server allows 10 calls in any second."""
    judge(daemons_at_work)


def daemons_at_work(heartbeat: Heartbeat) -> str | None:
    """What the server has to complain of, once both daemons brought in all there was and an edit."""
    with heartbeat, sandbox_of(rate=10) as sandbox:
        slow = {**SENSOR, "STREAK_CALLS_PER_SECOND": "10"}
        with dagster_dev(sandbox, **slow) as one, dagster_dev(sandbox, **slow) as other:
            one.becomes_true()
            other.becomes_true()
            sandbox.workspace.add_comment(a_box(sandbox), "Said to both")
            one.becomes_true()
            other.becomes_true()
        return over(10, sandbox)
