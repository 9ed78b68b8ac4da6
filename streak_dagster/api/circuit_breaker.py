"""Is Streak down? Patience with single calls would add up to hours when none is answered at all."""

from __future__ import annotations

import threading
import time

FAILURES = 40
SECONDS = 20.0


class CircuitBreaker:
    """Counts failures in a row over all threads of a client.

    Streak counts as down when ``FAILURES`` attempts in a row failed and nothing was answered for
    ``SECONDS``. Then no attempt is repeated, until one is answered.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._answered_at = time.monotonic()
        self._last = ""

    @property
    def is_open(self) -> bool:
        return self._failures >= FAILURES and time.monotonic() - self._answered_at > SECONDS

    def describe(self) -> str | None:
        """For how long nothing was answered, and how the last call failed; None where it was answered."""
        with self._lock:
            if not self._failures:
                return None
            return f"no answer for {time.monotonic() - self._answered_at:.0f} s, asking again. {self._last}"

    def failed(self, how: str = "") -> None:
        with self._lock:
            if self._failures == 0:
                self._answered_at = time.monotonic()  # a pause before the first failure isn't an outage
            self._failures += 1
            self._last = how

    def answered(self) -> None:
        with self._lock:
            self._failures = 0
            self._answered_at = time.monotonic()
