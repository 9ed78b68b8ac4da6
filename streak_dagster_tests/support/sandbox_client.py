"""A small client of a running sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.support.waiting import MAX_WAIT


class Client:
    """Plain `requests` with the right key and one kept connection."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.auth = (sandbox.key, "")
        self.session.trust_env = False

    def call(self, path: str, *, method: str = "GET", **options: Any) -> requests.Response:
        return self.session.request(method, self.sandbox.url + path, timeout=MAX_WAIT, **options)

    def get(self, path: str, **params: Any) -> Any:
        response = self.call(path, params=params)
        assert response.status_code == 200, (path, response.status_code, response.text)
        return response.json()


Start = Callable[..., Client]
