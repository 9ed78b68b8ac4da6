"""The account that most of these tests copy, and a copy of it; a file of tests may have others of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.sandboxes import sandbox_of


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The sample."""
    with sandbox_of() as running:
        yield running


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A database that isn't there yet."""
    return tmp_path / "copy.duckdb"


@pytest.fixture
def database(load: Load, sandbox: Sandbox, copies: Copies, tmp_path: Path) -> Path:
    """A copy that is true, and a journal that is empty."""
    return copies.put("the sample", tmp_path / "copy.duckdb", sandbox, load)
