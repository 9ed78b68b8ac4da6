"""Nothing is dropped on a guess, and nothing is wiped by a glitch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dagster import ExecuteInProcessResult

from streak_dagster.sandbox import Sandbox, Variants, generated_workspace, sample_workspace
from streak_dagster.sync.spool import Manifest
from streak_dagster.sync.spool_folders import open_spool
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.fewer import copied
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import differences, stored

pytestmark = pytest.mark.slow

SMALL_PAGES: dict[str, Any] = {"STREAK_PAGE_SIZE": "10"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    other = generated_workspace(12, seed=77)
    with sandbox_of(generated_workspace(60, seed=5), accounts={"other-key": other}) as running:
        yield running


@pytest.fixture
def database(load: Load, sandbox: Sandbox, copies: Copies, tmp_path: Path) -> Path:
    """A copy that is true, and a journal that is empty."""
    return copies.put("60 boxes of seed 5", tmp_path / "copy.duckdb", sandbox, load)


def everything(database: Path) -> dict[str, list[dict[str, Any]]]:
    return {table.name: stored(database, table.name) for table in copied()}


def some_boxes(sandbox: Sandbox, number: int) -> list[str]:
    """Keys of boxes in one pipeline, not the first ones of its list."""
    largest = max(sandbox.workspace.pipelines(), key=lambda each: len(sandbox.workspace.boxes(each["key"])))
    return [box["key"] for box in sandbox.workspace.boxes(largest["key"])][3 : 3 + number]


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("batch", ["array", "missing_404", "unsupported"])
@pytest.mark.parametrize("status", [404, 400, 401])
def test_a_deleted_box_is_asked_for_before_it_goes(
    load: Load, sandbox: Sandbox, database: Path, batch: Any, status: Any
) -> None:
    sandbox.variants = replace(Variants(), box_batch=batch, missing_object_status=status)
    gone = some_boxes(sandbox, 3)
    for key in gone:
        sandbox.workspace.delete_box(key)
    result = load(sandbox, database)
    assert result.success, failures(result)
    asked = [
        each for each in sandbox.journal.arrivals if "batch" in each.path or each.path.endswith(tuple(gone))
    ]
    assert asked
    assert differences(database, sandbox.workspace, sandbox.variants) == []


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("batch", ["array", "missing_404", "unsupported"])
def test_a_box_that_a_shifting_page_hid_is_kept(
    load: Load, sandbox: Sandbox, database: Path, batch: Any
) -> None:
    """A box deleted from the first page, once it was read, moves all others up by one place."""
    sandbox.variants = replace(Variants(), box_batch=batch, pipeline_counts="none")
    victim = some_boxes(sandbox, 1)[0]
    pipeline = sandbox.workspace.box(victim)["pipelineKey"]
    sandbox.faults.when(f"{pipeline}/boxes", lambda workspace: workspace.delete_box(victim), skip=1)
    result = load(sandbox, database, **SMALL_PAGES)
    assert result.success, failures(result)
    found = {row["key"] for row in stored(database, "pipeline_boxes")}
    true = {
        box["key"] for each in sandbox.workspace.pipelines() for box in sandbox.workspace.boxes(each["key"])
    }
    assert found - {victim} == true
    assert load(sandbox, database).success
    assert differences(database, sandbox.workspace, sandbox.variants) == []


@pytest.mark.usefixtures("core_alone")
def test_a_box_that_moved_to_another_pipeline_is_there_once(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    key = some_boxes(sandbox, 1)[0]
    before = sandbox.workspace.box(key)["pipelineKey"]
    target = next(each for each in sandbox.workspace.pipelines() if each["key"] != before)
    stage = target["stageOrder"][0]
    sandbox.workspace.update_box(key, pipelineKey=target["key"], stageKey=stage)
    assert load(sandbox, database).success
    assert differences(database, sandbox.workspace, Variants()) == []


@pytest.mark.parametrize("path", ["v1/pipelines$", "/boxes", "/comments$", "teams$", "snippets$"])
def test_an_answer_of_nothing_wipes_nothing(load: Load, sandbox: Sandbox, database: Path, path: str) -> None:
    before = everything(database)
    sandbox.faults.add(path, kind="nothing", times=None)
    result = load(sandbox, database)
    after = everything(database)
    changed = [name for name, rows in before.items() if not rows_equal(rows, after[name])]
    assert changed == []
    if path not in ("v1/pipelines$", "/boxes"):  # these are there when they are asked for by key
        assert "STREAK_MAX_SHRINK=1" in " ".join(failures(result).values())


def rows_equal(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> bool:
    def content(rows: list[dict[str, Any]]) -> list[str]:
        return sorted(
            str({name: value for name, value in row.items() if name != "_synced_at"}) for row in rows
        )

    return content(before) == content(after)


def test_what_really_went_can_be_let_go(load: Load, sandbox: Sandbox, database: Path) -> None:
    for pipeline in sandbox.workspace.pipelines():
        for box in list(sandbox.workspace.boxes(pipeline["key"])):
            sandbox.workspace.delete_box(box["key"])
    refused = failures(load(sandbox, database))
    assert "pipeline_boxes would lose 60 of 60 rows (100%)" in refused["pipeline_boxes"]
    assert len(stored(database, "pipeline_boxes")) == 60
    assert load(sandbox, database, STREAK_MAX_SHRINK="1").success
    assert differences(database, sandbox.workspace, Variants()) == []


def test_another_account_is_refused_whichever_asset_comes_first(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    before = everything(database)
    manifest = Manifest("the account that it holds", "box_comments", "a declaration")
    kept = open_spool(Database(str(database)).spool_root, manifest, resume_within=3600)
    kept.append([{"key": "a"}], parent="b", token="0", more=False, digest="")
    kept.close()
    for select in (None, ["snippets"], ["pipelines"], ["box_comments"]):
        told = failures(load(sandbox, database, select=select, STREAK_API_KEY="other-key"))
        assert told
        assert all("another Streak account" in each for each in told.values()), told
    assert everything(database) == before
    assert {each.path.partition("/v")[2] for each in sandbox.journal.arrivals} == {"2/users/me/teams"}
    assert kept.answers_path.exists(), "what Streak answered the account itself is kept"


@pytest.mark.usefixtures("core_alone")
def test_a_database_may_change_hands_on_purpose(load: Load, sandbox: Sandbox, database: Path) -> None:
    allowed: dict[str, Any] = {"STREAK_ALLOW_ACCOUNT_CHANGE": "1", "STREAK_API_KEY": "other-key"}
    assert load(sandbox, database, **allowed).success
    assert not [each for each in sandbox.journal.arrivals if each.status != 200], "asked for the other's rows"
    assert differences(database, sandbox.accounts["other-key"], Variants()) == []
    assert load(sandbox, database, STREAK_API_KEY="other-key").success
    assert "another Streak account" in failures(load(sandbox, database))["teams"]


@pytest.mark.usefixtures("core_alone")
def test_a_renewed_key_of_the_same_account_goes_on(load: Load, tmp_path: Path) -> None:
    workspace = sample_workspace()
    with sandbox_of(workspace, key="old", accounts={"new": workspace}) as sandbox:
        assert load(sandbox, tmp_path / "copy.duckdb").success
        sandbox.revoke("old")
        assert load(sandbox, tmp_path / "copy.duckdb", STREAK_API_KEY="new").success
        sandbox.journal.clear()
        assert load(sandbox, tmp_path / "copy.duckdb", STREAK_API_KEY="new", select=["teams"]).success
        assert len(sandbox.journal.calls()) == 1, "the account was confirmed again"


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("status", [401, 403])
def test_a_pipeline_lost_with_its_permission_is_refused(
    load: Load, sandbox: Sandbox, database: Path, status: Any
) -> None:
    before = everything(database)
    smallest = min(sandbox.workspace.pipelines(), key=lambda each: len(sandbox.workspace.boxes(each["key"])))
    sandbox.workspace.hide_pipeline(smallest["key"], status)
    told = failures(load(sandbox, database, select=["pipelines", "pipeline_boxes", "pipeline_stages"]))
    assert f"no longer sees pipeline {smallest['key']}" in told["pipelines"]
    assert everything(database) == before
    sandbox.workspace.show_pipeline(smallest["key"])
    assert load(sandbox, database).success


@pytest.mark.usefixtures("core_alone")
def test_a_deleted_pipeline_counts_with_the_boxes_it_held(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    sizes = {each["key"]: len(sandbox.workspace.boxes(each["key"])) for each in sandbox.workspace.pipelines()}
    largest = max(sizes, key=lambda key: sizes[key])
    sandbox.workspace.remove_pipeline(largest)
    limit = f"{(sizes[largest] - 1) / 60:.3f}"
    told = failures(load(sandbox, database, select=["pipelines"], STREAK_MAX_SHRINK=limit))
    assert f"{sizes[largest]:,} of 60 rows of pipeline_boxes" in told["pipelines"]
    result = load(sandbox, database, STREAK_MAX_SHRINK="0.9")
    assert result.success, failures(result)
    assert differences(database, sandbox.workspace, Variants()) == []


@pytest.mark.usefixtures("core_alone")
def test_a_pipeline_that_only_the_list_forgot_is_kept(load: Load, sandbox: Sandbox, database: Path) -> None:
    before = everything(database)
    sandbox.faults.add("v1/pipelines$", kind="nothing", times=1)
    result: ExecuteInProcessResult = load(sandbox, database)
    assert result.success, failures(result)
    after = everything(database)
    assert [name for name in before if not rows_equal(before[name], after[name])] == []


@pytest.mark.usefixtures("core_alone")
def test_a_box_that_cannot_be_read_keeps_its_rows_and_is_named(
    load: Load, hurried: Callable[..., None], tmp_path: Path
) -> None:
    hurried()
    workspace = generated_workspace(150, seed=9)
    with sandbox_of(workspace) as sandbox:
        database = tmp_path / "copy.duckdb"
        assert load(sandbox, database).success
        owner = stored(database, "box_comments")[0]["box_key"]
        before = [row for row in stored(database, "box_comments") if row["box_key"] == owner]
        sandbox.faults.add(f"{owner}/comments$", kind="error_500", times=None)
        result = replace(load, readings=True)(sandbox, database)
        assert result.success, failures(result)
        assert [row for row in stored(database, "box_comments") if row["box_key"] == owner] == before
        checks = {
            each.asset_key.path[-1]: each
            for each in result.get_asset_check_evaluations()
            if each.check_name == "every_box_was_read"
        }
        assert not checks["box_comments"].passed
        assert owner in str(checks["box_comments"].metadata["which and why"].value)
        assert checks["box_tasks"].passed


@pytest.mark.usefixtures("core_alone")
def test_too_many_unreadable_boxes_leave_the_table(
    load: Load, hurried: Callable[..., None], sandbox: Sandbox, database: Path
) -> None:
    hurried()
    before = everything(database)
    for key in some_boxes(sandbox, 2):
        sandbox.faults.add(f"{key}/comments$", kind="error_500", times=None)
    told = failures(load(sandbox, database))
    assert "2 of 60 boxes couldn't be read" in told["box_comments"]
    assert stored(database, "box_comments") == before["box_comments"]


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("status", [404, 400, 401])
def test_a_box_gone_between_the_list_and_its_children_has_none(
    load: Load, sandbox: Sandbox, database: Path, status: Any
) -> None:
    sandbox.variants = replace(Variants(), missing_object_status=status)
    victim = stored(database, "box_comments")[0]["box_key"]
    kinds = "/(comments|meetings|tasks|threads|files)$"  # read at the same time, in no certain order
    sandbox.faults.when(kinds, lambda workspace: workspace.delete_box(victim))
    result = load(sandbox, database)
    assert result.success, failures(result)
    assert victim not in {row["box_key"] for row in stored(database, "box_tasks")}


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [b'{"error": "unauthorized"}', b"", b"<html>Access denied</html>"])
def test_a_key_that_is_refused_in_other_words_loses_nothing(
    load: Load, sandbox: Sandbox, database: Path, status: int, body: bytes
) -> None:
    """Streak answers 401 for an object, too: only the user's own teams tell which it is."""
    before = everything(database)
    sandbox.faults.add("", skip=110, times=None, status=status, body=body)
    told = failures(load(sandbox, database))
    assert told
    assert all("no longer accepts the API key" in each for each in told.values()), told
    refused = [each for each in sandbox.journal.arrivals if each.status == status]
    assert len(refused) <= 64 + 2, "those in flight, and the question about the key"
    after = everything(database)
    assert [name for name, rows in before.items() if not rows_equal(rows, after[name])] == []
    sandbox.faults.clear()
    assert load(sandbox, database).success
    assert differences(database, sandbox.workspace, Variants()) == []


