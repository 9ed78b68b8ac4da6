"""What may go from a table and what may not: what is explained goes, what is large and unexplained stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streak_dagster import labels
from streak_dagster.sandbox import Sandbox, Variants, Workspace, generated_workspace
from streak_dagster.warehouse.guards import HANDFUL
from streak_dagster_tests.support.accounts import all_boxes
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.told import contents
from streak_dagster_tests.support.truth import differences, stored

pytestmark = pytest.mark.slow

BOXES = 40


@pytest.fixture
def small() -> Workspace:
    """A team that tries Streak: three boxes, all comments in the first two."""
    workspace = generated_workspace(0, seed=1)
    pipeline = workspace.pipelines()[0]["key"]
    for name in ("first", "second", "third"):
        box = workspace.add_box(pipeline, name)["key"]
        if name != "third":
            for number in range(HANDFUL + 1):
                workspace.add_comment(box, f"Comment {number}")
    return workspace


@pytest.fixture
def larger() -> Iterator[Sandbox]:
    workspace = generated_workspace(BOXES, seed=5)
    for number in range(BOXES):
        workspace.add_snippet(f"Snippet {number}")
    with sandbox_of(workspace) as running:
        yield running


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "copy.duckdb"


def delete_boxes(workspace: Workspace, number: int) -> list[str]:
    gone = all_boxes(workspace)[:number]
    for key in gone:
        workspace.delete_box(key)
    return gone


def delete_snippets(workspace: Workspace, number: int) -> None:
    for snippet in workspace.snippets()[:number]:
        workspace.delete_snippet(snippet["key"])


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("status", [404, 400, 401])
def test_a_team_of_three_test_boxes_deletes_two(
    load: Load, small: Workspace, database: Path, status: Any
) -> None:
    """With them go all the comments that there were."""
    with sandbox_of(small) as sandbox:
        sandbox.variants = replace(Variants(), missing_object_status=status)
        assert load(sandbox, database).success
        assert len(stored(database, "box_comments")) == 2 * (HANDFUL + 1)
        delete_boxes(small, 2)
        result = load(sandbox, database)
    assert result.success, failures(result)
    assert stored(database, "box_comments") == []
    assert differences(database, small, sandbox.variants) == []


@pytest.mark.usefixtures("core_alone")
def test_the_last_box_goes_only_where_it_is_allowed(load: Load, small: Workspace, database: Path) -> None:
    with sandbox_of(small) as sandbox:
        assert load(sandbox, database).success
        delete_boxes(small, 3)
        told = failures(load(sandbox, database))["pipeline_boxes"]
        assert "would lose 3 of 3 rows (100%), 0 of them unexplained, and all rows may go only if so" in told
        assert len(stored(database, "pipeline_boxes")) == 3
        assert load(sandbox, database, STREAK_MAX_SHRINK="1").success
    assert differences(database, small, Variants()) == []


def test_what_streak_calls_gone_goes_however_much_it_is(load: Load, larger: Sandbox, database: Path) -> None:
    assert load(larger, database).success
    delete_boxes(larger.workspace, BOXES - 2)
    result = load(larger, database)
    assert result.success, failures(result)
    assert differences(database, larger.workspace, Variants()) == []
    shown = {
        event.materialization.asset_key.path[-1]: event.materialization.metadata
        for event in result.get_asset_materialization_events()
    }
    assert shown["pipeline_boxes"][labels.DELETED].value == BOXES - 2
    assert labels.figure(shown["box_tasks"], labels.DELETED)
    assert [name for name, entries in shown.items() if labels.UNEXPLAINED in entries] == []


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("status", [401, 403])
def test_what_the_key_may_not_see_is_not_known_to_be_gone(
    load: Load, larger: Sandbox, database: Path, status: Any
) -> None:
    assert load(larger, database).success
    before = contents(database)
    hidden = delete_boxes(larger.workspace, BOXES - 2)
    for key in hidden:
        larger.faults.add(f"v1/boxes/{key}$", times=None, status=status, body=b"{}")
    told = failures(load(larger, database))["pipeline_boxes"]
    assert f"would lose 38 of 40 rows (95%), {len(hidden)} of them unexplained, more than" in told
    assert "set STREAK_MAX_SHRINK=1 for one run" in told
    after = contents(database)
    assert after["pipeline_boxes"] == before["pipeline_boxes"]
    assert after["box_tasks"] == before["box_tasks"]


@pytest.mark.usefixtures("core_alone")
def test_a_handful_goes_and_more_does_not(load: Load, larger: Sandbox, database: Path) -> None:
    """Snippets can't be asked for by key, so that nothing explains where they went."""
    only: dict[str, Any] = {"select": ["snippets"], "STREAK_MAX_SHRINK": "0.1"}
    assert load(larger, database, **only).success
    before = len(stored(database, "snippets"))
    delete_snippets(larger.workspace, HANDFUL)
    assert HANDFUL / before > 0.1
    assert load(larger, database, **only).success
    assert len(stored(database, "snippets")) == before - HANDFUL
    delete_snippets(larger.workspace, HANDFUL + 1)
    told = failures(load(larger, database, **only))["snippets"]
    assert f"{HANDFUL + 1} of them unexplained, more than STREAK_MAX_SHRINK allows (10%)" in told
    assert len(stored(database, "snippets")) == before - HANDFUL


