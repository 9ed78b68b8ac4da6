"""``plan`` says what the run that follows asks, table by table, and leaves nothing behind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streak_dagster.errors import (
    AccountMismatchError,
    DatabaseUnusableError,
    KeyRefusedError,
    PublishRefusedError,
    SettingsError,
    TableMissingError,
)
from streak_dagster.planned import Plan, plan_of
from streak_dagster.sandbox import Arrival, Sandbox, Variants, Workspace, generated_workspace
from streak_dagster.settings import load_settings
from streak_dagster_tests.support.accounts import all_boxes
from streak_dagster_tests.support.asked import spooled
from streak_dagster_tests.support.loading import Load, calls, environment, failures
from streak_dagster_tests.support.runs import command
from streak_dagster_tests.support.sandboxes import sandbox_of

BOXES = 40
CHANGED: dict[str, Any] = {"STREAK_REFRESH": "changed"}
SMALL_PAGES: dict[str, Any] = {"STREAK_PAGE_SIZE": "10"}


@pytest.fixture
def workspace() -> Workspace:
    return generated_workspace(BOXES, seed=8, contacts=1100)


@pytest.fixture
def sandbox(workspace: Workspace) -> Iterator[Sandbox]:
    with sandbox_of(workspace) as running:
        yield running


class Planned:
    """Plans, and loads with the same settings, and says what both come to."""

    def __init__(self, load: Load, sandbox: Sandbox, database: Path) -> None:
        self._load, self._sandbox, self._database = load, sandbox, database

    def plan(self, select: list[str] | None = None, **more: Any) -> Plan:
        values = environment(self._sandbox, self._database, **more)
        for name, value in values.items():
            self._load.monkeypatch.setenv(name, value)
        return plan_of(load_settings(values), select=select or [])

    def agrees(self, select: list[str] | None = None, **more: Any) -> Plan:
        """The plan, once the run that followed asked just that, and the plan no more than it said."""
        self._sandbox.journal.clear()
        plan = self.plan(select, **more)
        assert len(self._sandbox.journal.arrivals) == plan.spent
        self._sandbox.journal.clear()
        result = self._load(self._sandbox, self._database, select=select, **more)
        assert result.success, failures(result)
        asked = Counter(map(table_of, self._sandbox.journal.arrivals))
        assert {each.name: each.calls for each in plan.tables if each.calls} == dict(asked)
        return plan


@pytest.fixture
def planned(load: Load, sandbox: Sandbox, tmp_path: Path) -> Planned:
    return Planned(load, sandbox, tmp_path / "copy.duckdb")


def table_of(arrival: Arrival) -> str:
    """The table that a call was made for; one that asks by key is for the table of the rows."""
    parts = arrival.path.removeprefix("/api/v1/").removeprefix("/api/v2/").strip("/").split("/")
    last = "boxes" if parts[-1] == "batch" or parts[-2:-1] == ["boxes"] else parts[-1]
    if parts[0] == "pipelines" and len(parts) == 2:
        return "pipelines"
    of_box = {"comments", "meetings", "tasks", "threads", "files"}
    of_pipeline = {"boxes", "fields"}
    return f"box_{last}" if last in of_box else f"pipeline_{last}" if last in of_pipeline else last


def by_name(plan: Plan) -> dict[str, tuple[int, ...]]:
    """How many boxes there are, are fetched, kept and empty, of each table that is asked for by boxes."""
    rows = {each.name: (each.boxes, each.fetch, each.keep, each.empty) for each in plan.tables}
    return {name: tuple(n for n in row if n is not None) for name, row in rows.items() if None not in row}


def test_a_run_asks_what_was_planned_from_the_first_on(
    planned: Planned, workspace: Workspace, tmp_path: Path
) -> None:
    first = planned.agrees(**SMALL_PAGES)
    assert first.certain
    assert by_name(first)["box_tasks"] == (BOXES, BOXES, 0, 0)
    pipelines = len(workspace.pipelines())
    # The teams, the pipelines, a page that shows how Streak lists boxes, two pages of contacts, and one more.
    assert first.spent == 1 + 1 + 1 + 2 + 1 < pipelines + BOXES

    one, two, *_ = boxes = all_boxes(workspace)
    workspace.add_comment(one, message="Called them again.")
    workspace.add_task(two, text="Call them again")
    workspace.delete_box(boxes[-1])
    workspace.add_box(workspace.pipelines()[0]["key"], "New")
    again = planned.agrees(**SMALL_PAGES, **CHANGED)
    kept = by_name(again)
    assert all(boxes == fetch + keep + empty == BOXES for boxes, fetch, keep, empty in kept.values()), kept
    assert kept["box_comments"][1] < BOXES / 2

    workspace.delete_box(one)
    complete = planned.agrees(["pipelines", "pipeline_boxes", "box_files"], **SMALL_PAGES)
    assert not complete.certain, "which box is gone, only the boxes show"
    assert by_name(complete)["box_files"] == (BOXES - 1, BOXES - 1, 0, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.duckdb"]


@pytest.mark.usefixtures("core_alone")
def test_so_it_does_of_some_tables_of_some_pipelines(planned: Planned, workspace: Workspace) -> None:
    one, *_ = workspace.pipelines()
    some: dict[str, Any] = {"STREAK_PIPELINES": one["key"], **CHANGED}
    copied = len(workspace.boxes(one["key"]))
    first = planned.agrees(**some)
    comments = by_name(first)["box_comments"]
    assert comments[0] == copied < BOXES
    assert comments[3], "counters say of some that they are empty"
    assert "newsfeed" not in {each.name for each in first.tables}

    workspace.add_task(workspace.boxes(one["key"])[0]["key"], text="Call them")
    alone = planned.agrees(["box_tasks", "box_comments"], **some)
    assert alone.spent == 0, "nothing that was published is listed anew"
    assert alone.calls == 0, "a box that isn't listed shows no change"
    assert planned.plan(["pipeline_boxes", "box_tasks"], **some).calls > 1


def test_an_optional_list_alone_costs_a_look_at_the_key(
    planned: Planned, sandbox: Sandbox, load: Load, tmp_path: Path
) -> None:
    planned.agrees(["teams"])
    sandbox.journal.clear()
    assert planned.plan(["users"]).calls == 2
    assert not sandbox.journal.arrivals
    result = load(sandbox, tmp_path / "copy.duckdb", select=["users"])
    assert calls(result) == {"users": 2}
    assert len(sandbox.journal.arrivals) == 2


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize(
    "variants",
    [
        Variants(pipeline_counts="none"),
        Variants(v1_boxes_envelope="wrapped"),
    ],
    ids=["without counts", "with hasNextPage"],
)
def test_so_it_does_whatever_streak_tells(variants: Variants, load: Load, tmp_path: Path) -> None:
    with sandbox_of(generated_workspace(25, seed=3), variants=variants) as sandbox:
        planned = Planned(load, sandbox, tmp_path / "copy.duckdb")
        tables = ["teams", "pipelines", "pipeline_boxes", "box_tasks"]
        planned.agrees(tables, **SMALL_PAGES)
        planned.agrees(tables, **SMALL_PAGES, **CHANGED)


@pytest.mark.usefixtures("core_alone")
def test_what_a_run_that_was_cut_short_left_is_not_counted_again(
    planned: Planned, sandbox: Sandbox, load: Load, tmp_path: Path
) -> None:
    tables = ["teams", "pipelines", "pipeline_boxes", "box_comments"]
    sandbox.faults.add("/comments", status=403, times=1_000_000, skip=15)
    assert not load(sandbox, tmp_path / "copy.duckdb", select=tables).success
    sandbox.faults.clear()
    left = spooled(tmp_path / "copy.duckdb")["box_comments"]
    files = [path for path in (tmp_path / "copy.duckdb.spool").rglob("*") if path.is_file()]
    before = [path.read_bytes() for path in files]
    plan = planned.plan(["box_comments"])
    assert 0 < len(left) == BOXES - plan.tables[0].calls
    assert [path.read_bytes() for path in files] == before
    planned.agrees(["box_comments"])


def test_what_a_run_would_be_refused_is_refused(
    planned: Planned, sandbox: Sandbox, workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="Did you mean streak/box_tasks"):
        planned.plan(["box_taks"])
    with pytest.raises(TableMissingError, match="streak/pipeline_boxes is needed first"):
        planned.plan(["box_*"])
    text = tmp_path / "notes.txt"
    text.write_text("no database" * 1000)
    with pytest.raises(DatabaseUnusableError, match="isn't a DuckDB database"):
        planned.plan(["pipelines"], STREAK_DUCKDB_PATH=str(text))
    with pytest.raises(KeyRefusedError):
        planned.plan(STREAK_API_KEY="wrong")
    with pytest.raises(SettingsError, match="which this key doesn't see"):
        planned.plan(STREAK_PIPELINES="Nowhere")
    assert load(sandbox, tmp_path / "copy.duckdb", select=["teams", "pipelines"]).success
    for pipeline in workspace.pipelines():
        workspace.remove_pipeline(pipeline["key"])
    with pytest.raises(PublishRefusedError):
        planned.plan(["pipelines"])
    with sandbox_of(generated_workspace(5, seed=99), key="another") as other:
        elsewhere = Planned(load, other, tmp_path / "copy.duckdb")
        with pytest.raises(AccountMismatchError, match="another Streak account"):
            elsewhere.plan(["pipelines"])
    assert not (tmp_path / "copy.duckdb.spool").exists()


def test_hashed_data_is_planned_by_the_key_that_is_there(planned: Planned, tmp_path: Path) -> None:
    hashed: dict[str, Any] = {"STREAK_HASH_PERSONAL_DATA": "1", **CHANGED}
    tables = ["teams", "pipelines", "pipeline_boxes", "box_comments"]
    planned.plan(tables, **hashed)
    assert not (tmp_path / "copy.hash_key").exists()
    planned.agrees(tables, **hashed)
    assert (tmp_path / "copy.hash_key").exists()
    assert by_name(planned.plan(tables, **hashed))["box_comments"][1] == 0


def test_the_command_plans_the_sample_and_keeps_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    values = {"TMPDIR": str(folder), "COLUMNS": "60"}
    told = command(["streak-dagster", "plan", "--select", "pipeline*,box_tasks"], values, tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    lines = told.stdout.splitlines()
    assert lines[:2] == ["A complete refresh of the built-in sample.", "The budget: 10 calls a second."]
    assert max(map(len, lines)) <= 60
    assert lines[-1].endswith("Nothing was published.")
    assert list(folder.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} <= {"temporary", "data"}
    done = command(["streak-dagster", "plan", "--json", "--select", "box_tsks"], values, tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Did you mean streak/box_tasks?" in done.stderr


def test_the_plan_as_json_of_a_database_that_is_not_made(planned: Planned, tmp_path: Path) -> None:
    told = json.loads(json.dumps(planned.plan(["pipelines", "pipeline_boxes", "box_tasks"]).as_json()))
    (pipelines, boxes, tasks) = told["tables"]
    assert pipelines["table"] == "streak/pipelines"
    assert tasks["fetch"] == tasks["calls"] == BOXES
    assert told["calls"] == sum(each["calls"] for each in told["tables"])
    assert boxes["certain"] is True
    assert list(tmp_path.iterdir()) == []
