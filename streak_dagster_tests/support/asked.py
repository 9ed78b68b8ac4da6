"""Which calls were made for which table, and which answers a run that was cut short left behind."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from streak_dagster.sandbox import Arrival

IN_FLIGHT = 64
"""The most calls that a run has in flight at the rates of these tests."""
_TABLES = {
    "boxes": "pipeline_boxes",
    "fields": "pipeline_fields",
    "comments": "box_comments",
    "meetings": "box_meetings",
    "tasks": "box_tasks",
    "threads": "box_threads",
    "files": "box_files",
    "users": "users",
    "contacts": "contacts",
    "organizations": "organizations",
}
_BY_CURSOR = {"contacts", "organizations"}


class Ask(NamedTuple):
    """A page of a list: of which table, of which parent (empty where there is none), and its token."""

    table: str
    parent: str
    token: str


def ask_of(arrival: Arrival) -> Ask | None:
    """None for a call that asks by key."""
    parts = arrival.path.removeprefix("/api/v1/").removeprefix("/api/v2/").split("/")
    page = arrival.params.get("page", "0")
    if len(parts) == 1 or parts[0] == "users":
        return Ask(parts[-1], "", page)
    if len(parts) != 3 or parts[2] not in _TABLES:
        return None
    table = _TABLES[parts[2]]
    return Ask(table, parts[1], arrival.params.get("cursor", "") if table in _BY_CURSOR else page)


def asks(arrivals: Iterable[Arrival]) -> Counter[Ask]:
    return Counter(filter(None, map(ask_of, arrivals)))


def spooled(database: Path) -> dict[str, set[Ask]]:
    """The answers that wait on disk for the next run, by table; a torn last line isn't one.

    A run that is under way may take its spool away at any moment.
    """
    found: dict[str, set[Ask]] = {}
    folders: list[Path] = []
    with contextlib.suppress(FileNotFoundError):
        folders += database.with_name(f"{database.name}.spool").iterdir()
    for folder in folders:
        table = folder.name.partition(".")[0]
        answers = found.setdefault(table, set())
        with contextlib.suppress(FileNotFoundError):
            answers |= set(_answers(folder / "answers.jsonl", table))
    return found


def _answers(path: Path, table: str) -> Iterable[Ask]:
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            answer = json.loads(line)
            if answer["token"] is not None:
                yield Ask(table, answer["parent"], answer["token"])
