"""While one table of a run is published, the calls of the next ones leave: each once, and none in vain."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dagster import ExecuteInProcessResult

from streak_dagster.assets.ahead import Readings, _Reading
from streak_dagster.sandbox import Moves, Sandbox, Variants, Workspace, generated_workspace
from streak_dagster_tests.support.accounts import all_boxes
from streak_dagster_tests.support.answers import asked
from streak_dagster_tests.support.asked import asks
from streak_dagster_tests.support.contents import contents
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.held_up import LONGEST, held_up
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import differences
from streak_dagster_tests.support.waiting import eventually

pytestmark = pytest.mark.slow

CHANGED: dict[str, Any] = {"STREAK_REFRESH": "changed"}
HASHED: dict[str, Any] = {"STREAK_HASH_PERSONAL_DATA": "1", "STREAK_HASH_KEY": "the key of these hashes"}
OF_BOXES = ("/comments", "/meetings", "/tasks", "/threads")


@pytest.fixture
def workspace() -> Workspace:
    return generated_workspace(40, seed=8)


@pytest.fixture
def sandbox(workspace: Workspace) -> Iterator[Sandbox]:
    with sandbox_of(workspace) as running:
        yield running


@pytest.fixture
def database(load: Load, sandbox: Sandbox, copies: Copies, tmp_path: Path) -> Path:
    """A copy that is true, and a journal that is empty."""
    return copies.put("40 boxes of seed 8", tmp_path / "copy.duckdb", sandbox, load)


@pytest.fixture
def nothing_ahead(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Each step asks for its own table, from now on."""
    return lambda: monkeypatch.setattr(Readings, "_next", lambda _: None)


def calls_of(sandbox: Sandbox, *kinds: str) -> list[str]:
    return [each.path for each in sandbox.journal.arrivals if each.path.endswith(kinds)]


def asked_twice(sandbox: Sandbox) -> list[object]:
    return [each for each, times in asked(sandbox).items() if times > 1]


def order(result: ExecuteInProcessResult) -> list[str]:
    """The tables, as they were published."""
    keys = [each.asset_key.path for each in result.get_asset_materialization_events() if each.asset_key]
    return [path[-1] for path in keys if path[0] == "streak"]


def test_a_first_copy_is_true_in_the_order_of_the_plan_and_asks_nothing_twice(
    load: Load, sandbox: Sandbox, new: Path, nothing_ahead: Callable[[], None]
) -> None:
    result = load(sandbox, new)
    assert result.success, failures(result)
    assert differences(new, sandbox.workspace, Variants()) == []
    assert asked_twice(sandbox) == []
    ahead = asked(sandbox)
    sandbox.journal.clear()

    nothing_ahead()
    alone = load(sandbox, new.with_name("alone.duckdb"))
    assert alone.success, failures(alone)
    assert asked(sandbox) == ahead
    assert order(result) == order(alone)
    assert contents(new) == contents(new.with_name("alone.duckdb"))


@pytest.mark.usefixtures("core_alone")
def test_while_one_list_is_not_answered_yet_the_next_tables_are_asked_for(
    load: Load, sandbox: Sandbox, new: Path
) -> None:
    """The last comments are held back until each other list of the boxes was asked for."""

    def all_others_came(_: Workspace) -> None:
        eventually(lambda: all(calls_of(sandbox, each) for each in OF_BOXES), longest=LONGEST)

    sandbox.faults.when("/comments$", all_others_came, skip=39)
    result = load(sandbox, new)
    assert result.success, failures(result)
    sandbox.faults.check()
    assert asked_twice(sandbox) == []


@pytest.mark.parametrize(
    ("publishing", "meanwhile"),
    [
        ("pipelines", "/boxes"),
        ("pipelines", "/comments"),
        ("pipeline_boxes", "/tasks"),
        ("pipelines", "/fields"),
    ],
)
@pytest.mark.usefixtures("core_alone")
def test_while_a_table_is_published_what_it_is_asked_by_is_asked_already(
    publishing: str, meanwhile: str, load: Load, sandbox: Sandbox, new: Path
) -> None:
    with held_up(publishing, lambda: calls_of(sandbox, meanwhile)):
        result = load(sandbox, new)
    assert result.success, failures(result)
    assert differences(new, sandbox.workspace, Variants()) == []
    assert asked_twice(sandbox) == []


