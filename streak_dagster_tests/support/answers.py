"""Reading what a walk brought, and what a sandbox was asked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from streak_dagster.sandbox import Sandbox, Workspace
from streak_dagster.sync.fetched import Fetched
from streak_dagster.sync.refresh import Refresher
from streak_dagster.sync.walk import Parent

Asked = Counter[tuple[str, str]]
Connect = Callable[..., Refresher]
"""The fixture `connect`."""


def as_parents(keys: list[str]) -> list[Parent]:
    return [Parent(key) for key in keys]


def rows(refresh: Fetched) -> list[dict[str, Any]]:
    return [json.loads(line) for line in refresh.spool.rows_path.read_bytes().splitlines()]


def comment_keys(workspace: Workspace, boxes: list[str]) -> list[tuple[str, str]]:
    return sorted((box, comment["key"]) for box in boxes for comment in workspace.comments(box))


def stored_keys(refresh: Fetched) -> list[tuple[str, str]]:
    return sorted((row["box_key"], row["key"]) for row in rows(refresh))


def asked(sandbox: Sandbox, *, answered: bool = False) -> Asked:
    """How often each path and query arrived; with ``answered`` only those that got their list."""
    return Counter(
        (arrival.path, arrival.query)
        for arrival in sandbox.journal.arrivals
        if not answered or arrival.status == 200
    )


def comment_paths(keys: list[str]) -> Asked:
    return Counter((f"/api/v2/boxes/{key}/comments", "") for key in keys)
