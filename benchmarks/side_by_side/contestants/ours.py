"""streak-dagster, through the front door, as shipped.

It does more than the others: history, views, checks, a copy for readers. Two lists that the others aren't
asked for are excluded, and nothing else.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..server import KEY
from . import Step, environment

if TYPE_CHECKING:
    from ..cases import Case
    from ..server import Server

LIFTED = "1000"
"""Calls a second, where the server has no limit: the most that the setting takes."""


def steps(case: Case, server: Server, folder: Path) -> list[Step]:
    """A complete copy; and into another database a first changed one, one after edits, and an idle one."""
    return [
        _step("complete", "complete", case, server, folder / "complete"),
        _step("first changed", "changed", case, server, folder / "changed"),
        _step("changed after 1 %", "changed", case, server, folder / "changed", edits=True),
        _step("changed, idle", "changed", case, server, folder / "changed"),
    ]


def _step(name: str, mode: str, case: Case, server: Server, folder: Path, *, edits: bool = False) -> Step:
    home, database = folder / "home", folder / "crm.duckdb"
    home.mkdir(parents=True, exist_ok=True)
    settings = environment(
        STREAK_API_URL=server.url,
        STREAK_API_KEY=KEY,
        STREAK_DUCKDB_PATH=str(database),
        STREAK_EXCLUDE="webhooks,newsfeed",
        STREAK_CALLS_PER_SECOND=str(case.rate or LIFTED),
        DAGSTER_HOME=str(home),
    )
    command = [str(Path(sys.executable).with_name("streak-dagster")), "run", "--refresh", mode]
    return Step(name, command, settings, database, "crm.streak", edits, changed=mode == "changed")
