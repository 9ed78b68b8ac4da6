"""Copies of the core tables alone, for tests of what a load survives: kills, outages, full disks, daemons.

A whole load of every table takes twice as long. What a run does when it is killed, refused or stopped is the
same for each kind of table, and each kind but ``TEAM_LIST`` is among these. Of each way to break off there
is a test that keeps everything, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from streak_dagster.tables import ALL_TABLES, Table, table

CORE = frozenset(
    table(name).name
    for name in (
        "teams",
        "pipelines",
        "pipeline_stages",
        "pipeline_fields",
        "pipeline_boxes",
        "box_comments",
        "box_meetings",
        "box_tasks",
        "box_threads",
        "snippets",
    )
)
"""Each with its parent."""
_state = {"fewer": False}


@contextmanager
def core_tables_alone() -> Iterator[None]:
    """Meanwhile the core is all that this process loads, or lets a command load, and what is judged."""
    _state["fewer"] = True
    try:
        yield
    finally:
        _state["fewer"] = False


def are_fewer() -> bool:
    return _state["fewer"]


def copied() -> tuple[Table, ...]:
    """The tables that this test copies."""
    return tuple(each for each in ALL_TABLES if each.name in CORE or not are_fewer())


def exclude() -> dict[str, str]:
    """The setting that leaves out the others; none where everything is copied."""
    if not are_fewer():
        return {}
    return {"STREAK_EXCLUDE": ",".join(each.name for each in ALL_TABLES if each.name not in CORE)}
