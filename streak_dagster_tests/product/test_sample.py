"""The built-in sample goes to the sandbox's own file, replaces nobody's data, and anybody may replace it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streak_dagster.definitions import build_definitions
from streak_dagster.sandbox import Sandbox, Variants, generated_workspace, sample_workspace
from streak_dagster.settings import SAMPLE_DATABASE, load_settings
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.told import contents, sentences
from streak_dagster_tests.support.truth import differences

pytestmark = pytest.mark.slow


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The server of a real account, and of another one."""
    accounts = {"other-key": generated_workspace(12, seed=77)}
    with sandbox_of(generated_workspace(12, seed=78), accounts=accounts) as running:
        yield running


@pytest.fixture
def sample(load: Load, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample in the sandbox's own file, made without a setting; once, for it takes its time."""
    first, own = tmp_path_factory.getbasetemp() / "sample.duckdb", tmp_path / SAMPLE_DATABASE
    if not first.exists():
        result = load.by({})
        assert result.success, failures(result)
        assert differences(own, sample_workspace(), Variants()) == []
        shutil.copy(own, first)
    own.parent.mkdir(exist_ok=True)
    return Path(shutil.copy(first, own))


def test_a_real_account_replaces_the_sample(load: Load, sandbox: Sandbox, sample: Path) -> None:
    checked = replace(load, checked=True)
    result = checked(sandbox, sample)
    assert result.success, failures(result)
    assert differences(sample, sandbox.workspace, Variants()) == []
    assert not [each for each in sandbox.journal.arrivals if each.status != 200], (
        "asked for the sample's rows"
    )
    warned = {each.check_name for each in result.get_asset_check_evaluations() if not each.passed}
    assert warned == set(), "what went, and columns that emptied, were the sample's"


def test_a_real_account_replaces_it_table_by_table(load: Load, sandbox: Sandbox, sample: Path) -> None:
    """What is left of the sample still is nobody's, once the database is the account's."""
    for select in (["snippets"], ["pipelines", "pipeline_stages"], None):
        result = load(sandbox, sample, select=select)
        assert result.success, failures(result)
    assert differences(sample, sandbox.workspace, Variants()) == []


def test_then_it_is_the_accounts(load: Load, sandbox: Sandbox, sample: Path) -> None:
    assert load(sandbox, sample).success
    before = contents(sample)
    told = sentences(load(sandbox, sample, STREAK_API_KEY="other-key"))
    assert all("another Streak account" in each for each in told.values())
    for name in ("STREAK_API_KEY", "STREAK_API_URL", "STREAK_DUCKDB_PATH"):
        load.monkeypatch.delenv(name)
    told = sentences(load.by({}))
    assert all("which the built-in sample never replaces" in each for each in told.values()), told
    assert contents(sample) == before


def test_an_account_that_is_served_by_a_sandbox_is_no_sample(
    load: Load, tmp_path: Path, sandbox: Sandbox
) -> None:
    database = tmp_path / "copy.duckdb"
    with sandbox_of(sample_workspace()) as serving_the_sample:
        assert load(serving_the_sample, database).success
    before = contents(database)
    told = sentences(load(sandbox, database, STREAK_API_KEY="other-key"))
    assert all("another Streak account" in each for each in told.values())
    assert contents(database) == before


def test_the_sample_goes_nowhere_else_whoever_sets_it_up(load: Load, tmp_path: Path) -> None:
    """Resources can be made by hand, past all that the settings refuse."""
    settings: Any = replace(load_settings({}), database=str(tmp_path / "crm.duckdb"))
    job = build_definitions(settings).resolve_implicit_global_asset_job_def()
    told = sentences(job.execute_in_process(instance=load.instance, raise_on_error=False))
    assert all("is copied into data/sandbox.duckdb only" in each for each in told.values()), told
    assert not (tmp_path / "crm.duckdb").exists()
