"""The sliding second: at most so many calls in any one second.

No public source shows the real limiter (API notes, section 6), so this is the strictest reading: a
window that slides with every call, not one that starts afresh at the full second.
"""

from __future__ import annotations

import math
from collections import deque

from ..answers import Answer, json_answer, retry_after


class SlidingWindow:
    """Admits at most `rate` calls in any half-open second.

    A rate that isn't a whole number widens the window instead: 0.5 is one call in any two seconds. 0
    means no limit. Not thread-safe: it lives on the server's event loop.
    """

    def __init__(self, rate: float) -> None:
        if not (math.isfinite(rate) and rate >= 0):
            raise ValueError(
                f"The rate must be 0 (no limit) or a positive number of calls a second, not {rate}."
            )
        self.calls = max(1, math.floor(rate)) if rate else 0
        self.seconds = self.calls / rate if rate else 0.0
        self._counted: deque[float] = deque()

    def admit(self, at: float, *, count_refused: bool) -> float | None:
        """None when a call at this time (seconds, never going back) may pass, else the seconds to wait.

        With `count_refused` a refused call fills the window too, so that who hammers stays out.
        """
        if not self.calls:
            return None
        while self._counted and at - self._counted[0] >= self.seconds:
            self._counted.popleft()
        if len(self._counted) < self.calls:
            self._counted.append(at)
            return None
        if count_refused:
            self._counted.append(at)
        return self._counted[-self.calls] + self.seconds - at


def rate_limited(wait: float, form: str) -> Answer:
    """The 429 of a call too many, which says, or doesn't, when to come back."""
    error = "Too many requests: the limit of calls a second is exceeded"
    # A wait may be rounded to nothing: one that has to come back has to wait.
    return json_answer({"error": error}, 429, "refused", retry_after(form, max(wait, 0.001)))
