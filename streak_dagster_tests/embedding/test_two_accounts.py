"""Two accounts in one code location: each with its own data, budget and refreshes, side by side."""

from __future__ import annotations

import importlib
import pickle
import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from types import ModuleType

import pytest
from dagster import (
    DagsterInstance,
    DagsterRunStatus,
    Definitions,
    build_schedule_context,
    execute_job,
    reconstructable,
)

from streak_dagster import build_streak_definitions
from streak_dagster.automation.running import running_refresh
from streak_dagster.namespace import Namespace
from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster_tests.automation.test_schedule import run_of
from streak_dagster_tests.embedding.conftest import AccountOf
from streak_dagster_tests.support.answers import asked
from streak_dagster_tests.support.contents import contents
from streak_dagster_tests.support.loading import FAST, failures, log_level
from streak_dagster_tests.support.processes import REPOSITORY
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import differences, sent

ACME, GLOBEX = Namespace("acme", ("acme", "streak")), Namespace("globex", ("globex", "streak"))

MOMENT = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def project(acme: Sandbox, globex: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The project of ``two_accounts``, for these sandboxes."""
    monkeypatch.setenv("RATE", FAST)
    for name, sandbox in (("ACME", acme), ("GLOBEX", globex)):
        monkeypatch.setenv(f"{name}_KEY", sandbox.key)
        monkeypatch.setenv(f"{name}_URL", sandbox.url)
        monkeypatch.setenv(f"{name}_DATABASE", str(tmp_path / f"{name.lower()}.duckdb"))
    module = importlib.import_module("streak_dagster_tests.embedding.two_accounts")
    return importlib.reload(module)


@pytest.mark.slow
def test_one_run_copies_each_into_its_own_database(
    project: ModuleType, acme: Sandbox, globex: Sandbox, tmp_path: Path, in_memory: DagsterInstance
) -> None:
    job = project.both().resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        instance=in_memory, run_config=log_level("CRITICAL"), raise_on_error=False
    )
    assert failures(result) == {}
    for name, sandbox in (("acme", acme), ("globex", globex)):
        assert differences(tmp_path / f"{name}.duckdb", sandbox.workspace, sandbox.variants) == []
        assert set(asked(sandbox).values()) == {1}
    checked = {each.asset_key.path[0] for each in result.get_asset_check_evaluations()}
    assert checked == {"acme", "globex"}


@pytest.mark.slow
def test_so_does_one_in_which_each_step_is_a_process(
    project: ModuleType,
    acme: Sandbox,
    globex: Sandbox,
    tmp_path: Path,
    instance: DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as there:
        there.chdir(REPOSITORY)  # from where each process finds the job by its name
        job = reconstructable(project.in_processes)
    with execute_job(job, instance, run_config=log_level("CRITICAL")) as result:
        assert result.success
    both = (box for each in (acme, globex) for box in sent(each.workspace, each.variants)["pipeline_boxes"])
    written = Path(instance.storage_directory()) / "boxes_of_both"  # by the io manager of the project
    assert pickle.loads(written.read_bytes()) == sorted(
        box["boxKey"] if "boxKey" in box else box["key"] for box in both
    )
    for name, sandbox in (("acme", acme), ("globex", globex)):
        wanted = sent(sandbox.workspace, sandbox.variants)
        found = contents(tmp_path / f"{name}.duckdb")
        rows = {table: found[table].rows for table in project.TABLES}
        assert rows == {table: len(wanted[table]) for table in project.TABLES}
        assert set(asked(sandbox).values()) == {1}


@pytest.fixture
def slow_pair() -> Iterator[tuple[Sandbox, Sandbox]]:
    """Two servers that take ten calls a second each and refuse more."""
    with (
        sandbox_of(generated_workspace(3, seed=1), rate=10.0) as one,
        sandbox_of(generated_workspace(4, seed=2), rate=10.0, key="of-globex") as other,
    ):
        yield one, other


@pytest.mark.alone
@pytest.mark.slow
def test_two_runs_at_once_keep_the_budget_of_each_and_neither_waits(
    slow_pair: tuple[Sandbox, Sandbox], account_of: AccountOf, tmp_path: Path
) -> None:
    """By the servers' clocks: none refused a call, and each was asked while the other was."""
    ended = []

    def run(sandbox: Sandbox, name: str) -> None:
        account = account_of(sandbox, name, calls_per_second=10.0)
        made = build_streak_definitions(account, key_prefix=[name, "streak"], checks=False, views=False)
        job = made.resolve_implicit_global_asset_job_def()
        with DagsterInstance.ephemeral() as instance:
            result = job.execute_in_process(instance=instance, run_config=log_level("CRITICAL"))
        ended.append(result.success)

    threads = [
        threading.Thread(target=run, args=each) for each in zip(slow_pair, ("acme", "globex"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [True, True]
    spans = []
    for sandbox, name in zip(slow_pair, ("acme", "globex"), strict=True):
        assert differences(tmp_path / f"{name}.duckdb", sandbox.workspace, sandbox.variants) == []
        arrivals = sandbox.journal.arrivals
        assert [each for each in arrivals if each.status == 429] == []
        spans.append((arrivals[0].at, arrivals[-1].at))
    (first, last), (other_first, other_last) = spans
    assert max(first, other_first) < min(last, other_last)


def test_a_refresh_of_one_is_in_nobodys_way_but_its_own() -> None:
    with DagsterInstance.ephemeral() as instance:
        instance.add_run(run_of("acme_complete", DagsterRunStatus.QUEUED))
        instance.add_run(run_of("somebody_elses", DagsterRunStatus.QUEUED))
        assert "waits in Dagster's queue" in str(running_refresh(instance, "a budget", ACME))
        assert running_refresh(instance, "a budget", GLOBEX) is None


def test_a_schedule_waits_for_a_run_of_its_own_account_alone(
    account_of: AccountOf, acme: Sandbox, instance: DagsterInstance
) -> None:
    schedule = build_streak_definitions(account_of(acme, "acme")).resolve_schedule_def(
        "acme_complete_schedule"
    )
    for name, skips in (("globex_complete", False), ("acme_changed", True)):
        instance.add_run(run_of(name, DagsterRunStatus.QUEUED))
        context = build_schedule_context(instance, scheduled_execution_time=MOMENT)
        assert bool(schedule.evaluate_tick(context).skip_message) is skips


def test_another_accounts_key_for_a_database_is_refused(
    account_of: AccountOf, acme: Sandbox, globex: Sandbox, in_memory: DagsterInstance, tmp_path: Path
) -> None:
    one = str(tmp_path / "one.duckdb")
    for sandbox, name, told in ((acme, "acme", None), (globex, "globex", "the data of another account")):
        account = account_of(sandbox, name, database=one)
        made: Definitions = build_streak_definitions(account, tables=["teams"], views=False)
        result = made.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=in_memory, run_config=log_level("CRITICAL"), raise_on_error=False
        )
        if told is None:
            assert result.success
        else:
            assert not result.success
            refused = failures(result)["teams"]
            assert "another Streak account" in refused
            assert "allow_account_change=" in refused
            assert "STREAK_" not in refused
    assert contents(Path(one))["teams"].rows == len(acme.workspace.teams())
