"""A run that is set up for an account, but has no key, is refused; the copy can be looked at all the same."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from dagster import DagsterInstance

from streak_dagster.definitions import build_definitions
from streak_dagster.sandbox import Sandbox
from streak_dagster.settings import load_settings
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.runs import EVERYTHING, command
from streak_dagster_tests.support.ticks import Sensor, schedule_tick
from streak_dagster_tests.support.told import contents, sentences

OF_AN_ACCOUNT = {
    "STREAK_API_URL": "http://127.0.0.1:1/api",
    "STREAK_DUCKDB_PATH": "crm.duckdb",
    "STREAK_ALERT_WEBHOOK": "https://example.com/hook",
    "STREAK_PIPELINES": "Sales",
    "STREAK_SCHEDULE": "on",
    "STREAK_SENSOR": "on",
    "STREAK_ALLOW_ACCOUNT_CHANGE": "1",
}
OF_ANYBODY = {
    "STREAK_SCHEDULE": "off",
    "STREAK_SENSOR": "off",
    "STREAK_ALLOW_ACCOUNT_CHANGE": "0",
    "STREAK_PAGE_SIZE": "7",
    "STREAK_MAX_SHRINK": "1",
    "STREAK_DUCKDB_PATH": "data/../data/sandbox.duckdb",
}


@pytest.mark.parametrize("name", OF_AN_ACCOUNT)
def test_what_only_an_account_needs_is_named(name: str) -> None:
    found = load_settings({name: OF_AN_ACCOUNT[name]})
    assert found.missing_key.startswith(f"STREAK_API_KEY is missing, but {name} is set as for an account")
    assert f"or unset {name} to copy the built-in sample." in found.missing_key
    assert load_settings({name: OF_AN_ACCOUNT[name], "STREAK_API_KEY": "k"}).missing_key == ""


def test_all_of_them_are_named_and_an_empty_key_is_told_from_none() -> None:
    told = load_settings({**OF_AN_ACCOUNT, "STREAK_API_KEY": " "}).missing_key
    assert told.startswith("STREAK_API_KEY is empty, but ")
    assert all(name in told for name in OF_AN_ACCOUNT)
    assert "(the sandbox's is `sandbox`)" in told
    assert "example.com" not in told, "a webhook's address is a secret"


@pytest.mark.parametrize("name", OF_ANYBODY)
def test_what_the_sample_may_be_given_is_not_refused(name: str) -> None:
    assert load_settings({name: OF_ANYBODY[name]}).missing_key == ""


def test_the_command_is_refused_before_it_touches_anything(tmp_path: Path) -> None:
    found = command(["streak-dagster", "run"], {**OF_AN_ACCOUNT, "STREAK_API_KEY": ""}, tmp_path)
    assert found.returncode == 2
    assert found.stdout == ""
    assert found.stderr.startswith("streak-dagster: STREAK_API_KEY is empty, but STREAK_API_URL, ")
    assert found.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_run_of_dagsters_fails_in_the_same_sentence(load: Load, tmp_path: Path) -> None:
    result = load.by({"STREAK_DUCKDB_PATH": str(tmp_path / "crm.duckdb")})
    told = sentences(result)
    assert set(told) == {"teams", "snippets", "pipelines"}, "what comes after them isn't tried"
    assert set(told.values()) == {load_settings({"STREAK_DUCKDB_PATH": "crm.duckdb"}).missing_key}
    assert not [event for event in result.all_events if event.is_step_up_for_retry]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_dagsters_own_command_says_it_too(tmp_path: Path) -> None:
    found = command(EVERYTHING, {"STREAK_DUCKDB_PATH": "crm.duckdb"}, tmp_path)
    assert found.returncode == 1
    assert "STREAK_API_KEY is missing, but STREAK_DUCKDB_PATH is set as for an account" in found.stderr
    assert not (tmp_path / "crm.duckdb").exists()


def test_the_copy_can_be_looked_at_without_a_key(
    load: Load, sandbox: Sandbox, copies: Copies, tmp_path: Path
) -> None:
    database = copies.put("the sample", tmp_path / "copy.duckdb", sandbox, load)
    before = contents(database)
    values = {"STREAK_DUCKDB_PATH": str(database), "STREAK_SCHEDULE": "on"}
    asked = command(["streak-dagster", "sql", "SELECT 1 + count(*) FROM teams"], values, tmp_path)
    assert (asked.returncode, asked.stderr) == (0, "")
    checked = command(["streak-dagster", "check"], values, tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert load.by(values, job="streak_checks").success
    refused = command(["streak-dagster", "run"], values, tmp_path)
    assert refused.returncode == 2
    assert contents(database) == before


def test_a_child_alone_is_refused_too(load: Load, sandbox: Sandbox, copies: Copies, tmp_path: Path) -> None:
    """Its boxes are there, so that nothing else would keep it from asking the sandbox for them."""
    database = copies.put("the sample", tmp_path / "copy.duckdb", sandbox, load)
    before = contents(database)
    values = {"STREAK_DUCKDB_PATH": str(database)}
    load.monkeypatch.delenv("STREAK_API_KEY", raising=False)
    told = sentences(load.by(values, select=["box_comments"]))
    assert told == {"box_comments": load_settings(values).missing_key}
    assert contents(database) == before


def test_the_schedule_lets_its_run_fail_where_it_is_told_and_the_sensor_skips(
    instance: DagsterInstance,
) -> None:
    settings = load_settings(OF_AN_ACCOUNT)
    definitions = build_definitions(settings)
    moment = datetime(2026, 3, 5, 12, 0, tzinfo=timezone.utc)
    assert schedule_tick(definitions, instance, moment).run_requests
    found = Sensor(definitions, instance).tick()
    assert not found.run_requests
    assert found.skip_message == settings.missing_key
