"""Streak fails in one way from some call on: a named error, old tables, and a next run that goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streak_dagster.sandbox import Fault, Sandbox, Variants
from streak_dagster_tests.support.faults import HARMLESS, PASSING, SILENT, plan, repeated
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.told import contents, failed_cleanly, published, sentences
from streak_dagster_tests.support.truth import differences, stored

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

SELECTED = ["pipelines", "pipeline_boxes", "box_tasks"]
SMALL_PAGES: dict[str, Any] = {"STREAK_PAGE_SIZE": "6"}
SILENCE = 2.0
"""Seconds for those that are under way when the outage begins, and wait with patience."""
OUTAGES = [name for name in PASSING if name not in HARMLESS]
STARTS = (0, 7, 40)
"""Calls that are answered before the outage: in the pipelines, in the boxes, in the tasks."""


def change(sandbox: Sandbox) -> None:
    """Something new in every table, so that an old one can be told from a new one."""
    pipeline = sandbox.workspace.pipelines()[0]
    sandbox.workspace.update_pipeline(pipeline["key"], name="Renamed")
    sandbox.workspace.add_box(pipeline["key"], "New")
    for box in sandbox.workspace.boxes(pipeline["key"])[:2]:
        sandbox.workspace.add_task(box["key"], text="New")


def true_of(tables: list[str], database: Path, sandbox: Sandbox) -> list[str]:
    found = differences(database, sandbox.workspace, Variants())
    return [
        each for each in found if each.startswith(tuple(f"{name}{end}" for name in tables for end in ": "))
    ]


@pytest.mark.parametrize("name", OUTAGES)
def test_an_outage_leaves_the_tables_and_the_next_run_goes_on(
    name: str,
    load: Load,
    hurried: Callable[..., None],
    impatient_after: Callable[[Fault], None],
    sandbox: Sandbox,
    database: Path,
) -> None:
    hurried(attempts=2, seconds=0.3)
    before = contents(database)
    change(sandbox)
    how: dict[str, Any] = {"seconds": SILENCE} if name in SILENT else {}
    outage = plan(sandbox, name, times=None, skip=STARTS[OUTAGES.index(name) % len(STARTS)], **how)
    if name in SILENT:
        impatient_after(outage)

    failing = load(sandbox, database, select=SELECTED, **SMALL_PAGES)

    assert outage.struck
    told = failed_cleanly(failing, database, before)
    assert all(f"{table}" in sentence for table, sentence in told.items()), told

    sandbox.faults.clear()
    hurried()
    missing = [table for table in SELECTED if table not in published(failing)]
    going_on = load(sandbox, database, select=missing, **SMALL_PAGES)
    assert going_on.success, sentences(going_on)
    assert true_of(SELECTED, database, sandbox) == []
    assert repeated(sandbox) == [], "asked again, although it had been answered"


def test_pages_that_stay_those_before_them_are_no_table(
    load: Load, hurried: Callable[..., None], sandbox: Sandbox, tmp_path: Path
) -> None:
    hurried(attempts=2)
    largest = max(sandbox.workspace.pipelines(), key=lambda each: each["boxCount"])
    sandbox.faults.add(f"{largest['key']}/boxes$", kind="duplicate_page", skip=2, times=None)
    result = replace(load, readings=True)(sandbox, tmp_path / "new.duckdb", STREAK_PAGE_SIZE="3")
    assert result.success, sentences(result)
    (check,) = (
        each
        for each in result.get_asset_check_evaluations()
        if each.check_name == "every_pipeline_was_read" and not each.passed
    )
    assert "with the records of an earlier page, twice" in str(check.metadata["which and why"].value)
    landed = {row["pipeline_key"] for row in stored(tmp_path / "new.duckdb", "pipeline_boxes")}
    assert landed
    assert largest["key"] not in landed
    sandbox.faults.clear()
    assert load(sandbox, tmp_path / "new.duckdb", **SMALL_PAGES).success
    assert differences(tmp_path / "new.duckdb", sandbox.workspace, Variants()) == []
