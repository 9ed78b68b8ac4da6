"""Plain Dagster as a contestant; what its process does is in ``plain_dagster``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from . import Step, asked, environment

if TYPE_CHECKING:
    from pathlib import Path

    from ..cases import Case
    from ..server import Server

SCHEMA = "streak"


def steps(case: Case, server: Server, folder: Path) -> list[Step]:
    """It knows one way: everything."""
    home, database = folder / "home", folder / "plain.duckdb"
    home.mkdir(parents=True, exist_ok=True)
    settings = environment(**asked(case, server, database), DAGSTER_HOME=str(home))
    return [
        Step("complete", [sys.executable, "-m", f"{__package__}.plain_dagster"], settings, database, SCHEMA)
    ]
