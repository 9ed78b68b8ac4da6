"""One account for all tests of the report, and the page about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from streak_dagster.report import Page, page
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.report import account
from streak_dagster_tests.report.reading import Parsed


@pytest.fixture(scope="package")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The account; who changes it takes a copy."""
    path = tmp_path_factory.mktemp("report") / "crm.duckdb"
    account.make(path)
    return path


@pytest.fixture(scope="module")
def session(database: Path) -> Iterator[Session]:
    with Database(str(database)).connect(read_only=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def made(session: Session) -> Page:
    return page(session, interval=timedelta(hours=6))


@pytest.fixture(scope="module")
def parsed(made: Page) -> Parsed:
    return Parsed(made.html)
