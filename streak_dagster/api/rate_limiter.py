"""The call budget: one for an account on a machine, shared by all its threads and processes.

A call passes two gates. *Pacing*: pyrate-limiter's GCRA reserves it a slot, evenly spaced, so
that each slot wakes one process. *Window*: when the slot has come, the call may depart only if
the last ``limit`` calls that really departed leave room: a thread may wake long after its slot.

Streak counts arrivals, not departures. A call that was late on its way could share its second
with one call too many, so the window is a little longer than a second (``MARGIN``), and a call
has its departure corrected twice: when it really left (``Permit.sent``: connecting takes time,
and a busy machine lets threads wait), and when its answer shows that it was late (``answered``).

For example, 12 calls that want to depart at once, at 10 calls a second::

    calls 1 to 4     at 0 ms                 the pacing lets ``CATCH_UP`` calls follow each other at once
    calls 5 to 10    at 103, 205, …, 615 ms  then one each 102.5 ms: a tenth of the window of 1.025 s
    calls 11, 12     at 1,025 ms             their slots come at 718 and 820 ms, but until the first calls
                                             are 1.025 s old, ten have departed within the window

Any second holds 10 calls at most, and over a longer time 10 depart in each 1.025 s. Where the first call
needs 80 ms until it is sent, its departure becomes 76 ms (``PROMPT`` is free), and call 11 goes at 1,101 ms.
"""

from __future__ import annotations

import contextlib
import statistics
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyrate_limiter import GCRA, Rate

from streak_dagster.api.fair_lock import FairLock
from streak_dagster.api.shared_state import SharedStateFile, file_name, shared_directory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MARGIN = 1.025
"""The window's length in seconds for a second of Streak's: 25 ms for what differs on the way."""

PROMPT = 4_000
"""Microseconds from the departure that ``acquire`` notes until the request is sent that any call may take.

``MARGIN`` has room for two calls that differ by as much."""

CATCH_UP = 4
"""Calls that may follow each other at once after the pacing fell behind."""

MAX_PAUSE = 900.0
"""Seconds. A longer ``Retry-After`` is asked about again after this time."""


