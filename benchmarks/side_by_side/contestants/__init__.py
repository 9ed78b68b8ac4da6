"""Who is measured: for each a file that says how its process is started, or does what it does."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ..cases import Case
    from ..server import Server


@dataclass(frozen=True)
class Step:
    """A process to run, where its tables then are, and what is done to the account before it."""

    name: str
    command: list[str]
    environment: dict[str, str]
    database: Path
    schema: str
    edits: bool = False
    changed: bool = False
    """Whether it is one of those that only the first rounds have."""


def environment(**further: str) -> dict[str, str]:
    """The environment of a contestant: ours, without what would set it up otherwise than we say."""
    ours = ("STREAK_", "DAGSTER_", "DLT_", "BENCH_", "EXTRACT__", "NORMALIZE__", "LOAD__", "RUNTIME__")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONUNBUFFERED": "1", "DO_NOT_TRACK": "1", **further}


def asked(case: Case, server: Server, database: Path) -> dict[str, str]:
    """What the two baselines are told."""
    return {
        "BENCH_URL": server.url,
        "BENCH_DATABASE": str(database),
        "BENCH_RATE": str(case.rate),
        "BENCH_LATENCY_MS": str(case.latency_ms),
    }
