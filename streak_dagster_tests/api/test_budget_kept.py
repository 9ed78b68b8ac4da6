"""The budget as a server sees it that enforces it, by that server's own clock, over real processes."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streak_dagster.api.client import PAUSE_WITHOUT_ADVICE
from streak_dagster.sandbox import Sandbox, sample_workspace
from streak_dagster_tests.support.clients import ask
from streak_dagster_tests.support.processes import process, says
from streak_dagster_tests.support.scripted_server import KEY
from streak_dagster_tests.support.steady import Heartbeat, judge, over
from streak_dagster_tests.support.waiting import MAX_WAIT, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streak_dagster.api.client import StreakClient

CALLER = "streak_dagster_tests.support.workers.caller"
WITHOUT_BOOT = "streak_dagster_tests.support.workers.caller_without_boot"

pytestmark = pytest.mark.alone
"""One after the other where tests run in parallel: they measure."""


def call(
    budgets: dict[Path, Sandbox],
    processes: int,
    seconds: float,
    threads: int = 24,
    meanwhile: AbstractContextManager[object] | None = None,
) -> None:
    """Call from so many processes for each folder, where they share a budget; all begin together.

    The block ``meanwhile`` lasts from then until all have ended.
    """
    with ExitStack() as stack:
        running = [
            stack.enter_context(process(CALLER, each.url, each.key, folder, seconds, threads))
            for folder, each in budgets.items()
            for _ in range(processes)
        ]
        for each in running:
            says(each, "ready")
        with meanwhile or nullcontext():
            for each in running:
                assert each.stdin is not None
                each.stdin.write("go\n")
                each.stdin.flush()
            assert {each.wait(MAX_WAIT) for each in running} == {0}


@contextmanager
def called(
    folder: Path, latencies: list[float], processes: int, seconds: float, meanwhile: Heartbeat
) -> Iterator[list[Sandbox]]:
    """Sandboxes that admit ten calls in any sliding second and answer after so many seconds each.

    Each was called by as many processes of its own, all at the same time: they wait most of it.
    """
    with ExitStack() as stack:
        sandboxes = [
            stack.enter_context(Sandbox(sample_workspace(), key=KEY, rate=10, latency=latency))
            for latency in latencies
        ]
        budgets = {folder / str(each.latency): each for each in sandboxes}
        for budget in budgets:
            budget.mkdir(exist_ok=True)
        call(budgets, processes, seconds, 24 // processes, meanwhile)
        yield sandboxes


@pytest.mark.parametrize("processes", [1, 4, 8])
def test_no_second_holds_more_than_ten_calls(tmp_path: Path, processes: int) -> None:
    """Whether answers come at once or after 300 ms."""

    def measure(heartbeat: Heartbeat) -> str | None:
        with called(tmp_path, [0, 0.3], processes, 6, heartbeat) as sandboxes:
            assert all(len(each.journal) > 20 for each in sandboxes)
            return over(10, *sandboxes)

    judge(measure)


def test_no_second_holds_more_where_no_boot_has_a_name_and_the_wall_clock_moves(tmp_path: Path) -> None:
    """As on macOS, where a process began before the machine slept for an hour and one after that."""

    def measure(heartbeat: Heartbeat) -> str | None:
        with Sandbox(sample_workspace(), key=KEY, rate=10) as sandbox, ExitStack() as stack:
            running = [
                stack.enter_context(process(WITHOUT_BOOT, ahead, sandbox.url, KEY, tmp_path, 4))
                for ahead in (0, 3600, -3600)
            ]
            for each in running:
                says(each, "ready")
            with heartbeat:
                for each in running:
                    assert each.stdin is not None
                    each.stdin.write("go\n")
                    each.stdin.flush()
                assert {each.wait(MAX_WAIT) for each in running} == {0}
            assert len(sandbox.journal) > 20
            return over(10, sandbox)

    judge(measure)


def test_the_budget_is_used(tmp_path: Path) -> None:
    """Whether answers come at once or after 2 seconds."""

    def measure(heartbeat: Heartbeat) -> str | None:
        with called(tmp_path, [0, 2.0], 1, 8, heartbeat) as sandboxes:
            slowest = min(each.journal.rate() for each in sandboxes)
            return over(10, *sandboxes) or (f"{slowest:.2f} calls a second" if slowest < 9.7 else None)

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
        eventually(lambda: was_paused(client))
        call({tmp_path: sandbox}, processes=1, seconds=0, threads=1)
        assert refused.result(MAX_WAIT)
    first, *later = sandbox.journal.arrivals
    assert [first.status, *(each.status for each in later)] == [status, 200, 200]
    if header == "date":
        assert min(each.wall for each in later) >= date - 0.1
    else:
        pause = {"seconds": 2.0, "none": PAUSE_WITHOUT_ADVICE}[header]
        assert min(each.at for each in later) >= first.at + pause


def was_paused(client: StreakClient) -> bool:
    with client.rate_limiter._state.update() as state:
        return state.paused_until > 0
