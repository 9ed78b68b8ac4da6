"""What is installed on this machine, and whether Dagster's daemon runs: told without loading Dagster."""

from __future__ import annotations

import contextlib
import os
import platform
import sqlite3
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING
from urllib.parse import quote

from streak_dagster.doctor.findings import Finding, Mark
from streak_dagster.doctor.words import ago
from streak_dagster.home import find_home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SILENT = 120.0
"""Seconds without a heartbeat, of which a daemon has one each 30 s, after which it counts as stopped."""
_SECONDS = 2.0
_PACKAGES = ("streak_dagster", "dagster", "duckdb")


def installed() -> Iterator[Finding]:
    """The versions that a report of a fault begins with."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    text = ", ".join(f"{name.capitalize() if '_' not in name else name} {of}" for name, of in found.items())
    yield Finding("versions", Mark.OK, f"{text.replace('Duckdb', 'DuckDB')}.", facts=found)


def dagsters_home(database: str) -> Iterator[Finding]:
    """Where Dagster keeps the runs of a database, and whether a daemon is at work there."""
    home = find_home(database)
    if not home.exists():
        text = f"{home} isn't there yet; the first run makes it."
        yield Finding("Dagster's home", Mark.OK, text, facts={"path": str(home)})
        return
    if not (home.is_dir() and os.access(home, os.W_OK | os.X_OK)):
        text = f"{home} is no folder that can be written."
        yield Finding("Dagster's home", Mark.FAIL, text, "Set DAGSTER_HOME to one.", {"path": str(home)})
        return
    yield Finding("Dagster's home", Mark.OK, f"{home}", facts={"path": str(home)})
    yield _daemon(home)


def _daemon(home: Path) -> Finding:
    beats = heartbeats(home)
    if beats is None:
        text = "Its runs aren't kept in a file of this home, so only Dagster can tell."
        return Finding("daemon", Mark.OK, text, facts={"running": None})
    if not beats:
        text = "None has run here, so nothing is refreshed by itself."
        return Finding("daemon", Mark.OK, text, "For that: streak-dagster service", {"running": False})
    seconds = max(0.0, datetime.now(timezone.utc).timestamp() - max(beats))
    facts = {"running": seconds < _SILENT, "seconds_silent": round(seconds)}
    if seconds < _SILENT:
        return Finding("daemon", Mark.OK, f"It runs; last heard of {ago(seconds)}.", facts=facts)
    text = f"It doesn't run; last heard of {ago(seconds)}. Nothing is refreshed by itself."
    return Finding("daemon", Mark.WARN, text, "Start it: streak-dagster ui, or streak-dagster service", facts)


def heartbeats(home: Path) -> list[float] | None:
    """When each part of the daemon of a home was last heard of, in epoch seconds.

    None where Dagster keeps that elsewhere. Read as Dagster's own SQLite storage writes it (1.12, 1.13).
    """
    file = home / "history" / "runs.db"
    if not file.is_file():
        return None if _keeps_runs_elsewhere(home) else []
    try:
        with contextlib.closing(
            sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=_SECONDS)
        ) as connection:
            found = connection.execute("SELECT timestamp FROM daemon_heartbeats").fetchall()
        return [
            datetime.fromisoformat(str(moment)).replace(tzinfo=timezone.utc).timestamp()
            for (moment,) in found
        ]
    except (sqlite3.Error, ValueError):
        return None


def _keeps_runs_elsewhere(home: Path) -> bool:
    """Whether a storage is named in the home's settings; without one, Dagster makes its file there."""
    try:
        lines = (home / "dagster.yaml").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return False
    return any(line.startswith(("storage:", "run_storage:")) for line in lines)
