"""Servers to call and clients to call them with; all are closed at the end of a test."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from streak_dagster.api.client import StreakClient
from streak_dagster.api.rate_limiter import RateLimiter
from streak_dagster.api.retries import RetryLimits
from streak_dagster.sandbox import Sandbox, sample_workspace
from streak_dagster_tests.support.scripted_server import KEY, Reply, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

QUICK = RetryLimits(attempts=4, first_wait=0.001, longest_wait=0.002)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def serve(stack: ExitStack) -> Callable[..., ScriptedServer]:
    """Start a server that gives these replies, the last one for ever."""

    def start(*script: Reply) -> ScriptedServer:
        server = ScriptedServer(*script)
        stack.callback(server.close)
        return server

    return start


@pytest.fixture
def sandbox(stack: ExitStack) -> Sandbox:
    """The sample workspace without a rate limit."""
    return stack.enter_context(Sandbox(sample_workspace(), key=KEY, rate=0, strict=True))


@pytest.fixture
def client_of(stack: ExitStack, tmp_path: Path) -> Callable[..., StreakClient]:
    """A client of a server (anything with a ``url``), with a budget that doesn't slow a test down."""

    def make(server: Any, *, key: str = KEY, rate: float = 500, **options: Any) -> StreakClient:
        options.setdefault("retry_limits", QUICK)
        client = StreakClient(key, server.url, RateLimiter("tests", rate, directory=tmp_path), **options)
        stack.callback(client.close)
        return client

    return make
