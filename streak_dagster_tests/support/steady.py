"""Judging a rate on a machine that others use, too.

A server stamps a call when it gets to it. Where the machine holds it, or the caller, up for longer than the
budget's margin, calls arrive closer together than they left, and eleven of them in a second say nothing about
the budget. So a heartbeat beside the measurement tells how late the machine wakes whom it should.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from streak_dagster.sandbox import Sandbox

BEAT = 0.002
MARGIN = 0.01
"""Seconds: half of what the budget leaves in each for what differs on the way."""
TRIES = 5


class Heartbeat:
    """Wakes all the time while the block runs; `late` is how many seconds too late it was at the worst."""

    def __init__(self) -> None:
        self.late = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def _beat(self) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            self._over.wait(BEAT)
            self.late = max(self.late, time.monotonic() - began - BEAT)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def over(rate: int, *sandboxes: Sandbox) -> str | None:
    """What one of the journals has to say against callers with a budget of so many calls a second."""
    for sandbox in sandboxes:
        busiest = sandbox.journal.busiest_window()
        statuses = {each.status for each in sandbox.journal.arrivals}
        if busiest > rate or statuses != {200}:
            return f"{busiest} calls in a second of {rate}, answers {statuses}"
    return None


def judge(measure: Callable[[Heartbeat], str | None], *, tries: int = TRIES) -> None:
    """Fail with what `measure` has to complain of; measure again where the machine was held up meanwhile.

    The measurement lets the heartbeat go beside what it judges. What fails on a machine that kept its time
    fails at once.
    """
    told: list[str] = []
    for _ in range(tries):
        heartbeat = Heartbeat()
        complaint = measure(heartbeat)
        if complaint is None:
            return
        told.append(f"{complaint} (the machine woke {heartbeat.late * 1000:.0f} ms late at the worst)")
        if heartbeat.late < MARGIN:
            break
    pytest.fail("; ".join(told))