@pytest.mark.usefixtures("core_alone")
def test_a_box_that_the_batch_leaves_out_is_asked_for_by_itself(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    """No source says that the batch endpoint answers with every box that is there."""
    sandbox.variants = replace(Variants(), pipeline_counts="none")
    victim = some_boxes(sandbox, 1)[0]
    pipeline = sandbox.workspace.box(victim)["pipelineKey"]
    sandbox.faults.when(f"{pipeline}/boxes", lambda workspace: workspace.delete_box(victim), skip=1)
    sandbox.faults.add("/batch/?$", times=None, body=b"[]", status=200)
    assert load(sandbox, database, **SMALL_PAGES).success
    found = {row["key"] for row in stored(database, "pipeline_boxes")}
    true = {
        box["key"] for each in sandbox.workspace.pipelines() for box in sandbox.workspace.boxes(each["key"])
    }
    assert found - {victim} == true


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("path", ["boxes", "fields"])
def test_a_pipeline_that_goes_before_its_lists_are_read_is_no_failure(
    load: Load, sandbox: Sandbox, database: Path, path: str
) -> None:
    empty = sandbox.workspace.add_pipeline("Soon gone")["key"]
    sandbox.faults.when(f"{empty}/{path}$", lambda workspace: workspace.remove_pipeline(empty))
    result = load(sandbox, database)
    assert result.success, failures(result)
    assert load(sandbox, database).success
    assert differences(database, sandbox.workspace, Variants()) == []


@pytest.mark.usefixtures("core_alone")
def test_boxes_of_a_pipeline_that_is_no_longer_chosen_go_without_a_call(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    chosen = max(sandbox.workspace.pipelines(), key=lambda each: len(sandbox.workspace.boxes(each["key"])))
    narrowed: dict[str, Any] = {"STREAK_PIPELINES": chosen["name"], "STREAK_MAX_SHRINK": "1"}
    assert load(sandbox, database, select=["pipelines", "pipeline_boxes"], **narrowed).success
    assert {row["pipeline_key"] for row in stored(database, "pipeline_boxes")} == {chosen["key"]}
    assert {each.path.rpartition("/")[2] for each in sandbox.journal.arrivals} == {"pipelines", "boxes"}


@pytest.mark.usefixtures("core_alone")
def test_a_key_from_a_file_with_a_last_line_break_works(load: Load, sandbox: Sandbox, database: Path) -> None:
    assert load(sandbox, database, STREAK_API_KEY=f"{sandbox.key}\n").success
    assert load(sandbox, database, STREAK_API_KEY=f" {sandbox.key}\r\n").success
