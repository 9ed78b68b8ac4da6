"""A database of each test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from streak_dagster.warehouse.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A file of the default's name."""
    return Database(str(tmp_path / "crm.duckdb"), lock_wait=60)
