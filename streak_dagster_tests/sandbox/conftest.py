"""A running sandbox and a small client for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from streak_dagster.sandbox import Sandbox, Variants, Workspace, sample_workspace


class Client:
    """Plain `requests` with the right key and one kept connection."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.auth = (sandbox.key, "")
        self.session.trust_env = False

    def call(self, path: str, *, method: str = "GET", **options: Any) -> requests.Response:
        return self.session.request(method, self.sandbox.url + path, timeout=20, **options)

    def get(self, path: str, **params: Any) -> Any:
        response = self.call(path, params=params)
        assert response.status_code == 200, (path, response.status_code, response.text)
        return response.json()


Start = Callable[..., Client]


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
