"""Each step in a process of its own, as by Dagster's multiprocess executor: as true, and as cheap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, execute_job, reconstructable

from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster_tests.support.answers import asked
from streak_dagster_tests.support.asked import asks
from streak_dagster_tests.support.contents import contents
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.jobs import in_processes
from streak_dagster_tests.support.loading import Load, environment, log_level
from streak_dagster_tests.support.processes import REPOSITORY
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import differences, sent

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

TABLES = {"pipelines", "pipeline_boxes", "box_comments", "snippets"}
Execute = Callable[..., None]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with sandbox_of(generated_workspace(40, seed=8)) as running:
        yield running


@pytest.fixture
def execute(instance: DagsterInstance, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Execute:
    """Run the few tables into a database."""
    with monkeypatch.context() as there:
        there.chdir(REPOSITORY)  # from where each process finds the job by its name
        job = reconstructable(in_processes)

    def run(database: Path, **more: str) -> None:
        for name, value in environment(sandbox, database, **more).items():
            monkeypatch.setenv(name, value)
        with execute_job(job, instance, run_config=log_level("WARNING")) as result:
            assert result.success, [each.message for each in result.all_events][-8:]

    return run


def test_each_process_asks_for_its_own_table_alone_and_nothing_is_asked_twice(
    execute: Execute, sandbox: Sandbox, tmp_path: Path
) -> None:
    execute(tmp_path / "copy.duckdb")
    assert {each.table for each in asks(sandbox.journal.arrivals)} == TABLES
    assert set(asked(sandbox).values()) == {1}
    wanted = sent(sandbox.workspace, sandbox.variants)
    found = contents(tmp_path / "copy.duckdb")
    assert {table: found[table].rows for table in TABLES} == {table: len(wanted[table]) for table in TABLES}


def test_who_is_told_of_plain_data_is_told_of_what_the_whole_run_leaves_plain(
    execute: Execute,
    load: Load,
    sandbox: Sandbox,
    copies: Copies,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What another process of the run is about to hash isn't named."""
    hashed: dict[str, Any] = {"STREAK_HASH_PERSONAL_DATA": "1", "STREAK_HASH_KEY": "the key of these hashes"}
    database = copies.put("40 boxes of seed 8", tmp_path / "copy.duckdb", sandbox, load)
    assert differences(database, sandbox.workspace, sandbox.variants) == []
    execute(database, **hashed)
    told = [
        line for line in capfd.readouterr().err.splitlines() if "Personal data is hashed from now" in line
    ]
    assert told
    for line in told:
        named = set(line.partition("but ")[2].partition(" hold it")[0].split(", "))
        assert "box_tasks" in named
        assert not named & TABLES
