"""Whatever way of being Streak the server has: what it sends is what the tables hold."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from streak_dagster import labels
from streak_dagster.sandbox import Variants, generated_workspace, sample_workspace
from streak_dagster.sandbox.http.variants import switches
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import differences

pytestmark = pytest.mark.slow

NOT_OURS = {"stages_v2", "search_first_page", "missing_object_status", "retry_after", "count_refused"}
"""Switches of endpoints that no table is read from, and of refusals."""


def variants() -> st.SearchStrategy[Variants]:
    choices: dict[str, st.SearchStrategy[Any]] = {}
    for field, values, kind in switches():
        if field.name in NOT_OURS:
            continue
        if values:
            choices[field.name] = st.sampled_from(values)
        elif kind is bool:
            choices[field.name] = st.booleans()
        else:
            choices[field.name] = st.none() | st.integers(1, 40)
    return st.builds(Variants, **choices)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(
    variants=variants(),
    boxes=st.integers(0, 60),
    seed=st.integers(0, 10**6),
    page=st.sampled_from([1, 7, 20, 100]),
)
def test_any_workspace_in_any_variant_is_loaded_as_it_is(
    load: Load, variants: Variants, boxes: int, seed: int, page: int
) -> None:
    # A page whose only box is filtered out can't be told from the end, where Streak doesn't say.
    tells = variants.v1_boxes_envelope != "array" and variants.has_next_page != "absent"
    assume(tells or not variants.unseen_boxes or min(page, variants.max_page_limit or page) > 1)
    # Nor is a second page of comments looked for without Streak's word: nobody documents one.
    assume(variants.has_next_page != "absent" or not variants.comments_page_size)
    workspace = generated_workspace(boxes, seed=seed)
    with tempfile.TemporaryDirectory() as folder, sandbox_of(workspace, variants=variants) as sandbox:
        database = Path(folder) / "copy.duckdb"
        result = load(sandbox, database, STREAK_PAGE_SIZE=str(page))
        assert result.success, failures(result)
        assert differences(database, workspace, variants) == []


@pytest.mark.parametrize(
    "changed",
    [
        {
            "v1_boxes_envelope": "wrapped",
            "has_next_page": "absent",
            "max_page_limit": 7,
            "pipeline_counts": "none",
        },
        {"v1_boxes_envelope": "array", "max_page_limit": 10},
        {"ignore_paging": True, "pipeline_counts": "none"},
        {"keys": "named_only", "unset": "null", "extra_properties": True},
        {"keys": "key_only", "task_shape": "both", "comments_page_size": 2},
        {"timestamps": "string", "task_shape": "sharing", "box_shape": "documented"},
        {"thread_box_key": "first", "snippet_text": "string", "contact_shape": "old"},
        {"unseen_boxes": 4, "pipeline_counts": "none"},
        {"unseen_boxes": 4, "v1_boxes_envelope": "wrapped", "has_next_page": "text"},
        {"empty_lists": "null", "no_due_date": "-1"},
        {"empty_lists": "204", "no_due_date": "0"},
        {"timestamps": "seconds", "no_due_date": "9999"},
    ],
    ids=str,
)
def test_the_sample_is_loaded_as_it_is(load: Load, tmp_path: Path, changed: dict[str, Any]) -> None:
    workspace, variants = sample_workspace(), replace(Variants(), **changed)
    with sandbox_of(workspace, variants=variants) as sandbox:
        result = load(sandbox, tmp_path / "copy.duckdb", STREAK_PAGE_SIZE="10")
    assert result.success, failures(result)
    assert differences(tmp_path / "copy.duckdb", workspace, variants) == []


def test_a_second_load_changes_nothing_but_the_time(load: Load, tmp_path: Path) -> None:
    workspace = generated_workspace(80, seed=3)
    with sandbox_of(workspace) as sandbox:
        load(sandbox, tmp_path / "copy.duckdb")
        again = load(sandbox, tmp_path / "copy.duckdb")
    for event in again.get_asset_materialization_events():
        entries = event.materialization.metadata
        assert not {labels.INSERTED, labels.UPDATED, labels.DELETED} & entries.keys(), event.asset_key
