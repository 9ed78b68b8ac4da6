"""A key that is revoked in the middle of a walk stops the run at once; a restored one goes on there."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster_tests.support.faults import repeated
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.steady import Heartbeat, judge
from streak_dagster_tests.support.told import contents, failed_cleanly, sentences
from streak_dagster_tests.support.truth import differences

pytestmark = [pytest.mark.alone, pytest.mark.usefixtures("core_alone")]

LATENCY = 0.3
CALLS_PER_SECOND = 40
CHILDREN = ["box_tasks", "box_threads", "box_comments", "box_meetings"]


@pytest.mark.parametrize("table", ["box_tasks", "box_comments"])
def test_a_revoked_key_ends_the_run_with_the_calls_in_flight(
    table: str, load: Load, sandbox: Sandbox, database: Path
) -> None:
    judge(partial(revoked_in_the_middle, table, load, sandbox, database))


def revoked_in_the_middle(
    table: str, load: Load, sandbox: Sandbox, database: Path, heartbeat: Heartbeat
) -> str | None:
    """What was too late or too much; the rest holds however late a machine is. The key works again after."""
    revoked_at: list[float] = []
    under_way: list[int] = []

    def revoke(_: object) -> None:
        under_way.append(sum(each.status is None for each in sandbox.journal.arrivals))
        revoked_at.append(time.monotonic())
        sandbox.revoke()

    before = contents(database)
    sandbox.journal.clear()
    sandbox.latency = LATENCY
    kind = table.removeprefix("box_")
    sandbox.faults.when(f"/{kind}$", revoke, skip=20)
    with heartbeat:
        result = load(sandbox, database, select=CHILDREN, STREAK_CALLS_PER_SECOND=str(CALLS_PER_SECOND))
    ended_at = time.monotonic()

    told = failed_cleanly(result, database, before)
    assert table in told
    assert {each.partition("(")[0] for each in told.values()} == {"Streak doesn't accept the API key "}
    assert "STREAK_API_KEY" in told[table]
    refused = [each for each in sandbox.journal.arrivals if each.kind == "unauthorized"]
    assert {each.path.rpartition("/")[2] for each in refused} == {kind}, "no other asset called"
    # Those that were on their way when the first 401 came back: the budget's calls within the latency.
    most = max(under_way[0], CALLS_PER_SECOND * LATENCY) + 2 + 8
    last_at = sandbox.journal.arrivals[-1].at

    sandbox.restore()
    sandbox.latency = 0
    missing = list(told)
    result = load(sandbox, database, select=missing)
    assert result.success, sentences(result)
    assert repeated(sandbox) == []
    assert differences(database, sandbox.workspace, Variants()) == []

    ended, called = ended_at - revoked_at[0], last_at - revoked_at[0]
    if len(refused) <= most and ended < 10 and called < 5:
        return None
    return f"{len(refused)} calls refused, the last after {called:.1f} s, ended after {ended:.1f} s"
