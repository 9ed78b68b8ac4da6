"""An odd answer about one box or pipeline: it is left out and named, and the others go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from streak_dagster.errors import ApiError, KeyRefusedError, PermanentError, TransientError
from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster.sync.confirm import confirm_boxes, confirm_each
from streak_dagster.sync.probe import Position, Probe
from streak_dagster.sync.unread import MAX_FAILED_IN_A_ROW
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import BOX_COMMENTS, PIPELINE_BOXES, PIPELINE_FIELDS
from streak_dagster_tests.support.accounts import all_boxes
from streak_dagster_tests.support.answers import (
    Connect,
    as_parents,
    asked,
    comment_keys,
    rows,
    stored_keys,
)
from streak_dagster_tests.support.sandboxes import sandbox_of

ODD = [402, 405, 406, 410, 418, 422, 451, 501]
"""Statuses that no source explains, or that are no matter of time."""
UNPROCESSABLE = {"status": 422, "body": b'{"error": "Unprocessable"}', "times": None}


@pytest.mark.parametrize("status", ODD)
def test_an_odd_status_for_one_box_leaves_that_box_out(connect: Connect, status: int) -> None:
    workspace = generated_workspace(120, seed=3)
    boxes = all_boxes(workspace)
    with sandbox_of(workspace) as sandbox:
        sandbox.faults.add(f"{boxes[7]}/comments$", status=status, times=None)
        refresh = connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
        assert len(sandbox.journal) == len(boxes), "asked once more in vain"
    assert list(refresh.unreadable) == [boxes[7]]
    assert f"HTTP {status}" in refresh.unreadable[boxes[7]]
    others = [key for key in boxes if key != boxes[7]]
    assert stored_keys(refresh) == comment_keys(workspace, others)
    refresh.spool.discard()


@pytest.mark.parametrize("status", [410, 422])
def test_where_all_boxes_answer_so_the_walk_soon_ends_and_says_it(connect: Connect, status: int) -> None:
    workspace = generated_workspace(120, seed=3)
    with sandbox_of(workspace) as sandbox:
        sandbox.faults.add("/comments$", status=status, times=None)
        with pytest.raises(PermanentError) as failed:
            connect(sandbox.url, in_flight=4).fetch(BOX_COMMENTS, as_parents(all_boxes(workspace)))
        assert len(sandbox.journal) <= MAX_FAILED_IN_A_ROW + 4
    assert f"{MAX_FAILED_IN_A_ROW} boxes in a row couldn't be read" in str(failed.value)
    assert f"HTTP {status}" in str(failed.value)


@pytest.mark.parametrize(("status", "kind"), [(422, PermanentError), (503, TransientError)])
def test_too_many_unread_boxes_are_tried_again_only_where_that_can_help(
    connect: Connect, status: int, kind: type[ApiError]
) -> None:
    workspace = generated_workspace(40, seed=3)
    boxes = all_boxes(workspace)
    with sandbox_of(workspace) as sandbox:
        sandbox.faults.add(f"{boxes[7]}/comments$", status=status, times=None)
        with pytest.raises(kind, match=r"1 of 40 boxes couldn't be read, more than 1%") as failed:
            connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
    assert f"HTTP {status}" in str(failed.value)


def test_a_refused_key_still_ends_all_at_once(connect: Connect) -> None:
    workspace = generated_workspace(120, seed=3)
    with sandbox_of(workspace) as sandbox:
        refused = b'{"success": false, "error": "invalid api key"}'
        sandbox.faults.add("/comments$", skip=3, times=None, status=401, body=refused)
        with pytest.raises(KeyRefusedError):
            connect(sandbox.url, in_flight=1).fetch(BOX_COMMENTS, as_parents(all_boxes(workspace)))
        assert len(sandbox.journal) == 4


@pytest.mark.parametrize("batch", [200, 404])
def test_a_key_whose_answer_tells_nothing_is_neither_there_nor_gone(connect: Connect, batch: int) -> None:
    workspace = generated_workspace(30, seed=3)
    pipeline = workspace.pipelines()[0]["key"]
    there, gone, odd = workspace.box_keys(pipeline)[:3]
    with sandbox_of(workspace) as sandbox:
        workspace.delete_box(gone)
        sandbox.faults.add("/batch/?$", status=batch, body=b"[]", times=None)
        sandbox.faults.add(f"boxes/{odd}$", **UNPROCESSABLE)
        (found,) = confirm_boxes(connect(sandbox.url).client, pipeline, [there, gone, odd])
    assert [record["key"] for record, _ in found.present] == [there]
    assert list(found.gone) == [gone]
    assert list(found.unclear) == [odd]
    assert "HTTP 422" in found.unclear[odd]


def test_keys_of_which_none_tells_anything_arent_all_asked_for(connect: Connect) -> None:
    workspace = generated_workspace(60, seed=3)
    with sandbox_of(workspace) as sandbox:
        sandbox.faults.add("v1/boxes/", **UNPROCESSABLE)
        with pytest.raises(ApiError, match="HTTP 422"):
            confirm_each(connect(sandbox.url).client, PIPELINE_BOXES, all_boxes(workspace))
        assert len(sandbox.journal) == 10


def _look(connect: Connect, sandbox: Sandbox, folder: Path) -> tuple[dict[str, int], dict[str, str]]:
    """What one look saw of each table, and what it couldn't look at."""
    with Probe(folder, account="account", page_size=100) as probe:
        probe.look(connect(sandbox.url).client, Position())
        seen = {name: len(list(each.spool.rows())) for name, each in probe.seen.items()}
        return seen, probe.unread


