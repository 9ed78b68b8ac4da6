"""Faults of many kinds, edits and a revoked key in one load: the truth, or the old tables and a sentence."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from streak_dagster.sandbox import Sandbox, Variants, Workspace, generated_workspace
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.faults import plan
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.told import contents, failed_cleanly, sentences
from streak_dagster_tests.support.truth import differences

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

BOXES = 25
KINDS = ["rate_limited", "error_500", "error_502", "error_503_retry_after", "reset", "half_body"]
KINDS += ["truncated_json", "html", "null", "empty", "success_false", "envelope data", "drip"]
KINDS += ["duplicate_page", "repeated_record", "null_record", "no_key", "wrong_key_type"]
PATHS = ["", "/boxes$", "/tasks$", "/comments$", "v1/pipelines$", "/fields$", "batch", "snippets$"]
CHANGES = ["delete_box", "add_box", "update_box", "add_comment", "revoke"]


@dataclass(frozen=True)
class Planned:
    """A fault in a ``share`` of the answers; a share of 1 is an outage after ``skip`` answers."""

    kind: str
    path: str
    share: float
    skip: int
    seed: int


@dataclass(frozen=True)
class Change:
    do: str
    path: str
    skip: int
    which: int


@dataclass(frozen=True)
class Schedule:
    faults: list[Planned] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    page: int = 100


PLANNED = st.builds(
    Planned,
    kind=st.sampled_from(KINDS),
    path=st.sampled_from(PATHS),
    share=st.sampled_from([0.05, 0.05, 0.3, 1.0]),
    skip=st.integers(0, 30),
    seed=st.integers(0, 1000),
)
CHANGE = st.builds(
    Change,
    do=st.sampled_from(CHANGES),
    path=st.sampled_from(["/boxes$", "/tasks$", "/threads$", ""]),
    skip=st.integers(0, 25),
    which=st.integers(0, BOXES - 6),
)
SCHEDULES = st.builds(
    Schedule,
    faults=st.lists(PLANNED, min_size=1, max_size=4),
    changes=st.lists(CHANGE, max_size=4),
    page=st.sampled_from([1, 4, 9, 100]),
)


def arrange(sandbox: Sandbox, schedule: Schedule) -> None:
    for each in schedule.faults:
        how: dict[str, Any] = {"skip": each.skip} if each.share == 1 else {"seed": each.seed}
        if each.kind in ("null_record", "no_key", "wrong_key_type"):
            sandbox.faults.add(each.path, kind=each.kind, times=None, probability=each.share, **how)
        else:
            plan(sandbox, each.kind, each.path, times=None, probability=each.share, **how)
    for change in schedule.changes:
        sandbox.faults.when(change.path, _doing(sandbox, change), skip=change.skip)


def _doing(sandbox: Sandbox, change: Change) -> Callable[[Workspace], None]:
    def do(workspace: Workspace) -> None:
        pipelines = workspace.pipelines()
        boxes = [box["key"] for each in pipelines for box in workspace.boxes(each["key"])]
        key = boxes[change.which % len(boxes)]
        if change.do == "revoke":
            sandbox.revoke()
        elif change.do == "add_box":
            workspace.add_box(pipelines[change.which % len(pipelines)]["key"], "Added meanwhile")
        elif change.do == "update_box":
            workspace.update_box(key, name="Renamed meanwhile")
        elif change.do == "add_comment":
            workspace.add_comment(key, message="Said meanwhile")
        else:
            workspace.delete_box(key)

    return do


def left_out(database: Path) -> bool:
    """Whether the checks will say that a box couldn't be read."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "SELECT count(*) FROM streak_meta.unread WHERE table_name LIKE 'box_%'"
        ).fetchone()
    return found != (0,)


@settings(
    max_examples=3,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(schedule=SCHEDULES)
def ends_with_the_truth_or_the_old_tables_and_a_sentence(
    schedule: Schedule, load: Load, hurried: Callable[..., None], copies: Copies
) -> None:
    hurried(attempts=3, seconds=2.0)
    with (
        tempfile.TemporaryDirectory() as folder,
        sandbox_of(generated_workspace(BOXES, seed=8)) as sandbox,
    ):
        database = copies.put(f"{BOXES} boxes of seed 8", Path(folder) / "copy.duckdb", sandbox, load)
        before = contents(database)
        arrange(sandbox, schedule)
        pages: dict[str, Any] = {"STREAK_PAGE_SIZE": str(schedule.page)}

        result = load(sandbox, database, **pages)

        if not result.success:
            failed_cleanly(result, database, before)
        elif not any(each.do != "revoke" for each in schedule.changes):
            assert left_out(database) or differences(database, sandbox.workspace, Variants()) == []
        sandbox.faults.clear()
        sandbox.restore()
        again = load(sandbox, database, **pages)
        assert again.success, sentences(again)
        found = differences(database, sandbox.workspace, Variants())
        if found and not result.success:  # what was kept of the first run may be older than an edit
            again = load(sandbox, database, **pages)
            assert again.success, sentences(again)
            found = differences(database, sandbox.workspace, Variants())
        assert found == []


@pytest.mark.parametrize("number", [20261123, 4711])
def test_whatever_happens_a_load_ends_in_one_of_two_states(
    number: int, load: Load, hurried: Callable[..., None], copies: Copies
) -> None:
    seed(number)(ends_with_the_truth_or_the_old_tables_and_a_sentence)(
        load=load, hurried=hurried, copies=copies
    )
