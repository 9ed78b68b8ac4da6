"""A client for a handful of calls that somebody waits for: to see whether a key works, what is wrong."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from streak_dagster.api.client import StreakClient
from streak_dagster.api.identity import account_name, budget_name
from streak_dagster.api.rate_limiter import RateLimiter
from streak_dagster.api.retries import RetryLimits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READ_SECONDS = 5.0
"""Seconds to connect, and without a byte of an answer."""
ANSWER_SECONDS = 10.0
_LIMITS = RetryLimits(attempts=2, seconds=ANSWER_SECONDS, first_wait=0.2, longest_wait=0.5)


@contextmanager
def asking(
    key: str, url: str, calls_per_second: float, *, seconds: float, directory: Path | None = None
) -> Iterator[StreakClient]:
    """A client within the account's shared budget, which is patient with nobody.

    After ``seconds`` every call of it raises StoppedError, also one that waits for the budget.
    ``directory`` is where the budget is kept, if it isn't to be shared.
    """
    budget = RateLimiter(budget_name(url, account_name(key)), calls_per_second, directory=directory)
    client = StreakClient(
        key,
        url,
        budget,
        in_flight=2,
        retry_limits=_LIMITS,
        read_seconds=READ_SECONDS,
        answer_seconds=ANSWER_SECONDS,
    )
    deadline = threading.Timer(seconds, client.abort)
    deadline.daemon = True
    deadline.start()
    try:
        yield client
    finally:
        deadline.cancel()
        client.close()
