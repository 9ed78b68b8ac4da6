"""One call of a client, as most tests of it make it."""

from __future__ import annotations

from typing import Any

from streak_dagster.api.client import StreakClient


def ask(client: StreakClient, path: str = "v1/pipelines", subject: str = "box_tasks of box K1") -> Any:
    return client.get(path, subject=subject, read=lambda body: body).content
