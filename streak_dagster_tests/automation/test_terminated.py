"""A run of Dagster's daemon that is told to stop: by *Terminate* in the UI, or with the daemon itself."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance

from streak_dagster_tests.support.accounts import account
from streak_dagster_tests.support.asked import spooled
from streak_dagster_tests.support.dagster_dev import SENSOR, Serving, dagster_dev, graphql
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

_RUNS = "{ runsOrError { ... on Runs { results { runId status } } } }"
BOXES = 2_000
"""Their comments alone take minutes at 10 calls a second."""


@pytest.fixture
def served() -> Iterator[Serving]:
    """A daemon whose run asks for the comments of boxes."""
    settings = {**SENSOR, "STREAK_CALLS_PER_SECOND": "10"}
    with sandbox_of(account(BOXES)) as sandbox, dagster_dev(sandbox, **settings) as served:
        served.run.awaits(lambda: len(sandbox.journal.calls(re.compile("/comments$"))) > 20, pause=0.2)
        yield served


def test_terminate_in_the_ui_cancels_the_run(served: Serving) -> None:
    ((run, status),) = _runs(served)
    assert status == "STARTED"
    told = graphql(served.url, f'mutation {{ terminateRun(runId: "{run}") {{ __typename }} }}')
    assert told["terminateRun"]["__typename"] == "TerminateRunSuccess"
    served.run.awaits(lambda: dict(_runs(served))[run] == "CANCELED", pause=0.2)
    assert len(spooled(served.database)["box_comments"]) > 20


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_the_daemon_stops_its_run(number: int, served: Serving) -> None:
    ((run, _),) = _runs(served)
    served.run.send(number)
    served.run.ends()
    asked = served.sandbox.journal.calls()
    home = Path(served.database).with_name("home")
    eventually(lambda: _status(home, run) == "CANCELED")
    assert "Traceback" not in served.run.said
    assert len(asked) < BOXES


def _runs(served: Serving) -> list[tuple[str, str]]:
    found = graphql(served.url, _RUNS)["runsOrError"]["results"]
    return [(each["runId"], each["status"]) for each in found]


def _status(home: Path, run_id: str) -> str:
    """How the instance of a home calls a run. A daemon that ends slowly may have asked for another one."""
    with DagsterInstance.from_config(str(home)) as instance:
        run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status.value
