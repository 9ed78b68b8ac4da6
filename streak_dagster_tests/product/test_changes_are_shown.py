"""What an edit of the sample looks like in the materialization, in the answers, and to the check of moves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dagster import ExecuteInProcessResult

from streak_dagster import labels
from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.support.loading import Load, failures

pytestmark = pytest.mark.slow

SHOWN = labels.CHANGES


def shown(result: ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    """The metadata of each table by label."""
    assert result.success, failures(result)
    return {
        event.materialization.asset_key.path[-1]: {
            label: entry.value for label, entry in event.materialization.metadata.items()
        }
        for event in result.get_asset_materialization_events()
    }


def lines(markdown: str) -> list[str]:
    return markdown.splitlines()[2:]


def test_an_edit_is_shown_without_names_in_dagster_and_with_them_in_the_answers(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    """One test, for the loads are what takes its time."""
    checked = replace(load, checked=True)
    workspace = sandbox.workspace
    pipeline = next(each for each in workspace.pipelines() if each["name"] == "Sales")
    stages = pipeline["stageOrder"]
    names = {key: stage["name"] for key, stage in pipeline["stages"].items()}
    boxes = workspace.boxes(pipeline["key"])
    moved = next(each for each in boxes if each["stageKey"] == stages[0])
    gone = next(each for each in boxes if each["stageKey"] == stages[1])
    workspace.update_box(moved["key"], stageKey=stages[2])
    workspace.update_box(moved["key"], stageKey=stages[1])
    workspace.delete_box(gone["key"])
    workspace.add_comment(moved["key"], message="Called them again.")

    result = checked(sandbox, database)
    told = shown(result)
    change = f"{names[stages[0]]} -> {names[stages[1]]}"
    found = lines(told["pipeline_boxes"][SHOWN])
    link = f"[open](https://mail.google.com/mail/u/0/#box/{moved['key']})"
    assert f"| changed | stage | Sales | {change} | {link} |" in found
    assert any(line.startswith("| removed |") and gone["key"] in line for line in found)
    assert f"| added |  | Sales | {link} |" in lines(told["box_comments"][SHOWN])
    assert told["pipeline_boxes"][labels.VERSIONS] >= 3
    everything = str({name: entries.get(SHOWN) for name, entries in told.items()})
    assert moved["name"] not in everything
    assert "Called them again." not in everything
    assert SHOWN not in told["snippets"]
    (agree,) = [
        each for each in result.get_asset_check_evaluations() if each.check_name == "stage_moves_agree"
    ]
    assert agree.passed, agree.metadata

    with duckdb.connect(str(database), read_only=True) as connection:
        changes = connection.execute(
            "SELECT what, change, name, box, columns, details FROM streak_views.recent_changes "
            "WHERE what IN ('box', 'comment')"
        ).fetchall()
        assert ("box", "changed", moved["name"], moved["name"], "stage", f"stage: {change}") in changes
        assert ("box", "removed", gone["name"], gone["name"], None, None) in changes
        assert ("comment", "added", "Called them again.", moved["name"], None, None) in changes
        stays = connection.execute(
            "SELECT stage FROM streak_views.deal_stages WHERE key = ? ORDER BY entered", [moved["key"]]
        ).fetchall()
        assert stays == [(names[each],) for each in (stages[0], stages[2], stages[1])]
        today = connection.execute(
            "SELECT sum(boxes) = (SELECT count(*) FROM streak.pipeline_boxes), sum(entered), sum(exited), "
            "any_value(value_field) FILTER (pipeline = 'Sales'), "
            "abs(sum(value) FILTER (pipeline = 'Sales') - (SELECT sum(value_number) FROM "
            "streak.box_field_values WHERE pipeline_key = ? AND field_name = 'Yearly value (€)')) < 0.01 "
            "FROM streak_views.pipeline_daily WHERE day = (SELECT max(day) FROM streak_views.pipeline_daily)",
            [pipeline["key"]],
        ).fetchall()
        assert today == [(True, 1, 2, "Yearly value (€)", True)]

    assert {name for name, entries in shown(load(sandbox, database)).items() if SHOWN in entries} == set()


def test_without_history_nothing_of_it_is_shown_and_the_answers_know_the_present(
    load: Load, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "new.duckdb"
    told = shown(load(sandbox, path, STREAK_HISTORY="off"))
    assert not {SHOWN, labels.VERSIONS} & {label for entries in told.values() for label in entries}
    with duckdb.connect(str(path), read_only=True) as connection:
        ((boxes, counted),) = connection.execute(
            "SELECT (SELECT count(*) FROM streak.pipeline_boxes), "
            "(SELECT sum(boxes) FROM streak_views.pipeline_daily "
            "WHERE day = (SELECT max(day) FROM streak_views.pipeline_daily))"
        ).fetchall()
        assert boxes == counted
        assert connection.execute("SELECT count(*) FROM streak_views.recent_changes").fetchall() == [(0,)]
