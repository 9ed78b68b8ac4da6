"""An account as a value: what its fields may be, and that its secrets are shown nowhere."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetKey, DagsterInstance, EnvVar, ExecuteInProcessResult
from pydantic import BaseModel

from streak_dagster import StreakAccount, build_streak_definitions
from streak_dagster.automation.due import ASKING_JOBS
from streak_dagster.errors import SettingsError
from streak_dagster.namespace import OURS
from streak_dagster.sandbox import Sandbox
from streak_dagster.settings import DECLARED, load_settings
from streak_dagster_tests.embedding.conftest import AccountOf
from streak_dagster_tests.support.loading import failures, log_level

SECRET = "a-key-that-nobody-may-see"
HASH_SECRET = "another-that-nobody-may-see"


def teams_of(account: StreakAccount, instance: DagsterInstance) -> ExecuteInProcessResult:
    """A run of an account's teams alone."""
    job = build_streak_definitions(account).resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=instance,
        asset_selection=[AssetKey(["streak", "teams"])],
        run_config=log_level("CRITICAL"),
        raise_on_error=False,
    )


def test_its_defaults_are_those_of_the_variables() -> None:
    account = StreakAccount(api_key=EnvVar("STREAK_API_KEY"), database="a.duckdb")
    usual = load_settings({"STREAK_API_KEY": "k", "STREAK_DUCKDB_PATH": "a.duckdb"})
    assert account.settings == dataclasses.replace(usual, missing_key=account.settings.missing_key)


def test_every_setting_is_a_field_and_the_environments_account_has_them_all() -> None:
    values = {
        "STREAK_API_KEY": "k",
        "STREAK_DUCKDB_PATH": "a.duckdb",
        "STREAK_REFRESH_INTERVAL": "30m",
        "STREAK_COMPLETE_EVERY": "7h",
        "STREAK_PROBE_INTERVAL": "90s",
        "STREAK_HISTORY_KEEP": "365d",
        "STREAK_KEEP_RUNS": "all",
        "STREAK_PIPELINES": "Sales, Hiring",
        "STREAK_EXCLUDE": "snippets",
        "STREAK_SENSOR": "on",
        "STREAK_MAX_SHRINK": "0.25",
    }
    settings = load_settings(values)
    account = StreakAccount.of_settings(settings)
    assert (account.name, account.interval, account.complete_every) == ("streak", "30m", "7h")
    assert (account.probe_interval, account.history_keep, account.keep_runs) == ("90s", "365d", "all")
    fields = {each.name: getattr(account, each.name) for each in dataclasses.fields(account)}
    assert len(fields) == len(DECLARED) + 1  # and the name
    again = StreakAccount(**{**fields, "alert_webhook": None})
    assert again.settings == dataclasses.replace(settings, missing_key=again.settings.missing_key)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"interval": "7m"}, "StreakAccount 'acme': interval must be 30m or a whole number of hours"),
        ({"max_shrink": 3}, "max_shrink must be a number from 0 to 1, not '3'"),
        ({"page_size": 0}, "page_size must be a whole number from 1"),
        ({"refresh": "partial"}, "refresh must be complete or changed, not 'partial'"),
        ({"exclude": ["snipets"]}, "exclude names 'snipets', which is no table"),
        ({"api_url": "http://example.com"}, "api_url asks for plain http to example.com"),
        ({"calls_per_second": 11}, "calls_per_second must be a number from 0.1 to 10"),
        ({"schedule": "sometimes"}, "schedule must be on or off, not 'sometimes'"),
        ({"api_key": "a key"}, "api_key holds a space"),
        ({"name": "a-b"}, "has the name 'a-b'. Name it with letters, digits and _, a letter first"),
        ({"name": "io_manager"}, "has the name 'io_manager'"),
    ],
)
def test_a_field_that_cannot_be_is_named(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as raised:
        StreakAccount(**{"name": "acme", "api_key": EnvVar("K"), "database": "a.duckdb", **fields})
    assert told in str(raised.value)
    assert "STREAK_" not in str(raised.value)


def test_a_name_with_a_comma_is_one_pipeline_and_text_is_split() -> None:
    usual: dict[str, Any] = {"api_key": EnvVar("K"), "database": "a.duckdb"}
    assert StreakAccount(pipelines=["Sales, EU", " "], **usual).settings.pipelines == ("Sales, EU",)
    assert StreakAccount(pipelines="Sales,Hiring", **usual).settings.pipelines == ("Sales", "Hiring")


def test_what_is_no_secret_may_be_named_by_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERE", "b.duckdb")
    account = StreakAccount(api_key=EnvVar("K"), database=EnvVar("WHERE"))
    assert Path(account.settings.database).name == "b.duckdb"


def test_secrets_are_in_nothing_that_is_shown(account_of: AccountOf, acme: Sandbox) -> None:
    account = account_of(
        acme,
        "acme",
        api_key=SECRET,
        hash_personal_data=True,
        hash_key=HASH_SECRET,
        alert_webhook=f"https://example.com/{SECRET}",
    )
    shown = [repr(account), repr(account.secrets)]
    for resource in (build_streak_definitions(account).resources or {}).values():
        config = getattr(resource, "config_schema", None) or resource.get_resource_definition().config_schema
        shown.append(repr(resource))
        shown.append(repr(config.default_value if config.default_provided else ""))
        if isinstance(resource, BaseModel):
            shown.append(json.dumps(resource.model_dump(), default=str))
    assert len(shown) >= 6
    for text in shown:
        assert SECRET not in text
        assert HASH_SECRET not in text


def test_a_key_that_is_given_as_text_is_asked_with(
    account_of: AccountOf, acme: Sandbox, in_memory: DagsterInstance
) -> None:
    result = teams_of(account_of(acme, "acme"), in_memory)
    assert result.success, failures(result)


@pytest.mark.parametrize("name", ["ACME_KEY", "api_key"])
def test_a_refused_key_is_named_by_what_it_is_set_by(
    account_of: AccountOf,
    acme: Sandbox,
    in_memory: DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setenv("ACME_KEY", "wrong")
    key = EnvVar("ACME_KEY") if name == "ACME_KEY" else "wrong"
    (told,) = failures(teams_of(account_of(acme, "acme", api_key=key), in_memory)).values()
    assert f"set {name} to it" in told
    assert "STREAK_API_KEY" not in told


def test_the_sample_is_an_account_that_no_schedule_copies() -> None:
    settings = StreakAccount().settings
    assert (settings.has_key, settings.missing_key, settings.schedule) == (False, "", False)
    assert Path(settings.database).name == "sandbox.duckdb"


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (None, "StreakAccount 'acme' has no api_key, so nothing is copied"),
        (
            EnvVar("ACME_KEY"),
            "Nothing is copied while ACME_KEY, which has the API key of StreakAccount 'acme', is empty",
        ),
    ],
)
def test_without_a_key_nothing_is_copied_and_it_is_said(
    account_of: AccountOf,
    acme: Sandbox,
    in_memory: DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    key: EnvVar | None,
    told: str,
) -> None:
    monkeypatch.setenv("ACME_KEY", "")
    result = teams_of(account_of(acme, "acme", api_key=key), in_memory)
    assert not result.success
    (failure,) = [each for each in result.all_events if each.is_step_failure]
    data = failure.step_failure_data.user_failure_data
    assert data is not None
    assert told in str(data.description)
    assert acme.journal.calls() == []


def test_both_lists_of_our_own_jobs_say_the_same() -> None:
    """The command ``status`` reads Dagster's files without Dagster, and has a list of its own."""
    assert OURS.asking_jobs == ASKING_JOBS
