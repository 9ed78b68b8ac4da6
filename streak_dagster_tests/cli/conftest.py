"""One sandbox for the tests of a file: they only ask it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.support.sandboxes import sandbox_of


@pytest.fixture(scope="module")
def account() -> Iterator[Sandbox]:
    """The sample, as an account."""
    with sandbox_of() as running:
        yield running
