"""A database in a transaction of each test's own, and one with a past that tests only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support.refreshes import Refreshes
from streak_dagster_tests.views import story
from streak_dagster_tests.views.handmade import make_tables


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Database(str(tmp_path / "crm.duckdb")).transaction() as session:
        meta.prepare(session)
        make_tables(session)
        yield session


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Refreshes:
    """The story, to its end."""
    refreshes = Refreshes(tmp_path_factory.mktemp("told") / "crm.duckdb")
    story.play(refreshes)
    return refreshes
