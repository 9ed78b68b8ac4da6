"""A page with fewer records than were asked for isn't the end of a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streak_dagster.sandbox import Variants, generated_workspace
from streak_dagster_tests.support.loading import Load, calls, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import stored

BOXES = ["pipelines", "pipeline_boxes"]


@pytest.mark.parametrize("counts", ["none", "both"])
@pytest.mark.parametrize(
    ("word", "most_calls"),
    [
        ({}, 7),  # a bare array says nothing: six pages, and the empty one
        ({"v1_boxes_envelope": "wrapped", "has_next_page": "absent"}, 7),
        ({"v1_boxes_envelope": "wrapped", "has_next_page": "false_omitted"}, 7),
        ({"v1_boxes_envelope": "wrapped", "has_next_page": "text"}, 6),
        ({"v1_boxes_envelope": "wrapped"}, 6),
    ],
    ids=str,
)
def test_a_page_that_is_filtered_in_the_middle_costs_no_row(
    load: Load, tmp_path: Path, word: dict[str, Any], most_calls: int, counts: Any
) -> None:
    """100 boxes by pages of 20, of which the third holds 19: 39 rows were published, and all was green."""
    workspace = generated_workspace(100, pipelines=1)
    variants = Variants(unseen_boxes=59, pipeline_counts=counts, **word)
    with sandbox_of(workspace, variants=variants) as sandbox:
        result = load(sandbox, tmp_path / "copy.duckdb", select=BOXES, STREAK_PAGE_SIZE="20")
    assert result.success, failures(result)
    found = {row["key"] for row in stored(tmp_path / "copy.duckdb", "pipeline_boxes")}
    wanted = [workspace.box_keys(each["key"]) for each in workspace.pipelines()]
    assert sorted(map(len, wanted)) == [0, 100]
    assert found == {key for keys in wanted for key in keys}
    assert calls(result)["pipeline_boxes"] <= most_calls + 1  # and one for the pipeline without boxes


@pytest.mark.parametrize("form", ["null", "204"])
def test_an_empty_list_in_any_form_costs_one_call_a_box(load: Load, tmp_path: Path, form: Any) -> None:
    """It cost 305 calls for 25 boxes, and there was no table."""
    workspace = generated_workspace(25)
    with sandbox_of(workspace, variants=Variants(empty_lists=form)) as sandbox:
        result = load(sandbox, tmp_path / "copy.duckdb", select=[*BOXES, "box_comments", "box_tasks"])
    assert result.success, failures(result)
    spent = calls(result)
    assert (spent["box_comments"], spent["box_tasks"]) == (25, 25)
    boxes = [key for each in workspace.pipelines() for key in workspace.box_keys(each["key"])]
    for table, read in (("box_comments", workspace.comments), ("box_tasks", workspace.tasks)):
        wanted = {each["key"] for box in boxes for each in read(box)}
        assert {row["key"] for row in stored(tmp_path / "copy.duckdb", table)} == wanted
