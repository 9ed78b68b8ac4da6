"""Two daemons of one account share its budget. Runs by itself: see the Makefile."""

from __future__ import annotations

import pytest

from streak_dagster_tests.support.dagster_dev import SENSOR, a_box, dagster_dev
from streak_dagster_tests.support.sandboxes import sandbox_of

pytestmark = pytest.mark.alone


def test_two_daemons_of_one_account_stay_within_its_budget() -> None:
    """Each has a home, a database and a sensor of its own; the server allows 10 calls in any second."""
    with sandbox_of(rate=10) as sandbox:
        slow = {**SENSOR, "STREAK_CALLS_PER_SECOND": "10"}
        with dagster_dev(sandbox, **slow) as one, dagster_dev(sandbox, **slow) as other:
            one.becomes_true()
            other.becomes_true()
            sandbox.workspace.add_comment(a_box(sandbox), "Said to both")
            one.becomes_true()
            other.becomes_true()
        assert sandbox.journal.busiest_window() <= 10
        assert {arrival.status for arrival in sandbox.journal.arrivals} == {200}
