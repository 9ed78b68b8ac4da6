"""One answer of twenty fails, in one way: the copy is true, and nothing that was answered is asked again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster_tests.faults.kinds import PASSING, READ_SECONDS, plan, repeated
from streak_dagster_tests.faults.told import sentences
from streak_dagster_tests.truth import differences

SMALL_PAGES = {"STREAK_PAGE_SIZE": "3"}


KINDS = sorted({name.split(maxsplit=1)[0] for name in PASSING})
"""The forms of one kind come mixed."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_in_one_answer_of_twenty_changes_nothing(
    kind: str, load: Any, hurried: Callable[..., None], sandbox: Sandbox, tmp_path: Path
) -> None:
    hurried(read_seconds=READ_SECONDS.get(kind, 20.0))
    forms = [name for name in PASSING if name.startswith(kind) and name.removeprefix(kind)[:1] in ("", " ")]
    share = 0.05 / len(forms)
    faults = [plan(sandbox, name, probability=share, seed=7 + at) for at, name in enumerate(forms)]
    faults.append(plan(sandbox, forms[0], "/boxes$", skip=1, times=1))  # not every answer can be a page
    result = load(sandbox, tmp_path / "copy.duckdb", **SMALL_PAGES)
    assert result.success, sentences(result)
    assert sum(fault.struck for fault in faults) >= 1
    assert differences(tmp_path / "copy.duckdb", sandbox.workspace, Variants()) == []
    assert repeated(sandbox) == []
