"""What was measured, kept as JSON: written after each contestant, so an aborted run keeps what it has."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from datetime import datetime, timezone
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "dagster", "duckdb", "pandas", "requests", "pyrate-limiter",
    "dlt", "dagster-duckdb", "dagster-duckdb-pandas",
)  # fmt: skip
MEASURED = (
    "seconds", "cpu_seconds", "memory_mb", "calls", "repeated", "refused", "worst_second", "span_seconds",
)  # fmt: skip
Record = dict[str, Any]


class Results:
    """The file ``benchmarks.json`` of a folder: ``about``, and the records ``copying`` and ``publishing``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        commit()  # what is edited while a run goes on isn't what it measures
        self.data: dict[str, Any] = {"about": {}, "copying": [], "publishing": []}
        if path.exists():
            self.data = json.loads(path.read_text(encoding="utf-8"))

    def has(self, kind: str, **which: Any) -> bool:
        """Whether a record of this kind with these values is there."""
        return any(_is(each, which) for each in self.data[kind])

    def drop(self, kind: str, **which: Any) -> None:
        """Take away what is about to be measured anew."""
        self.data[kind] = [each for each in self.data[kind] if not _is(each, which)]

    def add(self, kind: str, records: list[Record]) -> None:
        """Keep records, and write the file."""
        stamp = {"at": datetime.now(timezone.utc).isoformat(timespec="seconds"), "commit": commit()}
        self.data[kind] += [{**each, **stamp} for each in records]
        self.data["about"] = about()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        written = self.path.with_suffix(".writing")
        lines = json.dumps(self.data, indent=1, ensure_ascii=False)
        written.write_text(lines + "\n", encoding="utf-8")
        written.replace(self.path)


def _is(record: Record, which: dict[str, Any]) -> bool:
    return all(record.get(name) == value for name, value in which.items())


def medians(records: list[Record], by: tuple[str, ...], of: tuple[str, ...]) -> list[Record]:
    """One record for each ``by``, in the order of the first: the medians of ``of``, and ``rounds``.

    ``fastest`` and ``slowest`` are of ``seconds``; ``differences`` are those of all rounds.
    """
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for each in records:
        groups.setdefault(tuple(each[name] for name in by), []).append(each)
    return [
        {
            **{name: group[0][name] for name in by},
            **{name: statistics.median(each[name] for each in group) for name in of},
            "rounds": len(group),
            "fastest": min(each["seconds"] for each in group),
            "slowest": max(each["seconds"] for each in group),
            "differences": sorted({text for each in group for text in each.get("differences", ())}),
        }
        for group in groups.values()
    ]


def about() -> Record:
    """The machine and the versions, as the page tells them."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(memory),
        "system": _system(),
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


@cache
def commit() -> str:
    """The commit that is measured; with ``-dirty`` where code was changed since."""
    found = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--", "streak_dagster", "benchmarks", "pyproject.toml")
    return f"{found}-dirty" if changed else found or "unknown"


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _processor() -> str:
    if sys.platform == "linux":
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        if named:
            return named[0]
    return platform.processor() or platform.machine()


def _system() -> str:
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {platform.system()} {platform.release()}"
    except (OSError, KeyError):
        return platform.platform()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
