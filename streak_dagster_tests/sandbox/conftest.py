"""Running sandboxes, each with a client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from streak_dagster.sandbox import Sandbox, Variants, Workspace, sample_workspace
from streak_dagster_tests.support.sandbox_client import Client, Start


@pytest.fixture
def start() -> Iterator[Start]:
    """Start sandboxes (no rate limit unless asked for); all are closed at the end."""
    with ExitStack() as stack:

        def begin(workspace: Workspace | None = None, **options: Any) -> Client:
            options.setdefault("rate", 0)
            client = Client(stack.enter_context(Sandbox(workspace or sample_workspace(), **options)))
            stack.callback(client.session.close)
            return client

        yield begin


@pytest.fixture
def vary(start: Start) -> Callable[..., Client]:
    """Start a sandbox on the sample with some variants."""

    def begin(**switches: Any) -> Client:
        return start(variants=Variants(**switches))

    return begin


@pytest.fixture
def client(start: Start) -> Client:
    """A sandbox on the sample as it answers by default."""
    return start()
