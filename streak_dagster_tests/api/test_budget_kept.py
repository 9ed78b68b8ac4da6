"""The budget as a server sees it that enforces it, by that server's own clock, over real processes."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streak_dagster.api.client import PAUSE_WITHOUT_ADVICE
from streak_dagster.sandbox import Sandbox, sample_workspace
from streak_dagster_tests.support.clients import ask
from streak_dagster_tests.support.processes import REPOSITORY
from streak_dagster_tests.support.scripted_server import KEY
from streak_dagster_tests.support.steady import judge, over
from streak_dagster_tests.support.waiting import LONGEST, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streak_dagster.api.client import StreakClient

CALLER = "streak_dagster_tests.support.workers.caller"

pytestmark = pytest.mark.alone
"""One after the other where tests run in parallel: they measure."""


@contextmanager
def callers(
    sandbox: Sandbox, directory: Path, processes: int, seconds: float, threads: int = 24
) -> Iterator[None]:
    """Processes that share a budget; they begin together, and the block ends when they do."""
    arguments = [sandbox.url, sandbox.key, str(directory), str(seconds), str(threads)]
    with ExitStack() as stack:
        running = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", CALLER, *arguments],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    cwd=REPOSITORY,
                )
            )
            for _ in range(processes)
        ]
        for each in running:
            assert each.stdout is not None
            assert each.stdout.readline() == b"ready\n"
        for each in running:
            assert each.stdin is not None
            each.stdin.write(b"go\n")
            each.stdin.flush()
        yield
        assert [each.wait(LONGEST) for each in running] == [0] * processes


@pytest.fixture
def strict() -> Iterator[Sandbox]:
    """Admits ten calls in any sliding second."""
    with Sandbox(sample_workspace(), key=KEY, rate=10) as sandbox:
        yield sandbox


@pytest.mark.parametrize("latency", [0, 0.3])
@pytest.mark.parametrize("processes", [1, 4, 8])
def test_no_second_holds_more_than_ten_calls(
    strict: Sandbox, tmp_path: Path, processes: int, latency: float
) -> None:
    strict.latency = latency

    def measure() -> str | None:
        strict.journal.clear()
        with callers(strict, tmp_path, processes, 6, threads=24 // processes):
            pass
        assert len(strict.journal) > 20
        return over(10, strict)

    judge(measure)


@pytest.mark.parametrize("latency", [0, 2.0])
def test_the_budget_is_used(strict: Sandbox, tmp_path: Path, latency: float) -> None:
    strict.latency = latency

    def measure() -> str | None:
        strict.journal.clear()
        with callers(strict, tmp_path, 1, 8):
            pass
        rate = strict.journal.rate()
        return over(10, strict) or (f"{rate:.2f} calls a second" if rate < 9.7 else None)

    judge(measure)


@pytest.mark.parametrize(
    ("status", "header"), [(429, "seconds"), (429, "date"), (429, "none"), (503, "seconds")]
)
def test_a_pause_that_one_process_was_asked_for_holds_for_another(
    status: int, header: str, sandbox: Sandbox, client_of: Callable[..., StreakClient], tmp_path: Path
) -> None:
    date = int(time.time()) + 4
    asked = {"seconds": "2", "date": formatdate(date, usegmt=True)}
    sandbox.faults.add(
        "users/me", status=status, headers={"Retry-After": asked[header]} if header in asked else {}
    )
    client = client_of(sandbox)
    with ThreadPoolExecutor(1) as threads:
        refused = threads.submit(ask, client, "v1/users/me")
        eventually(lambda: is_paused(client))
        with callers(sandbox, tmp_path, 1, 0, threads=1):
            pass
        assert refused.result(60)
    first, *later = sandbox.journal.arrivals
    assert [first.status, *(each.status for each in later)] == [status, 200, 200]
    if header == "date":
        assert min(each.wall for each in later) >= date - 0.1
    else:
        pause = {"seconds": 2.0, "none": PAUSE_WITHOUT_ADVICE}[header]
        assert min(each.at for each in later) >= first.at + pause


def is_paused(client: StreakClient) -> bool:
    with client.budget._state.update() as state:
        return state.paused_until > time.monotonic_ns() // 1000
