"""dlt as a contestant, paced and unpaced; what its process does is in ``dlt_rest_api``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from . import Step, asked, environment

if TYPE_CHECKING:
    from pathlib import Path

    from ..cases import Case
    from ..server import Server

SCHEMA = "streak"


def workers(case: Case) -> int:
    """Threads: half as many again as keep the budget busy, but no fewer than dlt's default."""
    return max(5, 15 * case.latency_ms // 1000)


def steps(case: Case, server: Server, folder: Path) -> list[Step]:
    """It asks for everything: the lists can't be filtered by when they changed."""
    return _steps(case, server, folder, workers(case), paced=True)


def steps_unpaced(case: Case, server: Server, folder: Path) -> list[Step]:
    """As documented: its retries are all that holds the budget."""
    return _steps(case, server, folder, 20, paced=False)


def _steps(case: Case, server: Server, folder: Path, threads: int, *, paced: bool) -> list[Step]:
    database = folder / "dlt.duckdb"
    settings = environment(
        **asked(case, server, database),
        DLT_DATA_DIR=str(folder / "dlt"),
        DLT_PROJECT_DIR=str(folder),
        EXTRACT__WORKERS=str(threads),
        EXTRACT__MAX_PARALLEL_ITEMS=str(4 * threads),
        RUNTIME__DLTHUB_TELEMETRY="false",
        RUNTIME__LOG_LEVEL="ERROR",
        BENCH_PACED=str(int(paced)),
        BENCH_WORKERS=str(threads),
    )
    return [
        Step("complete", [sys.executable, "-m", f"{__package__}.dlt_rest_api"], settings, database, SCHEMA)
    ]