class RateLimiter:
    """An account's calls a second, shared by every thread and process of this user on the machine.

    ``account`` names the account (never the key itself). As the server sees it, no second holds
    more than ``calls_per_second`` calls.
    """

    def __init__(self, account: str, calls_per_second: float, *, directory: Path | None = None) -> None:
        limit, seconds = _window(calls_per_second)
        self.calls_per_second = calls_per_second
        self._rate = Rate(limit, round(seconds * 1000), burst=min(CATCH_UP, limit))
        self._pacing = GCRA()
        self._state = SharedStateFile((directory or shared_directory()) / file_name(account, "budget"))
        self._transit = _Transit()
        # One thread waits for a slot, the others for that thread; calls depart in the order of their start.
        self._turn = FairLock()

    def acquire(self, sleep: Callable[[float], object] = time.sleep) -> Permit:
        """Block until the next call may depart.

        ``sleep`` may raise to give up; it is called (with 0) before anything is reserved.
        """
        with self._turn:
            sleep(0)
            wait = self._reserve() - time.monotonic_ns() // 1000
            while wait > 0:
                sleep(wait / 1_000_000)
                wait = 0
            stamp, wait = self._depart()
            while wait > 0:
                sleep(wait / 1_000_000)
                stamp, wait = self._depart()
        return Permit(self, stamp)

    def pause(self, seconds: float) -> None:
        """No process of this account departs for ``seconds``: Streak asked to slow down."""
        until = time.monotonic_ns() // 1000 + int(min(seconds, MAX_PAUSE) * 1_000_000)
        with self._state.update() as state:
            state.paused_until = max(state.paused_until, until)

    def paused_until(self) -> float | None:
        """When a pause ends that Streak asked any process for, in epoch seconds; None where there is none."""
        with self._state.update() as state:
            left = state.paused_until - time.monotonic_ns() // 1000
        return time.time() + left / 1_000_000 if left > 0 else None

    def departed_within(self, seconds: float) -> int:
        """How many calls of any process departed in the last ``seconds``, as far as they are remembered.

        Of a state that can't be trusted, which reads as spent at one moment, they count as one.
        """
        since = time.monotonic_ns() // 1000 - int(seconds * 1_000_000)
        with self._state.update() as state:
            return len({each for each in state.departures if each >= since})

    def close(self) -> None:
        self._state.close()

    def _reserve(self) -> int:
        """The microsecond of this call's slot, taken whether it has come or not."""
        with self._state.update() as state:
            now_ms = max(time.monotonic_ns() // 1000, state.paused_until) // 1000
            (arrival,), decision = self._pacing.step([self._rate], (state.arrival,), now_ms, 1)
            if not decision.allowed:
                now_ms += decision.retry_after_ms or 0
                (arrival,), decision = self._pacing.step([self._rate], (state.arrival,), now_ms, 1)
            state.arrival = int(arrival)
            return now_ms * 1000

    def _depart(self) -> tuple[int, int]:
        """The stamp of the departure and 0, or 0 and the microseconds still to wait."""
        with self._state.update() as state:
            now = time.monotonic_ns() // 1000
            opens = state.paused_until
            if len(state.departures) >= self._rate.limit:
                opens = max(opens, state.departures[-self._rate.limit] + self._rate.interval * 1000)
            if opens > now:
                return 0, opens - now
            state.departures.append(now)
            return now, 0

    def _move(self, stamp: int, late: int) -> int:
        """Note that the call of ``stamp`` departed ``late`` microseconds later; returns its new stamp.

        Once the limiter is closed, nothing is noted.
        """
        if late <= 0:
            return stamp
        with contextlib.suppress(ValueError), self._state.update() as state:
            if stamp in state.departures:
                state.departures.remove(stamp)
                state.departures = sorted([*state.departures, stamp + late])
        return stamp + late


def seconds_for(calls: int, calls_per_second: float) -> float:
    """How long so many calls take at the least, where nothing else uses the budget."""
    limit, seconds = _window(calls_per_second)
    return calls * seconds / limit


def _window(calls_per_second: float) -> tuple[int, float]:
    """The calls that may depart in a window, and its length in seconds.

    Never less than a second: of 10.5 calls a second, 10 are a window's, and the rest is unused.
    """
    limit = max(1, int(calls_per_second))
    return limit, max(1.0, limit / calls_per_second) * MARGIN


@dataclass
class Permit:
    """One call that left within the budget."""

    rate_limiter: RateLimiter
    stamp: int

    def __post_init__(self) -> None:
        self._left = self.stamp

    def sent(self) -> None:
        """Say that the request has left. What that took beyond ``PROMPT`` moves the departure."""
        self._left = time.monotonic_ns() // 1000
        self.stamp = self.rate_limiter._move(self.stamp, self._left - self.stamp - PROMPT)  # noqa: SLF001

    def answered(self) -> None:
        """Say that the answer came. One that took long moves the departure: the call may have come late."""
        late = self.rate_limiter._transit.lateness(time.monotonic_ns() // 1000 - self._left)  # noqa: SLF001
        self.stamp = self.rate_limiter._move(self.stamp, late)  # noqa: SLF001


class _Transit:
    """How much later than usual a call may have reached the server, judged by its answer.

    Where answers usually take about the same time, what a call took beyond that may have been
    spent before the server saw it. Where the times vary anyway, nothing follows from one.
    """

    STEADY = 15_000
    """Microseconds between the quickest and the usual answer below which the times count as steady."""
    UNKNOWN_AT_MOST = 100_000
    """Microseconds by which a process's first calls count as late, before the usual time is known."""
    UNKNOWN_CALLS = 3

    def __init__(self) -> None:
        self._latest: deque[int] = deque(maxlen=31)
        self._lock = threading.Lock()

    def lateness(self, took: int) -> int:
        """Microseconds to add to a departure whose answer took ``took`` microseconds."""
        with self._lock:
            known = sorted(self._latest)
            self._latest.append(took)
        if len(known) < self.UNKNOWN_CALLS:
            return min(took, self.UNKNOWN_AT_MOST)
        usual = statistics.median_low(known)
        if usual - known[0] > self.STEADY:
            return 0
        return max(0, took - usual)
