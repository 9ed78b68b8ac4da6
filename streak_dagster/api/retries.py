"""When a call is made again, and after how long.

Small pieces put together with tenacity: which errors (``is_transient``), how long (``RetryLimits``:
full jitter, doubling, capped; a 429's own waiting is done by the budget, for all processes), and
when to stop. Throttling is not here but in ``rate_limiter``.
"""

from __future__ import annotations

import email.utils
import time
from dataclasses import dataclass
from datetime import timezone
from typing import TYPE_CHECKING

import tenacity

from streak_dagster.errors import RateLimitedError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class RetryLimits:
    """How long one call may be tried.

    ``attempts`` counts the first one; ``seconds`` bounds all attempts and waits together;
    ``first_wait`` and ``longest_wait`` are the bounds of the jittered backoff, in seconds.
    """

    attempts: int = 6
    seconds: float = 600.0
    first_wait: float = 0.5
    longest_wait: float = 30.0

    def retrying(
        self,
        sleep: Callable[[float], None],
        after: Callable[[tenacity.RetryCallState], None],
        give_up: Callable[[], bool] = lambda: False,
    ) -> tenacity.Retrying:
        """Retries by these bounds; none where ``give_up`` says that none can help now."""
        backoff = tenacity.wait_random_exponential(multiplier=self.first_wait, max=self.longest_wait)
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            wait=lambda state: 0.0 if _is_rate_limited(state) else backoff(state),
            stop=tenacity.stop_any(
                _stop_after_other_failures(self.attempts),
                tenacity.stop_after_delay(self.seconds),
                _stop_when(give_up),
            ),
            sleep=sleep,
            after=after,
            reraise=True,
        )


def _is_rate_limited(state: tenacity.RetryCallState) -> bool:
    return state.outcome is not None and isinstance(state.outcome.exception(), RateLimitedError)


class _stop_when(tenacity.stop.stop_base):  # noqa: N801 - tenacity's naming
    def __init__(self, give_up: Callable[[], bool]) -> None:
        self._give_up = give_up

    def __call__(self, _: tenacity.RetryCallState) -> bool:
        return self._give_up()


class _stop_after_other_failures(tenacity.stop.stop_base):  # noqa: N801 - tenacity's naming
    """Stop after ``attempts`` failures; a 429 isn't one: Streak is well and asks us to wait."""

    def __init__(self, attempts: int) -> None:
        self._attempts = attempts

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        failures = getattr(state, "streak_failures", 0) + (not _is_rate_limited(state))
        state.streak_failures = failures  # type: ignore[attr-defined]
        return failures >= self._attempts


def parse_retry_after(
    value: str | None, sent: str | None = None, *, now: Callable[[], float] = time.time
) -> float | None:
    """Seconds to wait by a ``Retry-After`` header, given in seconds or as an HTTP date; None if neither.

    A date is one of the server's clock, so it is compared with the answer's own ``Date`` (``sent``); with
    our clock only where that didn't come.
    """
    if value is None:
        return None
    text = value.strip()
    try:
        if text.replace(".", "", 1).isdigit():
            return max(0.0, float(text))
    except (ValueError, OverflowError):
        return None
    until, then = epoch_of(text), epoch_of(sent or "")
    if until is None:
        return None
    return max(0.0, until - (now() if then is None else then))


def epoch_of(http_date: str) -> float | None:
    """The moment of an HTTP date, in epoch seconds; None for anything else."""
    try:
        date = email.utils.parsedate_to_datetime(http_date)
        if date.tzinfo is None:  # asctime's form, and -0000: HTTP knows only UTC
            date = date.replace(tzinfo=timezone.utc)
        return date.timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