@pytest.mark.usefixtures("core_alone")
def test_a_table_that_waits_for_the_publication_of_another_is_in_the_way_of_none(
    load: Load, sandbox: Sandbox, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked by no table looks into the database first, and that is being written."""
    publishes = threading.Event()
    begin = Readings._begin

    def once_it_publishes(readings: Readings, reading: _Reading) -> None:
        assert publishes.wait(LONGEST)
        begin(readings, reading)

    def fields_are_asked_for() -> bool:
        publishes.set()
        return bool(calls_of(sandbox, "/fields"))

    monkeypatch.setattr(Readings, "_begin", once_it_publishes)
    with held_up("pipelines", fields_are_asked_for):
        result = load(sandbox, new)
    assert result.success, failures(result)
    assert differences(new, sandbox.workspace, Variants()) == []
    assert asked_twice(sandbox) == []


@pytest.mark.usefixtures("core_alone")
def test_a_second_copy_is_as_true_and_asks_nothing_twice_either(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    result = load(sandbox, database)
    assert result.success, failures(result)
    assert differences(database, sandbox.workspace, Variants()) == []
    assert asked_twice(sandbox) == []


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (["pipelines", "pipeline_boxes"], {"pipelines", "pipeline_boxes"}),
        (["box_tasks"], {"box_tasks"}),
        (["pipelines", "box_tasks", "snippets"], {"pipelines", "box_tasks", "snippets"}),
        (["pipelines", "pipeline_stages"], {"pipelines"}),
    ],
)
@pytest.mark.usefixtures("core_alone")
def test_what_is_no_step_of_the_run_is_never_asked_for(
    select: list[str], expected: set[str], load: Load, sandbox: Sandbox, database: Path
) -> None:
    result = load(sandbox, database, select=select)
    assert result.success, failures(result)
    assert {each.table for each in asks(sandbox.journal.arrivals)} == expected
    assert asked_twice(sandbox) == []
    assert differences(database, sandbox.workspace, Variants()) == []


@pytest.mark.usefixtures("core_alone")
def test_what_was_asked_in_a_first_pass_is_known_to_a_changed_refresh(
    load: Load, sandbox: Sandbox, new: Path
) -> None:
    """The fingerprints that it keeps are those of the boxes as they are published."""
    boxes = len(all_boxes(sandbox.workspace))
    with held_up("pipeline_boxes", lambda: len(calls_of(sandbox, *OF_BOXES)) == len(OF_BOXES) * boxes):
        result = load(sandbox, new)
    assert result.success, failures(result)
    sandbox.journal.clear()
    changed = load(sandbox, new, **CHANGED)
    assert changed.success, failures(changed)
    assert calls_of(sandbox, *OF_BOXES) == []
    assert differences(new, sandbox.workspace, Variants()) == []


@pytest.mark.usefixtures("core_alone")
def test_a_changed_refresh_decides_by_what_is_published(load: Load, sandbox: Sandbox, database: Path) -> None:
    """Held up until a table behind those of the boxes was asked for, and none of theirs is."""
    sandbox.workspace.moves = Moves(added={"counters"}, edited=set(), deleted=set(), box=set())
    box = all_boxes(sandbox.workspace)[0]
    sandbox.workspace.add_comment(box, "New")
    with held_up("pipeline_boxes", lambda: calls_of(sandbox, "/snippets")):
        result = load(sandbox, database, **CHANGED)
    assert result.success, failures(result)
    assert calls_of(sandbox, *OF_BOXES) == [f"/api/v2/boxes/{box}/comments"]
    assert differences(database, sandbox.workspace, Variants()) == []


@pytest.mark.usefixtures("core_alone")
def test_hashed_it_is_the_same_as_without_reading_ahead(
    load: Load, sandbox: Sandbox, new: Path, nothing_ahead: Callable[[], None]
) -> None:
    result = load(sandbox, new, **HASHED)
    assert result.success, failures(result)
    assert asked_twice(sandbox) == []

    nothing_ahead()
    other = new.with_name("alone.duckdb")
    alone = load(sandbox, other, **HASHED)
    assert alone.success, failures(alone)
    assert contents(other) == contents(new)
