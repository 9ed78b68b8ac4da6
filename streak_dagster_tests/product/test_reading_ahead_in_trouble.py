"""What was asked ahead of a table that fails, or is refused: nothing is lost, and nothing asked in vain."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streak_dagster.assets.ahead import Readings
from streak_dagster.errors import PublishRefusedError
from streak_dagster.sandbox import Sandbox, Variants, Workspace, generated_workspace
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import Table
from streak_dagster_tests.support.accounts import all_boxes
from streak_dagster_tests.support.answers import asked
from streak_dagster_tests.support.asked import asks, spooled
from streak_dagster_tests.support.contents import contents
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.fewer import CORE
from streak_dagster_tests.support.held_up import held_up
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.told import published
from streak_dagster_tests.support.truth import differences

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

OF_BOXES = ("comments", "meetings", "tasks", "threads")
TIME_TO_DO_WRONG = 1.0
"""Seconds in which a table that may not be asked ahead would be; a busy machine only sees less of it."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    workspace = generated_workspace(110, seed=8)  # one box of them may be left out
    with sandbox_of(workspace, accounts={"renewed": workspace}) as running:
        yield running


@pytest.fixture
def database(load: Load, sandbox: Sandbox, copies: Copies, tmp_path: Path) -> Path:
    """A copy that is true, and a journal that is empty."""
    return copies.put("110 boxes of seed 8", tmp_path / "copy.duckdb", sandbox, load)


def calls_of(sandbox: Sandbox, *kinds: str) -> list[str]:
    return [each.path for each in sandbox.journal.arrivals if each.path.endswith(kinds)]


def all_asked(sandbox: Sandbox) -> Callable[[], bool]:
    """Whether every list of every box was asked for."""
    wanted = {f"{box}/{kind}" for box in all_boxes(sandbox.workspace) for kind in OF_BOXES}
    return lambda: wanted <= {"/".join(path.split("/")[-2:]) for path in calls_of(sandbox, *OF_BOXES)}


def test_one_table_that_fails_is_the_only_one(
    load: Load, hurried: Callable[..., None], sandbox: Sandbox, new: Path
) -> None:
    hurried(attempts=1)
    sandbox.faults.add("/tasks$", status=422, times=None)
    result = load(sandbox, new)
    assert set(failures(result)) == {"box_tasks"}
    assert published(result) == CORE - {"box_tasks"}
    of_others = {each: times for each, times in asked(sandbox).items() if not each[0].endswith("/tasks")}
    assert set(of_others.values()) == {1}
    sandbox.faults.clear()
    sandbox.journal.clear()
    assert load(sandbox, new, select=["box_tasks"]).success
    assert differences(new, sandbox.workspace, Variants()) == []


def test_what_was_asked_ahead_of_a_publication_that_is_refused_is_taken_up(
    load: Load, sandbox: Sandbox, new: Path
) -> None:
    """What was published is read anew, and what was refused, which may be another now: nothing else is."""
    with held_up("pipelines", all_asked(sandbox), then=PublishRefusedError("Not today.")):
        refused = load(sandbox, new)
    assert failures(refused)["pipelines"] == "Not today."
    kept = spooled(new)
    assert {len(kept[f"box_{kind}"]) for kind in OF_BOXES} == {len(all_boxes(sandbox.workspace))}
    result = load(sandbox, new)
    assert result.success, failures(result)
    twice = {each for each, times in asks(sandbox.journal.arrivals).items() if times > 1}
    assert {each.table for each in twice} <= {*published(refused), "pipelines"}
    assert not published(refused) & {"pipeline_boxes", *(f"box_{each}" for each in OF_BOXES)}
    assert differences(new, sandbox.workspace, Variants()) == []
    assert not new.with_name(f"{new.name}.spool").exists()


def test_boxes_that_go_and_come_between_two_runs_are_what_the_second_publishes(
    load: Load, sandbox: Sandbox, new: Path
) -> None:
    """What a first pass asked of a box that is gone by then is published of nobody."""
    select = ["pipelines", "pipeline_boxes", "box_comments"]
    comments = len(all_boxes(sandbox.workspace))
    refused = PublishRefusedError("Not today.")
    with held_up("pipelines", lambda: len(calls_of(sandbox, "/comments")) == comments, then=refused):
        assert not load(sandbox, new, select=select).success
    workspace = sandbox.workspace
    gone = next(box for box in all_boxes(workspace) if workspace.comments(box))
    workspace.delete_box(gone)
    added = workspace.add_box(workspace.pipelines()[0]["key"], "New")["key"]
    workspace.add_comment(added, "Hello")
    # The list of the boxes that the first run read is taken up as it was, so that a third one reads it anew.
    for _ in range(2):
        result = load(sandbox, new, select=select)
        assert result.success, failures(result)
    found = contents(new)["box_comments"].rows
    assert found == sum(len(workspace.comments(box)) for box in all_boxes(workspace))


@pytest.mark.parametrize(("kind", "status", "times"), [(None, 422, 1), ("error_503", None, 2)])
def test_a_box_that_cannot_be_read_is_not_asked_by_both_passes(
    kind: str | None,
    status: int | None,
    times: int,
    load: Load,
    hurried: Callable[..., None],
    sandbox: Sandbox,
    new: Path,
) -> None:
    hurried(attempts=2)
    box = all_boxes(sandbox.workspace)[7]
    sandbox.faults.add(f"{box}/comments$", kind=kind, status=status, times=None)
    select = ["pipelines", "pipeline_boxes", "box_comments"]
    comments = len(all_boxes(sandbox.workspace)) - 1 + times
    with held_up("pipelines", lambda: len(calls_of(sandbox, "/comments")) == comments):
        result = load(sandbox, new, select=select)
    assert result.success, failures(result)
    assert len(calls_of(sandbox, f"{box}/comments")) == times
    assert len(calls_of(sandbox, "/comments")) == comments


def test_boxes_of_so_few_pipelines_that_they_may_be_refused_are_not_asked_for(
    load: Load, sandbox: Sandbox, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pipeline in sandbox.workspace.pipelines()[:4]:
        sandbox.workspace.remove_pipeline(pipeline["key"])
    read = Readings.read

    def slowly(readings: Readings, table: Table, *more: object) -> Fetched:
        fetched = read(readings, table, *more)  # type: ignore[arg-type]
        if table.name == "pipelines":
            time.sleep(TIME_TO_DO_WRONG)
        return fetched

    monkeypatch.setattr(Readings, "read", slowly)
    told = failures(load(sandbox, database))
    assert "STREAK_MAX_SHRINK" in told["pipelines"]
    assert calls_of(sandbox, "/boxes", *OF_BOXES) == []


def test_before_the_account_is_confirmed_nothing_is_asked_ahead(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    """By a key of the same account that the database doesn't know yet."""
    asked_when_answered: list[list[str]] = []

    def look(_: Workspace) -> None:
        time.sleep(TIME_TO_DO_WRONG)
        asked_when_answered.append([each.path for each in sandbox.journal.arrivals])

    sandbox.faults.when("users/me/teams$", look)
    result = load(sandbox, database, STREAK_API_KEY="renewed")
    assert result.success, failures(result)
    assert asked_when_answered
    assert {path.partition("/v")[2] for path in asked_when_answered[0]} == {"2/users/me/teams"}
    assert differences(database, sandbox.workspace, Variants()) == []
    assert {each for each, times in asked(sandbox).items() if times > 1} <= {("/api/v2/users/me/teams", "")}
