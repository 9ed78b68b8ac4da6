"""What holds for every test: a sandbox leaves nothing behind on the machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.endurance.budgets import forget_budget


@pytest.fixture(scope="session", autouse=True)
def _no_budget_outlives_its_sandbox() -> Iterator[None]:
    """An account's budget is kept for its next process, and a sandbox's account has none."""
    close = Sandbox.close

    def close_and_forget(self: Sandbox) -> None:
        close(self)
        forget_budget(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sandbox, "close", close_and_forget)
        yield
