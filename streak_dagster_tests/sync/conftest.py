"""Clients of a sandbox on loopback, and refreshers that spool below ``tmp_path``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from streak_dagster.api.client import StreakClient
from streak_dagster.api.rate_limiter import RateLimiter
from streak_dagster.api.retries import RetryLimits
from streak_dagster.sync.refresh import Refresher
from streak_dagster_tests.support.answers import Connect


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Connect]:
    """Refreshers of an account at a URL; ``connect(url, report=…, in_flight=…, page_size=…)``."""
    with ExitStack() as stack:

        def begin(
            url: str,
            *,
            report: Callable[[str], None] = lambda _: None,
            in_flight: int = 8,
            page_size: int = 100,
        ) -> Refresher:
            client = StreakClient(
                "sandbox",
                url,
                RateLimiter(url, 1000, directory=tmp_path),
                in_flight=in_flight,
                retry_limits=RetryLimits(attempts=2, first_wait=0.01, longest_wait=0.02),
            )
            stack.callback(client.close)
            return Refresher(client, "account", tmp_path / "spool", page_size, report)

        yield begin