@pytest.mark.parametrize("status", [403, 422, 500])
def test_a_look_goes_on_where_one_list_cannot_be_seen(connect: Connect, status: int, tmp_path: Path) -> None:
    workspace = generated_workspace(60, seed=3)
    first, *others = sorted(each["key"] for each in workspace.pipelines())
    with sandbox_of(workspace) as sandbox:
        sandbox.faults.add(f"{first}/boxes$", status=status, times=None)
        sandbox.faults.add("snippets$", status=status, times=None)
        seen, unread = _look(connect, sandbox, tmp_path)
    assert "snippets" not in seen
    assert seen["pipeline_boxes"] == sum(len(workspace.box_keys(key)) for key in others)
    assert list(unread) == ["snippets", f"boxes of pipeline {first}"]
    assert all(f"HTTP {status}" in each for each in unread.values())


def test_a_look_ends_where_nothing_answers(connect: Connect, tmp_path: Path) -> None:
    with sandbox_of() as sandbox:
        sandbox.faults.add("", **UNPROCESSABLE)
        with pytest.raises(ApiError, match="HTTP 422"):
            _look(connect, sandbox, tmp_path)
        assert len(sandbox.journal) == 2


def test_ten_pipelines_in_a_row_are_no_matter_of_one(connect: Connect) -> None:
    workspace = generated_workspace(30, seed=3)
    made = [workspace.add_pipeline(f"Pipeline {number}")["key"] for number in range(14)]
    first = workspace.pipelines()[0]["key"]
    with sandbox_of(workspace) as sandbox:
        sandbox.faults.add("/fields$", skip=1, **UNPROCESSABLE)
        with pytest.raises(PermanentError, match="10 pipelines in a row couldn't be read"):
            connect(sandbox.url, in_flight=1).fetch(PIPELINE_FIELDS, as_parents([first, *made]))
        assert len(sandbox.journal) == 11


def test_of_a_pipeline_that_was_half_read_only_the_rest_is_asked_for(connect: Connect) -> None:
    """Published or not, the refresh may be cut short after its walk, and be taken up again."""
    workspace = generated_workspace(60, seed=3)
    parents = [Parent(each["key"], each["boxCount"]) for each in workspace.pipelines()]
    key = parents[0].key
    with sandbox_of(workspace) as sandbox:
        sandbox.faults.add(f"{key}/boxes$", skip=1, **UNPROCESSABLE)
        refresh = connect(sandbox.url, page_size=5).fetch(PIPELINE_BOXES, parents)
        assert list(refresh.unreadable) == [key]
        refresh.spool.close()
        sandbox.faults.clear()
        refresh = connect(sandbox.url, page_size=5).fetch(PIPELINE_BOXES, parents)
        lists = {ask: times for ask, times in asked(sandbox, answered=True).items() if "boxes" in ask[0]}
        assert set(lists.values()) == {1}
    assert refresh.unreadable == {}
    assert sorted(row["key"] for row in rows(refresh)) == sorted(all_boxes(workspace))
    refresh.spool.discard()


def test_streak_that_goes_down_is_no_matter_of_the_last_pipelines(connect: Connect) -> None:
    workspace = generated_workspace(60, seed=3)
    parents = as_parents([each["key"] for each in workspace.pipelines()])
    with sandbox_of(workspace) as sandbox:
        sandbox.faults.add("", skip=1, kind="error_503", times=None)
        with pytest.raises(ApiError, match=r"HTTP 503\) at pipeline_fields of pipeline"):
            connect(sandbox.url, in_flight=1).fetch(PIPELINE_FIELDS, parents)
        sandbox.faults.clear()
        refresh = connect(sandbox.url).fetch(PIPELINE_FIELDS, parents)
        assert refresh.resumed == 1
    refresh.spool.discard()