@pytest.mark.usefixtures("core_alone")
def test_who_allows_none_means_none(load: Load, larger: Sandbox, database: Path) -> None:
    only: dict[str, Any] = {"STREAK_MAX_SHRINK": "0"}
    assert load(larger, database, **only).success
    delete_boxes(larger.workspace, 1)
    result = load(larger, database, **only)
    assert result.success, failures(result)
    delete_snippets(larger.workspace, 1)
    assert "1 of them unexplained" in failures(load(larger, database, **only))["snippets"]


@pytest.mark.usefixtures("core_alone")
def test_a_handful_that_is_all_there_is_stays(load: Load, database: Path) -> None:
    workspace = generated_workspace(3, seed=1)
    delete_snippets(workspace, len(workspace.snippets()) - 1)
    with sandbox_of(workspace) as sandbox:
        assert load(sandbox, database).success
        delete_snippets(workspace, 1)
        told = failures(load(sandbox, database))["snippets"]
    assert "would lose 1 of 1 rows (100%), 1 of them unexplained, and all rows may go only if so" in told


@pytest.mark.usefixtures("core_alone")
def test_comments_of_a_box_that_is_there_need_an_explanation(
    load: Load, small: Workspace, database: Path
) -> None:
    with sandbox_of(small) as sandbox:
        assert load(sandbox, database).success
        first, second, _ = all_boxes(small)
        for box in (first, second):
            for comment in small.comments(box)[:-1]:
                small.remove_child("comments", comment["key"])
        told = failures(load(sandbox, database))["box_comments"]
        assert "would lose 20 of 22 rows (91%), 20 of them unexplained" in told
        small.delete_box(first)  # half of them are explained by this, and the others are a handful
        result = load(sandbox, database)
    assert result.success, failures(result)
    assert differences(database, small, Variants()) == []


@pytest.mark.usefixtures("core_alone")
def test_a_small_team_may_delete_its_empty_pipelines(load: Load, small: Workspace, database: Path) -> None:
    with sandbox_of(small) as sandbox:
        assert load(sandbox, database).success
        for pipeline in small.pipelines()[1:]:
            small.remove_pipeline(pipeline["key"])
        result = load(sandbox, database)
    assert result.success, failures(result)
    assert differences(database, small, Variants()) == []


@pytest.mark.usefixtures("core_alone")
def test_what_an_earlier_attempt_was_told_is_known_to_the_next(
    load: Load, larger: Sandbox, database: Path
) -> None:
    """A load that fails after it was told, and one that goes on: the guard must see both's answers."""
    assert load(larger, database).success
    delete_boxes(larger.workspace, BOXES - 2)

    def revoke(_: object) -> None:
        larger.faults.add("", times=None, status=401, body=b'{"error": "invalid api key"}')

    larger.faults.when("boxes/batch", revoke, skip=1)
    only: dict[str, Any] = {"select": ["pipeline_boxes"]}
    assert "accept the API key" in failures(load(larger, database, **only))["pipeline_boxes"]
    larger.faults.clear()
    larger.journal.clear()
    result = load(larger, database, **only)
    assert result.success, failures(result)
    batches = [each for each in larger.journal.arrivals if "batch" in each.path]
    assert 0 < len(batches) < len(larger.workspace.pipelines()) - 1
    assert len(stored(database, "pipeline_boxes")) == 2
