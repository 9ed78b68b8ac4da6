"""The selections that people type first mean the tables, and leave nothing else in the instance."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from dagster import AssetKey, AssetSelection, DagsterEvent, DagsterInstance, RunsFilter

from streak_dagster.definitions import defs
from streak_dagster.familiar import MEANT, understand_familiar_selections
from streak_dagster.tables import ALL_TABLES

FEW = ("teams", "team_members", "snippets")
MATERIALIZE = ("dagster", "asset", "materialize")
NAMED = ("-m", "streak_dagster")


@pytest.fixture(autouse=True)
def _dagsters_own_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AssetSelection, "from_string", AssetSelection.__dict__["from_string"])


def tables(*selected: str) -> set[AssetKey]:
    """What Dagster takes a selection for."""
    return set(AssetSelection.from_coercible(list(selected)).resolve(defs.resolve_asset_graph()))


@pytest.mark.parametrize(
    "arguments",
    [
        [*MATERIALIZE, *NAMED, "--select", "streak/*"],
        [*MATERIALIZE, "--select=streak/*", *NAMED],
        [*MATERIALIZE, *NAMED, "--select", "streak_views/deals, streak/*"],
        ["python", "-m", *MATERIALIZE, "--select", "streak_views/*"],
        ["dg", "launch", "--assets", "streak/*"],
        ["dagster", "asset", "list", *NAMED, "--select", "streak/*"],
    ],
)
def test_a_command_line_that_asks_for_it_is_understood(arguments: list[str]) -> None:
    assert understand_familiar_selections(arguments)
    assert tables("streak/*") == {AssetKey(["streak", table.name]) for table in ALL_TABLES}
    assert tables("streak/*") == tables('key:"streak/*"')
    views = tables("streak_views/*")
    assert views
    assert {key.path[0] for key in views} == {"streak_views"}
    assert tables("streak/teams") == {AssetKey(["streak", "teams"])}, "all else is as it was"


@pytest.mark.parametrize(
    "arguments",
    [
        ["pytest", "streak/*"],
        ["dagster", "dev", "-m", "streak_dagster"],
        [*MATERIALIZE, "--select", "streak/teams*"],
        [*MATERIALIZE, "--select", 'key:"streak/*"'],
        [*MATERIALIZE, "--select"],
        ["dagster", "api", "execute_step", "streak/*"],
        ["dg", "launch", "--job", "streak/*"],
        ["dagster", "job", "launch", "--select", "streak/*"],
    ],
)
def test_any_other_process_is_left_alone(arguments: list[str]) -> None:
    before = AssetSelection.from_string
    assert not understand_familiar_selections(arguments)
    assert AssetSelection.from_string == before


def test_no_asset_is_there_for_it() -> None:
    keys = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}
    assert not keys & {"streak/", "streak/*", *MEANT}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "module"),
    [
        ([*MATERIALIZE, *NAMED, "--select", "streak/*"], None),
        ([*MATERIALIZE, "--select", "key:streak/*"], "streak_dagster"),
        (["dg", "launch", *NAMED, "--assets", "streak/*"], None),
    ],
)
def test_the_instance_knows_of_nothing_but_the_tables(
    command: list[str], module: str | None, instance: DagsterInstance, tmp_path: Path
) -> None:
    program = Path(sys.executable).with_name(command[0])
    if not program.exists():
        pytest.skip(f"{command[0]} isn't installed")
    excluded = ",".join(table.name for table in ALL_TABLES if table.name not in FEW)
    environment = {**os.environ, "STREAK_EXCLUDE": excluded}
    if module:
        environment["DAGSTER_MODULE_NAME"] = module
    subprocess.run([program, *command[1:]], cwd=tmp_path, env=environment, check=True, timeout=240)
    expected = {AssetKey(["streak", name]) for name in FEW}
    assert set(instance.all_asset_keys()) == expected
    (run,) = instance.get_runs(RunsFilter())
    assert run.is_success
    assert run.asset_selection in (None, expected)
    named = {event.asset_key for event in events_of(instance, run.run_id) if event.asset_key}
    assert named == expected
    checks = {
        each.check_name
        for event in events_of(instance, run.run_id)
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
        for each in [event.asset_check_evaluation_data]
    }
    assert "primary_key" in checks


def events_of(instance: DagsterInstance, run_id: str) -> list[DagsterEvent]:
    return [log.dagster_event for log in instance.all_logs(run_id) if log.dagster_event]
