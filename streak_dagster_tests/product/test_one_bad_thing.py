"""One thing that can't be read keeps what it had and is named; everything else is refreshed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetCheckEvaluation, ExecuteInProcessResult

from streak_dagster.sandbox import Sandbox, Workspace, generated_workspace
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import differences, stored

BOXES = 150


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with sandbox_of(generated_workspace(BOXES, seed=9)) as running:
        yield running


@pytest.fixture
def database(load: Load, sandbox: Sandbox, copies: Copies, tmp_path: Path) -> Path:
    """A copy that is true, and a journal that is empty."""
    return copies.put(f"{BOXES} boxes of seed 9", tmp_path / "copy.duckdb", sandbox, load)


def check(result: ExecuteInProcessResult, table: str, name: str) -> AssetCheckEvaluation:
    (found,) = (
        each
        for each in result.get_asset_check_evaluations()
        if (each.asset_key.path[-1], each.check_name) == (table, name)
    )
    return found


def rows_of(database: Path, table: str, column: str, *values: str) -> list[dict[str, Any]]:
    return [row for row in stored(database, table) if row[column] in values]


def a_busy_box(workspace: Workspace) -> str:
    boxes = (key for each in workspace.pipelines() for key in workspace.box_keys(each["key"]))
    return next(key for key in boxes if workspace.comments(key))


@pytest.mark.parametrize("status", [402, 410, 422])
def test_a_box_of_an_odd_status_keeps_its_rows_and_is_named(
    load: Load, sandbox: Sandbox, database: Path, status: int
) -> None:
    odd = a_busy_box(sandbox.workspace)
    before = rows_of(database, "box_comments", "box_key", odd)
    for key in {row["box_key"] for row in stored(database, "box_comments")}:
        sandbox.workspace.add_comment(key, "one more")
    sandbox.faults.add(f"{odd}/comments$", status=status, times=None)
    result = load(sandbox, database)
    assert result.success, failures(result)
    assert rows_of(database, "box_comments", "box_key", odd) == before
    expected = sum(
        len(sandbox.workspace.comments(key))
        for each in sandbox.workspace.pipelines()
        for key in sandbox.workspace.box_keys(each["key"])
    )
    assert len(stored(database, "box_comments")) == expected - 1
    found = check(result, "box_comments", "every_box_was_read")
    assert not found.passed
    told = str(found.metadata["which and why"].value)
    assert odd in told
    assert f"HTTP {status}" in told
    assert check(result, "box_tasks", "every_box_was_read").passed
    sandbox.faults.clear()
    assert load(sandbox, database).success
    assert differences(database, sandbox.workspace, sandbox.variants) == []


@pytest.mark.parametrize("status", [422, 500])
def test_a_box_that_no_list_shows_and_no_answer_tells_of_stays_as_it_was(
    load: Load, hurried: Callable[..., None], sandbox: Sandbox, database: Path, status: int
) -> None:
    hurried(attempts=2)
    gone, odd = sandbox.workspace.box_keys(sandbox.workspace.pipelines()[0]["key"])[:2]
    before = rows_of(database, "pipeline_boxes", "key", odd)
    for key in (gone, odd):
        sandbox.workspace.delete_box(key)
    sandbox.faults.add("/batch/?$", status=404, times=None)
    sandbox.faults.add(f"boxes/{odd}$", status=status, times=None)
    result = load(sandbox, database, select=["pipelines", "pipeline_boxes"])
    assert result.success, failures(result)
    assert rows_of(database, "pipeline_boxes", "key", odd, gone) == before
    (metadata,) = (
        event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.materialization.asset_key.path[-1] == "pipeline_boxes"
    )
    told = metadata["rows that no list showed and no answer told of, kept as they were"].value
    assert odd in str(told)
    assert f"HTTP {status}" in str(told)
