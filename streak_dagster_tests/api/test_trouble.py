"""What a walk says while it waits: for what, and until when."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from streak_dagster.api.client import StreakClient
from streak_dagster.errors import ServerFaultError
from streak_dagster.sandbox import Sandbox
from streak_dagster.sync.progress import Progress
from streak_dagster.tables import BOX_TASKS
from streak_dagster_tests.support.clients import ask


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[StreakClient], str]:
    """The line that a walk of this client would log now."""
    monkeypatch.setattr("streak_dagster.sync.progress.PROGRESS_SECONDS", 0.0)

    def tell(client: StreakClient) -> str:
        lines: list[str] = []
        Progress(BOX_TASKS, client, lines.append).tell(3, 10)
        (line,) = lines
        return line

    return tell


def test_a_pause_names_its_end(
    client_of: Callable[..., StreakClient], sandbox: Sandbox, told: Callable[[StreakClient], str]
) -> None:
    client = client_of(sandbox)
    client.rate_limiter.pause(500)
    line = told(client)
    found = re.fullmatch(r"box_tasks: 3 of 10 boxes, Streak asked to wait until (\d\d:\d\d:\d\d) UTC", line)
    assert found, line
    soon = [time.strftime("%H:%M:%S", time.gmtime(time.time() + 500 + late)) for late in range(-60, 2)]
    assert found[1] in soon


def test_answers_that_fail_are_named(
    client_of: Callable[..., StreakClient], sandbox: Sandbox, told: Callable[[StreakClient], str]
) -> None:
    client = client_of(sandbox)
    assert "calls a second" in told(client)
    sandbox.faults.add("", status=503, times=100)
    with pytest.raises(ServerFaultError):
        ask(client)
    assert re.search(r"no answer for \d+ s, asking again\. Streak failed \(HTTP 503\)", told(client))
    sandbox.faults.clear()
    ask(client)
    assert "calls a second" in told(client)
