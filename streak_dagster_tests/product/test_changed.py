"""A changed refresh costs what changed, and ends as true as a complete one would."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from streak_dagster import labels
from streak_dagster.sandbox import Moves, Sandbox, Variants, Workspace, generated_workspace
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.loading import Load, calls, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import differences, stored

pytestmark = pytest.mark.slow

CHANGED: dict[str, Any] = {"STREAK_REFRESH": "changed"}
CHILDREN = ("box_comments", "box_meetings", "box_tasks", "box_threads", "box_files")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with sandbox_of(generated_workspace(120, seed=21)) as running:
        yield running


@pytest.fixture
def database(load: Load, sandbox: Sandbox, copies: Copies, tmp_path: Path) -> Path:
    """A copy that is true, and a journal that is empty."""
    return copies.put("120 boxes of seed 21", tmp_path / "copy.duckdb", sandbox, load)


def any_box(workspace: Workspace, number: int = 0) -> str:
    largest = max(workspace.pipelines(), key=lambda each: len(workspace.boxes(each["key"])))
    return str(workspace.boxes(largest["key"])[number]["key"])


def child_calls(sandbox: Sandbox) -> list[str]:
    kinds = ("/comments", "/meetings", "/tasks", "/threads", "/files")
    return [each.path for each in sandbox.journal.arrivals if each.path.endswith(kinds)]


def entries(result: Any) -> dict[str, dict[str, Any]]:
    return {
        event.materialization.asset_key.path[-1]: {
            label: entry.value for label, entry in event.materialization.metadata.items()
        }
        for event in result.get_asset_materialization_events()
    }


def test_without_an_edit_only_lists_are_asked_for_and_no_row_changes(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    before = {name: stored(database, name) for name in CHILDREN}
    result = load(sandbox, database, **CHANGED)
    assert result.success, failures(result)
    assert child_calls(sandbox) == []
    assert {name: stored(database, name) for name in CHILDREN} == before, "kept rows keep their _synced_at"
    told = entries(result)["box_comments"]
    assert (told[labels.REFRESH], labels.figure(told, labels.asked("boxes"))) == ("changed", 0)
    assert told[labels.kept("boxes")] + told[labels.empty("boxes")] == told[labels.SAVED] == 120


def test_an_edit_costs_one_call_of_its_kind(load: Load, sandbox: Sandbox, database: Path) -> None:
    sandbox.workspace.moves = Moves(added={"counters"}, edited=set(), deleted=set(), box=set())
    key = any_box(sandbox.workspace)
    sandbox.workspace.add_comment(key, message="Called them again.")
    result = load(sandbox, database, **CHANGED)
    assert result.success, failures(result)
    assert child_calls(sandbox) == [f"/api/v2/boxes/{key}/comments"]
    assert differences(database, sandbox.workspace, Variants()) == []


def test_the_first_changed_refresh_skips_what_counters_say_is_empty(
    load: Load, sandbox: Sandbox, tmp_path: Path
) -> None:
    result = load(sandbox, tmp_path / "new.duckdb", **CHANGED)
    assert result.success, failures(result)
    made = calls(result)
    assert all(0 < made[name] < 120 for name in CHILDREN)
    assert differences(tmp_path / "new.duckdb", sandbox.workspace, Variants()) == []


def test_an_edit_that_moves_nothing_is_found_by_the_audit_of_a_complete_refresh(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    sandbox.workspace.moves = Moves.nothing()
    comments = stored(database, "box_comments")
    edited = {comment["box_key"] for comment in comments[:2]}
    for comment in comments[:2]:
        sandbox.workspace.update_child("comments", comment["key"], message="Corrected.")
    missed = load(sandbox, database, **CHANGED)
    assert missed.success, failures(missed)
    assert stored(database, "box_comments") == comments
    found = replace(load, readings=True)(sandbox, database)
    assert differences(database, sandbox.workspace, Variants()) == []
    told = entries(found)["box_comments"]
    assert (told[labels.would_miss("boxes")], told[labels.WOULD_MISS_ROWS]) == (len(edited), 2)
    assert set(told[labels.would_miss_which("boxes")]) == edited
    assert told[labels.WOULD_MISS] == f"2 rows of {len(edited)} boxes"
    assert entries(found)["box_tasks"][labels.WOULD_MISS] == "nothing"
    verdicts = {
        each.asset_key.path[-1]: each.passed
        for each in found.get_asset_check_evaluations()
        if each.check_name == "changed_would_be_true"
    }
    assert verdicts == {name: name != "box_comments" for name in CHILDREN}
    with duckdb.connect(str(database), read_only=True) as connection:
        kept = connection.execute(
            "SELECT max(rows_missed) FROM streak_meta.audits WHERE table_name = 'box_comments'"
        ).fetchone()
    assert kept == (2,)


def test_boxes_that_carry_no_sign_are_always_asked(load: Load, tmp_path: Path) -> None:
    variants = Variants(box_shape="documented")
    with sandbox_of(generated_workspace(30, seed=4), variants=variants) as sandbox:
        assert load(sandbox, tmp_path / "copy.duckdb").success
        sandbox.journal.clear()
        assert load(sandbox, tmp_path / "copy.duckdb", **CHANGED).success
        asked = child_calls(sandbox)
    assert len([path for path in asked if path.endswith("/meetings")]) == 30
    assert not [path for path in asked if path.endswith("/comments")]


def test_a_complete_refresh_is_forced_when_the_last_one_is_old(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("UPDATE streak_meta.refreshes SET started_at = started_at - INTERVAL 25 HOUR")
    result = load(sandbox, database, **CHANGED)
    assert entries(result)["box_tasks"][labels.REFRESH] == "complete"
    assert entries(load(sandbox, database, **CHANGED))["box_tasks"][labels.REFRESH] == "changed"


def test_a_changed_declaration_reads_everything_again(load: Load, sandbox: Sandbox, database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("UPDATE streak_meta.readings SET declaration = 'older'")
    told = entries(load(sandbox, database, **CHANGED))["box_comments"]
    assert labels.figure(told, labels.kept("boxes")) == 0
    assert differences(database, sandbox.workspace, Variants()) == []


@pytest.mark.parametrize("job", ["streak_complete", "streak_changed"])
def test_the_jobs_choose_the_way(load: Load, sandbox: Sandbox, database: Path, job: str) -> None:
    result = load(sandbox, database, job=job)
    assert result.success, failures(result)
    assert entries(result)["box_threads"][labels.REFRESH] == job.removeprefix("streak_")


def test_a_box_that_could_not_be_read_is_asked_again(
    load: Load, hurried: Callable[..., None], sandbox: Sandbox, database: Path
) -> None:
    hurried()
    key = stored(database, "box_comments")[0]["box_key"]
    sandbox.workspace.add_comment(key, message="One more.")
    sandbox.faults.add(f"{key}/comments$", kind="error_500", times=None)
    result = load(sandbox, database, **CHANGED)
    assert result.success, failures(result)
    sandbox.faults.clear()
    sandbox.journal.clear()
    assert load(sandbox, database, **CHANGED).success
    assert child_calls(sandbox) == [f"/api/v2/boxes/{key}/comments"]
    assert differences(database, sandbox.workspace, Variants()) == []


def test_a_counter_that_disagrees_with_the_rows_is_shown(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    checked = replace(load, readings=True)
    assert all(each.passed for each in checked(sandbox, database).get_asset_check_evaluations())
    sandbox.workspace.moves = Moves.nothing()
    key = any_box(sandbox.workspace)
    sandbox.workspace.add_task(key, text="Nobody counted me")
    for each in checked(sandbox, database).get_asset_check_evaluations():
        if each.check_name == "counters_agree":
            assert each.passed == (each.asset_key.path[-1] != "box_tasks")
            examples: Any = each.metadata["examples"].value if not each.passed else [{"box": key}]
            assert examples[0]["box"] == key


TEXTS = {
    "comments": "message",
    "tasks": "text",
    "meetings": "notes",
    "threads": "subject",
    "files": "fileName",
}
"""By kind of child, a property that people write."""


def edit(workspace: Workspace, chance: random.Random) -> None:
    """One thing that people do, to a box or a child taken at random."""
    pipelines = [each["key"] for each in workspace.pipelines()]
    boxes = [box["key"] for pipeline in pipelines for box in workspace.boxes(pipeline)]
    box = chance.choice(boxes)
    kind = chance.choice(list(TEXTS))
    children = getattr(workspace, kind)(box)
    what = chance.randrange(8)
    if what == 0:
        workspace.add_comment(box, message="Noted.")
    elif what == 1:
        workspace.add_task(box, text="Call back")
    elif what == 2:
        workspace.add_meeting(box, notes="Met.")
    elif what == 3 and children:
        workspace.remove_child(kind, chance.choice(children)["key"])
    elif what == 4 and children:
        name = TEXTS[kind]
        workspace.update_child(kind, chance.choice(children)["key"], **{name: f"Edited {chance.random()}"})
    elif what == 5 and len(boxes) > 20:
        workspace.delete_box(box)
    elif what == 6:
        workspace.add_box(chance.choice(pipelines), name="New")
    else:
        workspace.update_box(box, name=f"Renamed {chance.random()}")


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(seed=st.integers(0, 10**6), refreshes=st.lists(st.booleans(), min_size=2, max_size=4))
def test_any_stream_of_edits_that_move_something_ends_true(
    load: Load, seed: int, refreshes: list[bool]
) -> None:
    chance = random.Random(seed)
    workspace = generated_workspace(40, seed=seed)
    workspace.moves = Moves(
        added={"counters"}, edited={"saved"}, deleted={"counters", "saved"}, box={"saved", "updated"}
    )
    with tempfile.TemporaryDirectory() as folder, sandbox_of(workspace) as sandbox:
        database = Path(folder) / "copy.duckdb"
        for changed in refreshes:
            result = load(sandbox, database, STREAK_REFRESH="changed" if changed else "complete")
            assert result.success, failures(result)
            assert differences(database, workspace, Variants()) == []
            for _ in range(chance.randrange(8)):
                edit(workspace, chance)
            workspace.advance(60_000)
