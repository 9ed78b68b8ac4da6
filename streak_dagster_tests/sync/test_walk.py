"""A walk over a real server: every list asked for once, and taken up where it was cut short."""

from __future__ import annotations

import re
import threading
from collections import Counter
from typing import Any

import pytest

from streak_dagster.errors import ApiError, ConnectionLostError, KeyRefusedError
from streak_dagster.sandbox import Variants, Workspace, generated_workspace, sample_workspace
from streak_dagster.sync import progress as progress_module
from streak_dagster.sync.progress import duration
from streak_dagster.sync.spool import Spool
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import BOX_COMMENTS, PIPELINE_BOXES, SNIPPETS
from streak_dagster_tests.support.accounts import all_boxes
from streak_dagster_tests.support.answers import (
    Connect,
    as_parents,
    asked,
    comment_keys,
    comment_paths,
    rows,
    stored_keys,
)
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.waiting import eventually

REFUSED = {"status": 401, "body": b'{"success": false, "error": "invalid api key"}'}


def made_up(boxes: int = 80) -> Workspace:
    return generated_workspace(boxes, seed=3)


def test_every_box_is_asked_exactly_once_and_every_comment_stored(connect: Connect) -> None:
    workspace = made_up()
    boxes = all_boxes(workspace)
    with sandbox_of(workspace) as sandbox:
        refresh = connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
        assert asked(sandbox) == comment_paths(boxes)
    assert stored_keys(refresh) == comment_keys(workspace, boxes) != []
    assert (refresh.spent.calls, refresh.spent.retries) == (len(boxes), 0)
    assert (refresh.resumed, refresh.gone) == (0, {})
    refresh.spool.discard()


@pytest.mark.parametrize("skip", [0, 1, 40, 79])
def test_after_a_failure_no_answer_is_asked_for_again(connect: Connect, skip: int) -> None:
    workspace = made_up()
    boxes = all_boxes(workspace)
    with sandbox_of(workspace) as sandbox:
        sandbox.faults.add("/comments$", skip=skip, times=None, **REFUSED)
        with pytest.raises(KeyRefusedError):
            connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
        kept = sum(asked(sandbox, answered=True).values())
        assert kept == skip
        sandbox.faults.clear()
        refresh = connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
        assert asked(sandbox, answered=True) == comment_paths(boxes)
    assert (refresh.resumed, refresh.spent.calls) == (kept, len(boxes) - kept)
    assert stored_keys(refresh) == comment_keys(workspace, boxes)
    refresh.spool.discard()


def test_failures_again_and_again_still_come_to_the_end(connect: Connect) -> None:
    workspace = made_up()
    boxes = all_boxes(workspace)
    with sandbox_of(workspace) as sandbox:
        refresh = None
        for _ in range(20):
            sandbox.faults.clear()
            sandbox.faults.add("/comments$", skip=9, times=None, **REFUSED)
            try:
                refresh = connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
                break
            except KeyRefusedError:
                continue
        assert asked(sandbox, answered=True) == comment_paths(boxes)
    assert refresh is not None
    assert stored_keys(refresh) == comment_keys(workspace, boxes)
    refresh.spool.discard()


def test_a_server_that_goes_down_costs_no_answer_that_had_come(connect: Connect) -> None:
    workspace = made_up(300)
    boxes = all_boxes(workspace)
    with sandbox_of(workspace, latency=0.01) as sandbox:

        def close_in_the_middle() -> None:
            eventually(lambda: len(sandbox.journal) >= 60, pause=0.002)
            sandbox.close()

        closing = threading.Thread(target=close_in_the_middle)
        closing.start()
        with pytest.raises(ApiError) as failed:
            connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
        closing.join()
    assert isinstance(failed.value, ConnectionLostError)
    with sandbox_of(workspace) as sandbox:
        refresh = connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
        # The first page of what was kept is never asked again: both walks together are all boxes.
        again = asked(sandbox)
        assert set(again.values()) == {1}
        assert refresh.resumed >= 40
        assert len(again) == len(boxes) - refresh.resumed
    assert stored_keys(refresh) == comment_keys(workspace, boxes)
    refresh.spool.discard()


