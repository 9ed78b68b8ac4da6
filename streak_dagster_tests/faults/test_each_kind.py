"""One answer of twenty fails, in one way: the copy is true, and nothing that was answered is asked again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster_tests.support.faults import PASSING, SILENT, kind_of, plan, repeated
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.told import sentences
from streak_dagster_tests.support.truth import differences

pytestmark = pytest.mark.slow

SMALL_PAGES: dict[str, Any] = {"STREAK_PAGE_SIZE": "3"}


SILENCE = 4.0
"""Seconds in which a sandbox answers on the busiest machine, so that it is silent who doesn't."""

KINDS = sorted(set(map(kind_of, PASSING)))
"""The forms of one kind come mixed."""
WHOLE = {"envelope", "half_body", "rate_limited"}
"""The kinds that meet the lists of every table; the others meet those of the core."""


@pytest.fixture(autouse=True)
def _tables(kind: str, request: pytest.FixtureRequest) -> None:
    if kind not in WHOLE:
        request.getfixturevalue("core_alone")


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_in_one_answer_of_twenty_changes_nothing(
    kind: str, load: Load, hurried: Callable[..., None], sandbox: Sandbox, tmp_path: Path
) -> None:
    silent = kind in SILENT
    hurried(**{"read_seconds": SILENCE} if silent else {})
    forms = [name for name in PASSING if kind_of(name) == kind]
    share = 0.05 / len(forms)
    # Each silence is waited for, so there are fewer of them.
    times: dict[str, Any] = {"times": 3} if silent else {}
    faults = [plan(sandbox, name, probability=share, seed=7 + at, **times) for at, name in enumerate(forms)]
    faults.append(plan(sandbox, forms[0], "/boxes$", skip=1, times=1))  # not every answer can be a page
    result = load(sandbox, tmp_path / "copy.duckdb", **SMALL_PAGES)
    assert result.success, sentences(result)
    assert sum(fault.struck for fault in faults) >= 1
    assert differences(tmp_path / "copy.duckdb", sandbox.workspace, Variants()) == []
    assert repeated(sandbox) == []
