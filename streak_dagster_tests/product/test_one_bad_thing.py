"""One thing that can't be read keeps what it had and is named; everything else is refreshed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetCheckEvaluation, AssetCheckSeverity, ExecuteInProcessResult

from streak_dagster import labels
from streak_dagster.sandbox import Sandbox, Workspace, generated_workspace
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.loading import Load, environment, failures
from streak_dagster_tests.support.runs import EVERYTHING, command
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import differences, stored

pytestmark = pytest.mark.slow

BOXES = 150


@pytest.fixture
def load(load: Load) -> Load:
    """With the checks of what was read."""
    return replace(load, readings=True)


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
    told = metadata[labels.UNCLEAR].value
    assert odd in str(told)
    assert f"HTTP {status}" in str(told)


@pytest.fixture
def unreadable(hurried: Callable[..., None], sandbox: Sandbox) -> Callable[..., str]:
    """Make one pipeline of the sandbox unreadable; gives its key."""
    hurried(attempts=2)

    def make(path: str, status: int, **how: Any) -> str:
        key: str = sandbox.workspace.pipelines()[1]["key"]
        sandbox.faults.add(f"{key}{path}", status=status, body=b'{"error": "Not today"}', times=None, **how)
        return key

    return make


def edit_all(sandbox: Sandbox) -> None:
    for each in sandbox.workspace.pipelines():
        for key in sandbox.workspace.box_keys(each["key"]):
            sandbox.workspace.update_box(key, notes="Edited")
        for field in sandbox.workspace.fields(each["key"]):
            sandbox.workspace.update_field(each["key"], field["key"], name=f"Edited {field['key']}")


READ_BY_PIPELINE = {"/boxes$": ("pipeline_boxes", "notes"), "/fields$": ("pipeline_fields", "name")}


@pytest.mark.parametrize("path", READ_BY_PIPELINE)
@pytest.mark.parametrize("status", [500, 403, 401, 404, 410, 422])
def test_a_pipeline_that_cannot_be_read_keeps_its_rows_and_is_named(
    load: Load, sandbox: Sandbox, database: Path, unreadable: Callable[..., str], path: str, status: int
) -> None:
    table, edited = READ_BY_PIPELINE[path]
    key = unreadable(path, status)
    before = rows_of(database, table, "pipeline_key", key)
    edit_all(sandbox)
    a_box = sandbox.workspace.box_keys(key)[0]
    comment = sandbox.workspace.add_comment(a_box, "Still asked for")["key"]
    result = load(sandbox, database)
    assert result.success, failures(result)
    assert rows_of(database, table, "pipeline_key", key) == before != []
    others = [row for row in stored(database, table) if row["pipeline_key"] != key]
    assert {row[edited].partition(" ")[0] for row in others} == {"Edited"}
    assert rows_of(database, "box_comments", "key", comment), "children go on"

    found = check(result, table, "every_pipeline_was_read")
    assert (found.passed, found.severity, found.blocking) == (False, AssetCheckSeverity.ERROR, False)
    told = {label: str(entry.value) for label, entry in found.metadata.items()}
    name = sandbox.workspace.pipeline(key)["name"]
    assert told["which and why"].startswith(f"{name} ({key}): ")
    assert f"HTTP {status}" in told["which and why"]
    assert 'said "Not today"' in told["which and why"]
    names = [each["name"] for each in sandbox.workspace.pipelines() if each["key"] != key]
    assert told["to leave it out meanwhile, with all its rows"] == f"STREAK_PIPELINES={','.join(names)}"
    sandbox.faults.clear()
    again = load(sandbox, database)
    assert check(again, table, "every_pipeline_was_read").passed
    assert differences(database, sandbox.workspace, sandbox.variants) == []


def test_what_the_message_says_leaves_the_pipeline_out(
    load: Load, sandbox: Sandbox, database: Path, unreadable: Callable[..., str]
) -> None:
    key = unreadable("/boxes$", 403)
    sandbox.workspace.update_pipeline(sandbox.workspace.pipelines()[0]["key"], name="North, South #1")
    found = check(load(sandbox, database), "pipeline_boxes", "every_pipeline_was_read")
    told = str(found.metadata["to leave it out meanwhile, with all its rows"].value)
    sandbox.journal.clear()
    result = load(sandbox, database, STREAK_PIPELINES=told.removeprefix("STREAK_PIPELINES="))
    assert result.success, failures(result)
    assert check(result, "pipeline_boxes", "every_pipeline_was_read").passed
    assert not rows_of(database, "pipeline_boxes", "pipeline_key", key)
    assert not [each for each in sandbox.journal.arrivals if f"{key}/" in each.path]


def test_a_name_that_would_mean_the_unread_one_too_is_not_offered(
    load: Load, sandbox: Sandbox, database: Path, unreadable: Callable[..., str]
) -> None:
    """STREAK_PIPELINES takes both names for the same."""
    key = unreadable("/boxes$", 403)
    other = next(each["key"] for each in sandbox.workspace.pipelines() if each["key"] != key)
    sandbox.workspace.update_pipeline(key, name="North  sales")
    sandbox.workspace.update_pipeline(other, name="North Sales")
    found = check(load(sandbox, database), "pipeline_boxes", "every_pipeline_was_read")
    offered = str(found.metadata["to leave it out meanwhile, with all its rows"].value)
    assert other in offered
    assert "North" not in offered


def test_all_below_a_pipeline_is_refused_and_it_is_neither_gone_nor_in_the_way(
    load: Load, sandbox: Sandbox, database: Path, unreadable: Callable[..., str]
) -> None:
    """A permission that is lost after the pipelines were listed."""
    key = unreadable("", 403)
    before = rows_of(database, "pipeline_boxes", "pipeline_key", key)
    edit_all(sandbox)
    assert load(sandbox, database).success
    assert rows_of(database, "pipeline_boxes", "pipeline_key", key) == before


@pytest.mark.parametrize("first", [0, 1], ids=["no page", "the first page"])
def test_boxes_that_moved_meanwhile_are_there_once(
    load: Load, sandbox: Sandbox, database: Path, unreadable: Callable[..., str], first: int
) -> None:
    workspace = sandbox.workspace
    key = workspace.pipelines()[1]["key"]
    other = workspace.pipelines()[0]
    outward, deleted, *rest = workspace.box_keys(key)
    inward = workspace.box_keys(other["key"])[0]
    before = rows_of(database, "pipeline_boxes", "key", *rest)
    workspace.update_box(outward, pipelineKey=other["key"], stageKey=other["stageOrder"][0])
    workspace.update_box(inward, pipelineKey=key, stageKey=workspace.pipeline(key)["stageOrder"][0])
    workspace.delete_box(deleted)
    for box in rest:
        workspace.update_box(box, notes="Edited")
    unreadable("/boxes$", 500, skip=first)
    sandbox.journal.clear()
    result = load(sandbox, database, select=["pipelines", "pipeline_boxes"], STREAK_PAGE_SIZE="5")
    assert result.success, failures(result)
    assert not check(result, "pipeline_boxes", "every_pipeline_was_read").passed
    (there,) = rows_of(database, "pipeline_boxes", "key", outward)
    assert there["pipeline_key"] == other["key"]
    (there,) = rows_of(database, "pipeline_boxes", "key", inward)
    assert there["pipeline_key"] == key
    assert rows_of(database, "pipeline_boxes", "key", *rest) == before
    assert len(rows_of(database, "pipeline_boxes", "key", deleted)) == 1, "it isn't known to be gone"
    asked = [each.path for each in sandbox.journal.arrivals if each.path.startswith("/api/v1/boxes/")]
    assert asked == [f"/api/v1/boxes/{inward}"]
    sandbox.faults.clear()
    assert load(sandbox, database).success
    assert differences(database, workspace, sandbox.variants) == []


def test_on_a_first_copy_the_others_land(
    load: Load, sandbox: Sandbox, unreadable: Callable[..., str], tmp_path: Path
) -> None:
    database = tmp_path / "new.duckdb"
    key = unreadable("/boxes$", 500, skip=1)
    result = load(sandbox, database, STREAK_PAGE_SIZE="5")
    assert result.success, failures(result)
    pipelines = sandbox.workspace.pipelines()
    expected = {box for each in pipelines for box in sandbox.workspace.box_keys(each["key"])}
    landed = {row["key"] for row in stored(database, "pipeline_boxes")}
    assert landed == expected - set(sandbox.workspace.box_keys(key))
    assert not check(result, "pipeline_boxes", "every_pipeline_was_read").passed


@pytest.mark.parametrize("status", [422, 500])
def test_where_no_pipeline_can_be_read_the_table_stays_and_it_is_said(
    load: Load, hurried: Callable[..., None], sandbox: Sandbox, database: Path, status: int
) -> None:
    hurried(attempts=2)
    before = stored(database, "pipeline_boxes")
    sandbox.faults.add("/boxes$", status=status, times=None)
    told = failures(load(sandbox, database))["pipeline_boxes"]
    number = len(sandbox.workspace.pipelines())
    assert f"pipeline_boxes: {number} of {number} pipelines couldn't be read" in told
    assert f"HTTP {status}" in told
    assert stored(database, "pipeline_boxes") == before


def test_a_key_revoked_at_one_pipeline_ends_all(load: Load, sandbox: Sandbox, database: Path) -> None:
    before = stored(database, "pipeline_boxes")
    key = sandbox.workspace.pipelines()[1]["key"]
    sandbox.faults.when(f"{key}/boxes$", lambda _: sandbox.revoke())
    told = failures(load(sandbox, database))
    assert "doesn't accept the API key" in told["pipeline_boxes"]
    assert stored(database, "pipeline_boxes") == before


def test_the_command_fails_with_a_line_and_dagsters_own_does_not(
    sandbox: Sandbox, database: Path, tmp_path: Path
) -> None:
    pipeline = sandbox.workspace.pipelines()[1]
    sandbox.faults.add(f"{pipeline['key']}/fields$", status=403, times=None)
    values = environment(sandbox, database)
    ours = command(["streak-dagster", "run"], values, tmp_path)
    assert ours.returncode == 1, ours.stdout
    (line,) = (each for each in ours.stdout.splitlines() if each.startswith("ERROR"))
    assert line.startswith("ERROR every_pipeline_was_read of streak/pipeline_fields: pipelines: ")
    assert f"{pipeline['name']} ({pipeline['key']}): Streak doesn't let this key see" in line
    assert "STREAK_PIPELINES=" in line
    assert " failed: " not in ours.stdout
    dagsters = command(EVERYTHING, values, tmp_path)
    assert dagsters.returncode == 0, dagsters.stderr