@pytest.mark.parametrize("taken_in", [False, True])
def test_an_interrupt_costs_no_answer_that_had_come(
    taken_in: bool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the one that was being taken in, before or after it went to disk."""
    workspace = made_up(100)
    boxes = all_boxes(workspace)
    append = Spool.append

    def interrupted(spool: Spool, *rows: Any, **about: Any) -> Any:
        if len(sandbox.journal) < 40:
            return append(spool, *rows, **about)
        monkeypatch.setattr(Spool, "append", append)
        if taken_in:
            append(spool, *rows, **about)
        raise KeyboardInterrupt

    with sandbox_of(workspace) as sandbox:
        monkeypatch.setattr(Spool, "append", interrupted)
        with pytest.raises(KeyboardInterrupt):
            connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
        refresh = connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
        assert set(asked(sandbox).values()) == {1}
    # What had gone to disk may stand there twice, which publishing folds.
    assert set(stored_keys(refresh)) == set(comment_keys(workspace, boxes))
    refresh.spool.discard()


def test_a_box_that_is_gone_is_noted_and_the_others_go_on(connect: Connect) -> None:
    workspace = sample_workspace()
    boxes = all_boxes(workspace)
    gone = boxes[5]
    with sandbox_of(workspace) as sandbox:
        workspace.delete_box(gone)
        refresh = connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
        # The box itself is asked for, too: only that tells gone from unreadable.
        assert asked(sandbox) == comment_paths(boxes) + Counter({(f"/api/v1/boxes/{gone}", ""): 1})
    assert list(refresh.gone) == [gone]
    assert gone in refresh.gone[gone]
    assert "404" in refresh.gone[gone]
    others = [key for key in boxes if key != gone]
    assert stored_keys(refresh) == comment_keys(workspace, others)
    refresh.spool.discard()


def test_a_gone_box_is_remembered_over_a_failure(connect: Connect) -> None:
    workspace = sample_workspace()
    boxes = all_boxes(workspace)
    with sandbox_of(workspace) as sandbox:
        workspace.delete_box(boxes[0])
        sandbox.faults.add("/comments$", skip=12, times=None, **REFUSED)
        with pytest.raises(KeyRefusedError):
            connect(sandbox.url, in_flight=1).fetch(BOX_COMMENTS, as_parents(boxes))
        sandbox.faults.clear()
        refresh = connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
        assert asked(sandbox)[f"/api/v2/boxes/{boxes[0]}/comments", ""] == 1
    assert list(refresh.gone) == [boxes[0]]
    refresh.spool.discard()


@pytest.mark.parametrize("expected", [True, False], ids=["count known", "count unknown"])
@pytest.mark.parametrize("page_size", [1, 7, 100])
def test_pages_are_read_to_their_end_and_none_twice(connect: Connect, page_size: int, expected: bool) -> None:
    workspace = sample_workspace()
    counts = {each["key"]: len(workspace.box_keys(each["key"])) for each in workspace.pipelines()}
    parents = [Parent(key, count if expected else None) for key, count in counts.items()]
    with sandbox_of(workspace, variants=Variants()) as sandbox:
        refresh = connect(sandbox.url, page_size=page_size).fetch(PIPELINE_BOXES, parents)
        assert set(asked(sandbox).values()) == {1}
    assert sorted(row["key"] for row in rows(refresh)) == sorted(all_boxes(workspace))
    refresh.spool.discard()


@pytest.mark.parametrize("skip", [1, 4, 9])
def test_pages_that_were_answered_before_a_failure_arent_asked_again(connect: Connect, skip: int) -> None:
    workspace = sample_workspace()
    parents = [Parent(each["key"], len(workspace.box_keys(each["key"]))) for each in workspace.pipelines()]
    with sandbox_of(workspace) as sandbox:
        sandbox.faults.add("/boxes$", skip=skip, times=None, **REFUSED)
        with pytest.raises(KeyRefusedError):
            connect(sandbox.url, page_size=3).fetch(PIPELINE_BOXES, parents)
        sandbox.faults.clear()
        refresh = connect(sandbox.url, page_size=3).fetch(PIPELINE_BOXES, parents)
        assert set(asked(sandbox, answered=True).values()) == {1}
    assert refresh.resumed == skip
    assert sorted(row["key"] for row in rows(refresh)) == sorted(all_boxes(workspace))
    refresh.spool.discard()


def test_without_parents_nothing_is_asked_and_the_table_is_empty(connect: Connect) -> None:
    with sandbox_of() as sandbox:
        refresh = connect(sandbox.url).fetch(BOX_COMMENTS, [])
        assert len(sandbox.journal) == 0
    assert rows(refresh) == []
    refresh.spool.discard()


def test_a_list_without_a_parent_that_is_refused_fails(connect: Connect) -> None:
    with sandbox_of() as sandbox:
        sandbox.faults.add("/snippets$", status=404, times=None)
        with pytest.raises(ApiError, match="snippets"):
            connect(sandbox.url).fetch(SNIPPETS)


def test_progress_says_how_far_how_fast_and_how_long(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "PROGRESS_SECONDS", 0.0)
    workspace, lines = made_up(30), list[str]()
    with sandbox_of(workspace) as sandbox:
        refresher = connect(sandbox.url, report=lines.append, in_flight=2)
        refresher.fetch(BOX_COMMENTS, as_parents(all_boxes(workspace))).spool.discard()
    shape = r"box_comments: \d+ of 30 boxes, \d+\.\d calls a second(, about .+ left)?$"
    for line in lines:
        assert re.match(shape, line), line
    assert lines[-1].startswith("box_comments: 30 of 30 boxes, ")


def test_a_resumed_walk_says_so(connect: Connect) -> None:
    workspace, lines = sample_workspace(), list[str]()
    boxes = as_parents(all_boxes(workspace))
    with sandbox_of(workspace) as sandbox:
        sandbox.faults.add("/comments$", skip=11, times=None, **REFUSED)
        with pytest.raises(KeyRefusedError):
            connect(sandbox.url, in_flight=1).fetch(BOX_COMMENTS, boxes)
        sandbox.faults.clear()
        connect(sandbox.url, report=lines.append).fetch(BOX_COMMENTS, boxes).spool.discard()
    assert lines[0] == "box_comments: going on where a refresh was cut short, 11 answers kept"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_durations_are_said_as_a_person_says_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_pages_of_another_size_arent_taken_up(connect: Connect) -> None:
    workspace = made_up()
    pipelines = [Parent(each["key"]) for each in workspace.pipelines()]
    with sandbox_of(workspace, variants=Variants(has_next_page="absent")) as sandbox:
        sandbox.faults.add("/boxes$", skip=3, times=None, **REFUSED)
        with pytest.raises(KeyRefusedError):
            connect(sandbox.url, page_size=10, in_flight=1).fetch(PIPELINE_BOXES, pipelines)
        sandbox.faults.clear()
        refresh = connect(sandbox.url, page_size=5).fetch(PIPELINE_BOXES, pipelines)
    assert refresh.resumed == 0
    assert sorted(row["key"] for row in rows(refresh)) == sorted(all_boxes(workspace))
    refresh.spool.discard()
