"""A small copy with a pipeline of odd values, which tests read or add to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.refreshes import Refreshes
from streak_dagster_tests.views.story import beginning

LONG = "long " * 8_000


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that is made by hand, after one refresh, with names that a spreadsheet may misread."""
    tables = beginning()
    names = {"b1": "=1+1", "b2": "+cmd|' /C calc'!A0", "b3": "@sum", "b4": "two\r\nlines\x07", "b5": LONG}
    for box in tables["pipeline_boxes"]:
        box["name"] = names[box["key"]]
    tables["pipelines"].append({"key": "p3", "name": "Sales: [EU] / 'all' of the things that were sold'"})
    tables["pipelines"].append({"key": "p4", "name": "DEALS"})
    tables["pipelines"].append({"key": "p5", "name": "History"})
    refreshes = Refreshes(tmp_path_factory.mktemp("filled") / "crm.duckdb")
    refreshes.publish(tables)
    assert refreshes.said == []
    with refreshes.database.transaction() as session:
        noted: dict[str, object] = {"table_name": "pipelines", "declaration": "", "mode": "complete"}
        noted |= dict.fromkeys(("started_at", "published_at"), 1_798_761_600_000)
        noted |= dict.fromkeys(("rows", "inserted", "updated", "deleted", "calls", "seconds"), 0)
        meta.record(session, "refreshes", noted)
    return refreshes.database.path


@pytest.fixture
def database(filled: Path, tmp_path: Path) -> Database:
    """A copy of it, of a test's own."""
    return Database(str(shutil.copy(filled, tmp_path / "crm.duckdb")), lock_wait=5)
