"""A 429 slows everybody, for as long as Streak asks but not for ever, and the load still ends."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from streak_dagster.api import rate_limiter
from streak_dagster.api.client import StoppedError, StreakClient
from streak_dagster.api.rate_limiter import RateLimiter
from streak_dagster.resources import StreakResource
from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.steady import Heartbeat, judge
from streak_dagster_tests.support.told import sentences
from streak_dagster_tests.support.truth import differences
from streak_dagster_tests.support.waiting import MAX_WAIT

ANOTHER = re.compile("/users/me$")
MAX_OF_A_SECOND = 0.6
"""A call that had its yes before the 429 came may arrive in the pause, where threads have to wait."""


@contextmanager
def another_process(sandbox: Sandbox, folder: Path) -> Iterator[None]:
    """Calls all the time within the same account's budget, of which it knows only the file."""
    account = StreakResource(api_key=sandbox.key).account
    name = f"{sandbox.url.split('/')[2]} {account}"
    client = StreakClient(sandbox.key, sandbox.url, RateLimiter(name, 900, directory=folder))

    def keep_calling() -> None:
        with suppress(StoppedError):
            while True:
                client.get("v1/users/me", subject="the current user", read=dict)

    thread = threading.Thread(target=keep_calling)
    thread.start()
    try:
        yield
    finally:
        client.stop()
        thread.join()
        client.close()


def longest_silence(stamps: list[float]) -> float:
    return max(after - before for before, after in pairwise(stamps))


@pytest.mark.alone
@pytest.mark.parametrize("kind", ["rate_limited_seconds", "rate_limited_date", "rate_limited"])
def test_one_refusal_silences_every_process_of_the_account(
    kind: str, load: Load, sandbox: Sandbox, database: Path, own_budgets: Path
) -> None:
    def measure(heartbeat: Heartbeat) -> str | None:
        sandbox.journal.clear()
        fault = sandbox.faults.add("/tasks$", kind=kind, skip=20, times=1)
        with heartbeat, another_process(sandbox, own_budgets):
            result = load(sandbox, database, select=["box_tasks"])
        assert result.success, sentences(result)
        assert fault.struck == 1
        assert len(sandbox.journal.calls(ANOTHER)) > 5, "the other one called, too"
        silence = longest_silence([each.at for each in sandbox.journal.arrivals])
        # A date's second may be nearly over when it is read.
        if kind == "rate_limited_date" or silence > MAX_OF_A_SECOND:
            return None
        return f"{silence:.2f} s of silence"

    judge(measure)


@pytest.mark.alone
def test_a_time_that_is_years_away_is_waited_for_no_longer_than_is_sensible(
    load: Load, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, database: Path
) -> None:
    assert MAX_WAIT < rate_limiter.MAX_PAUSE <= 900
    monkeypatch.setattr(rate_limiter, "MAX_PAUSE", 0.5)
    for date in ("Fri, 31 Dec 2099 23:59:59 GMT", "99999999999"):
        sandbox.faults.add("/tasks$", status=429, headers={"Retry-After": date}, skip=10, times=1)
    began = time.monotonic()
    result = load(sandbox, database, select=["box_tasks"])
    assert result.success, sentences(result)
    assert time.monotonic() - began < MAX_WAIT
    assert longest_silence([each.at for each in sandbox.journal.arrivals]) > 0.3


@pytest.mark.slow
def test_a_load_that_is_refused_more_often_than_not_ends_true(
    load: Load, hurried: Callable[..., None], sandbox: Sandbox, tmp_path: Path
) -> None:
    hurried()
    fault = sandbox.faults.add(kind="rate_limited", probability=0.6, seed=11)
    result = load(sandbox, tmp_path / "copy.duckdb")
    assert result.success, sentences(result)
    assert fault.struck > 250
    assert differences(tmp_path / "copy.duckdb", sandbox.workspace, Variants()) == []
