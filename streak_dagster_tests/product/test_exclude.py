"""``STREAK_EXCLUDE``: a table that is left out costs no call, fails nothing, and stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetKey, DagsterInstance, Definitions

from streak_dagster.definitions import build_definitions
from streak_dagster.errors import SettingsError
from streak_dagster.exclusion import made_from
from streak_dagster.sandbox import Sandbox, sample_workspace
from streak_dagster.settings import load_settings
from streak_dagster.tables import ALL_TABLES
from streak_dagster_tests.support.loading import Load, environment, failures
from streak_dagster_tests.support.runs import EVERYTHING, command
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.ticks import Sensor, tables
from streak_dagster_tests.support.told import published
from streak_dagster_tests.support.truth import stored

NAMES = [table.name for table in ALL_TABLES]
BELOW_BOXES = ",".join(made_from("pipeline_boxes"))
ORPHANS = ", ".join(each for each in made_from("pipeline_boxes") if each != "box_tasks")
BELOW_TEAMS = ",".join(made_from("teams"))
TOGETHER = f"STREAK_EXCLUDE=pipeline_boxes,{BELOW_BOXES}"


def in_order(name: str) -> str:
    """A table and all that is made from it, in the order of their declaration."""
    return ",".join(each for each in NAMES if each == name or each in made_from(name))


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("", ()),
        (" , ", ()),
        ("snippets", ("snippets",)),
        (" Webhooks , SNIPPETS,webhooks", ("snippets", "webhooks")),
        ("streak/snippets", ("snippets",)),
        ("Streak.snippets", ("snippets",)),
        ("box_comments.message", ("box_comments.message",)),
        ("box_comments, Streak.Box_Comments.MESSAGE", ("box_comments",)),
        ("streak/snippets.snippet_text,webhooks", ("webhooks", "snippets.snippet_text")),
        (f"{BELOW_BOXES},pipeline_boxes", ("pipeline_boxes", *BELOW_BOXES.split(","))),
    ],
)
def test_the_tables_are_named_in_any_form(text: str, excluded: tuple[str, ...]) -> None:
    assert load_settings({"STREAK_EXCLUDE": text}).exclude == excluded


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("snippet", f"names 'snippet', which is no table; the tables are {', '.join(NAMES)}"),
        ("box_comments.massage", "box_comments has no such column. Is message meant?"),
        ("comments.message", "which is a column of no table"),
        ("streak.box_comments.key", "leaves out box_comments.key, but its rows are told apart by it"),
        ("snippets;teams", "which is no table"),
        (
            "pipeline_boxes,box_tasks",
            f"but {ORPHANS} can't be copied without it. Leave those out, too: {TOGETHER}",
        ),
        (
            "pipelines",
            f"STREAK_EXCLUDE={in_order('pipelines')}",
        ),
        (",".join(NAMES), "leaves out every table"),
    ],
)
def test_what_cannot_be_left_out_is_said_at_load(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings({"STREAK_EXCLUDE": text})
    assert told in str(refusal.value)


@pytest.mark.parametrize("name", [name for name in NAMES if not made_from(name)])
def test_nothing_of_a_table_that_is_left_out_is_defined(name: str) -> None:
    definitions = build_definitions(load_settings({"STREAK_EXCLUDE": name}))
    graph = definitions.resolve_asset_graph()
    copied = {key.path[-1] for key in graph.materializable_asset_keys if key.path[0] == "streak"}
    assert copied == set(NAMES) - {name}
    for key in graph.materializable_asset_keys:
        assert AssetKey(["streak", name]) not in graph.get(key).parent_keys
    assert not [key for key in graph.asset_check_keys if key.asset_key == AssetKey(["streak", name])]
    waited_for = {dep.asset_key for check in definitions.asset_checks or () for dep in _deps(check)}
    assert AssetKey(["streak", name]) not in waited_for
    for job in ("streak_complete", "streak_changed", "streak_checks"):
        ops = {node.name for node in definitions.resolve_job_def(job).nodes}
        assert not [op for op in ops if op in (f"streak__{name}", f"{name}_checks", f"{name}_references")]


def _deps(check: Any) -> list[Any]:
    return [dep for spec in check.check_specs for dep in spec.additional_deps]


def test_without_snippets_and_teams_all_goes_well_and_they_stay_as_they_were(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    left_out = ("snippets", "teams", *made_from("teams"))
    before = {name: stored(database, name) for name in left_out}
    workspace = sandbox.workspace
    workspace.update_snippet(workspace.snippets()[0]["key"], snippetText="Edited")
    for name in left_out:
        sandbox.faults.add(f"{name}$", status=403, times=None)
    result = replace(load, checked=True)(sandbox, database, STREAK_EXCLUDE=",".join(left_out))
    assert result.success, failures(result)
    assert published(result) == set(NAMES) - {*left_out}
    assert not [each for each in result.get_asset_check_evaluations() if not each.passed]
    assert not [
        each
        for each in sandbox.journal.arrivals
        if each.path.endswith(("snippets", "teams", "contacts", "organizations"))
    ]
    assert {name: stored(database, name) for name in before} == before


@pytest.mark.parametrize("job", ["streak_complete", "streak_changed"])
def test_the_jobs_go_without_a_kind_of_children(
    load: Load, sandbox: Sandbox, database: Path, job: str
) -> None:
    result = load(sandbox, database, job=job, STREAK_EXCLUDE="box_threads,box_tasks,box_files")
    assert result.success, failures(result)
    assert not {"box_threads", "box_tasks", "box_files"} & published(result)
    assert not [
        each for each in sandbox.journal.arrivals if each.path.endswith(("/threads", "/tasks", "/files"))
    ]


@pytest.mark.parametrize("copied_before", [True, False])
def test_a_renewed_key_is_known_without_the_table_of_teams(
    load: Load, tmp_path: Path, copied_before: bool
) -> None:
    workspace, database = sample_workspace(), tmp_path / "copy.duckdb"
    without: dict[str, Any] = {"STREAK_EXCLUDE": f"teams,{BELOW_TEAMS}", "select": ["pipelines"]}
    other = {"new": workspace}
    with sandbox_of(workspace, key="old", accounts=other) as sandbox:
        if copied_before:
            assert load(sandbox, database, select=["teams"]).success
        assert load(sandbox, database, **without).success
        sandbox.revoke("old")
        result = load(sandbox, database, STREAK_API_KEY="new", **without)
        assert result.success, failures(result)


class TestTheSensor:
    @pytest.fixture
    def define(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Definitions]:
        def made(sandbox: Sandbox, database: Path, **more: str) -> Definitions:
            values = environment(sandbox, database, **more)
            for name, value in values.items():
                monkeypatch.setenv(name, value)
            return build_definitions(load_settings(values))

        return made

    @pytest.mark.parametrize(
        "exclude", ["snippets", f"snippets,teams,{BELOW_TEAMS}", f"pipeline_boxes,{BELOW_BOXES}"]
    )
    def test_it_neither_looks_at_nor_asks_for_what_is_left_out(
        self,
        define: Callable[..., Definitions],
        sandbox: Sandbox,
        in_memory: DagsterInstance,
        tmp_path: Path,
        exclude: str,
    ) -> None:
        sensor = Sensor(define(sandbox, tmp_path / "new.duckdb", STREAK_EXCLUDE=exclude), in_memory)
        request = sensor.request()
        assert tables(request) == set(NAMES) - set(exclude.split(","))
        assert sensor.refresh(request)
        sandbox.workspace.add_snippet()
        if "boxes" in exclude:
            sandbox.workspace.add_box(sandbox.workspace.pipelines()[0]["key"], "New")
        found = sensor.tick()
        if exclude.startswith("snippets"):
            assert found.skip_message.endswith("nothing moved."), found.skip_message
        else:
            # A pipeline counts its boxes in its stages, and its feed tells of them.
            asked_for = {"pipelines", "pipeline_stages", "newsfeed", "snippets"}
            assert tables(found.run_requests[0]) == asked_for
        asked = {each.path.rpartition("/")[2] for each in sandbox.journal.arrivals}
        assert not asked & {"snippets" if "snippets" in exclude else "boxes"}


@pytest.mark.slow
def test_the_commands_go_without_it(sandbox: Sandbox, tmp_path: Path) -> None:
    values = environment(sandbox, tmp_path / "copy.duckdb", STREAK_EXCLUDE="snippets")
    sandbox.faults.add("snippets$", status=403, times=None)
    ours = command(["streak-dagster", "run", "--strict"], values, tmp_path)
    assert ours.returncode == 0, ours.stdout
    assert "could not be run" not in ours.stdout
    assert "snippets" not in ours.stdout
    alone = command(["streak-dagster", "check", "--strict"], values, tmp_path)
    assert alone.returncode == 0, alone.stdout
    assert "could not be run" not in alone.stdout
    dagsters = command(EVERYTHING, values, tmp_path)
    assert dagsters.returncode == 0, dagsters.stderr
    wrong = command(["streak-dagster", "run"], {**values, "STREAK_EXCLUDE": "pipelines"}, tmp_path)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("streak-dagster: STREAK_EXCLUDE leaves out pipelines, but ")
