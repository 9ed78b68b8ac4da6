"""A Dagster home doesn't grow without end, and what Dagster shows as the latest stays."""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from dagster import AssetCheckKey, AssetKey, DagsterInstance, DagsterRun, DagsterRunStatus
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickData, TickStatus

from streak_dagster.automation.old_runs import OWN_JOB, remove_old_runs
from streak_dagster.automation.removal import A_DAY, Removed
from streak_dagster.home import prepare_home
from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.automation.test_schedule import run_of
from streak_dagster_tests.support.loading import Load

KEY = AssetKey(["streak", "teams"])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that we made."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "ours"))
    return prepare_home("data/crm.duckdb")


@pytest.fixture
def ours(home: Path) -> Iterator[DagsterInstance]:
    with DagsterInstance.get() as instance:
        yield instance


def in_days(days: float) -> float:
    return time.time() + days * A_DAY


def size(folder: Path) -> int:
    return sum(each.stat().st_blocks * 512 for each in folder.rglob("*") if each.is_file())


def run_ids(instance: DagsterInstance) -> set[str]:
    return {run.run_id for run in instance.get_runs()}


def named_in(home: Path, run_id: str) -> list[str]:
    """What of a run is left anywhere in a home: files by their name, tables by their rows."""
    found = [str(path) for path in home.rglob(f"{run_id}*")]
    for path in (home / "history" / "runs.db", home / "history" / "runs" / "index.db"):
        with closing(sqlite3.connect(path)) as database:
            for (table,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall():
                columns = [each[1] for each in database.execute(f"PRAGMA table_info({table})")]
                if "run_id" in columns:
                    rows = database.execute(f"SELECT count(*) FROM {table} WHERE run_id = ?", [run_id])
                    found += [table] * (rows.fetchone()[0] > 0)
    return found


def test_old_runs_go_with_all_that_is_theirs_and_the_latest_of_each_asset_stays(
    ours: DagsterInstance, home: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Load(monkeypatch, ours, checked=True)
    tables = [["teams", "snippets"], ["teams"], ["teams"], ["teams"]]
    runs = [load(sandbox, tmp_path / "copy.duckdb", select=each).run_id for each in tables]
    snippets, oldest, old, latest = runs
    assert {"asset_check_executions", "event_logs", "runs"} <= set(named_in(home, old))
    before = size(home)
    assert not remove_old_runs(ours, 30, now=in_days(29))
    assert not remove_old_runs(ours, None, now=in_days(4000))
    removed = remove_old_runs(ours, 30, now=in_days(31))
    assert (removed.runs, removed.ticks, removed.other, removed.left) == (2, 0, 0, 0)
    assert run_ids(ours) == {snippets, latest}
    assert [named_in(home, each) for each in (oldest, old)] == [[], []]
    assert min(removed.freed, before - size(home)) > 200_000
    for table, run_id in (("teams", latest), ("snippets", snippets)):
        key = AssetKey(["streak", table])
        event = ours.get_latest_materialization_event(key)
        assert event is not None
        assert event.run_id == run_id
        record = ours.get_asset_records([key])[0].asset_entry.last_materialization_record
        assert record is not None
        assert record.run_id == run_id
        check = AssetCheckKey(key, "primary_key")
        found = ours.event_log_storage.get_latest_asset_check_execution_by_key([check])[check]
        assert found.run_id == run_id
        assert found.event is not None
    assert ours.all_logs(latest)
    assert not remove_old_runs(ours, 30, now=in_days(31))


def test_another_home_is_left_as_it_is(
    instance: DagsterInstance, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Load(monkeypatch, instance)
    for _ in range(2):
        load(sandbox, tmp_path / "copy.duckdb", select=["teams"])
    assert remove_old_runs(instance, 1, now=in_days(4000)) == Removed()
    assert len(run_ids(instance)) == 2


def test_a_home_that_somebody_made_his_own_is_left_as_it_is(ours: DagsterInstance, home: Path) -> None:
    ours.add_run(run_of("a", DagsterRunStatus.SUCCESS))
    ours.add_run(run_of("a", DagsterRunStatus.SUCCESS))
    (home / "dagster.yaml").write_text("# Mine\n", encoding="utf-8")
    assert remove_old_runs(ours, 1, now=in_days(4000)) == Removed()


def test_the_newest_of_each_outcome_of_a_job_stays(ours: DagsterInstance) -> None:
    statuses = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
    runs = [ours.add_run(run_of(job, each)) for _ in range(3) for job in ("a", "b") for each in statuses]
    assert remove_old_runs(ours, 30, now=in_days(31)).runs == 12
    assert run_ids(ours) == {run.run_id for run in runs[-6:]}


def test_what_is_not_over_goes_only_where_it_is_long_dead(ours: DagsterInstance, home: Path) -> None:
    def two(status: DagsterRunStatus) -> list[DagsterRun]:
        return [ours.add_run(run_of("a", status)) for _ in range(2)]

    queued, dead = two(DagsterRunStatus.QUEUED), two(DagsterRunStatus.STARTED)
    logging = two(DagsterRunStatus.CANCELING)
    for run in logging:
        shard = home / "history" / "runs" / f"{run.run_id}.db"
        shard.touch()
        os.utime(shard, (in_days(30), in_days(30)))
    assert remove_old_runs(ours, 1, now=in_days(6)) == Removed()
    assert remove_old_runs(ours, 1, now=in_days(31)).runs == 1
    assert run_ids(ours) == {run.run_id for run in (*queued, dead[1], *logging)}


def test_what_there_is_no_time_for_is_left_for_the_next_time(ours: DagsterInstance) -> None:
    for _ in range(4):
        ours.add_run(run_of("a", DagsterRunStatus.SUCCESS))
    removed = remove_old_runs(ours, 30, now=in_days(31), seconds=-1)
    assert (removed.runs, removed.left) == (0, 3)
    assert str(removed) == "nothing (0.0 MB); 3 runs are left for the next time"
    assert remove_old_runs(ours, 30, now=in_days(31)).runs == 3


def test_housekeepings_own_runs_dont_pile_up_where_all_are_kept(ours: DagsterInstance) -> None:
    for job in (OWN_JOB, "a"):
        for _ in range(3):
            ours.add_run(run_of(job, DagsterRunStatus.SUCCESS))
    assert remove_old_runs(ours, None, now=in_days(8)).runs == 2
    assert sorted(run.job_name for run in ours.get_runs()) == ["a", "a", "a", OWN_JOB]


def test_old_ticks_go_and_the_newest_of_each_outcome_stays(ours: DagsterInstance) -> None:
    for name in ("one", "two"):
        for status in (TickStatus.SKIPPED, TickStatus.SUCCESS):
            for ago in (40, 20, 10):
                ours.create_tick(
                    TickData(
                        name, name, InstigatorType.SENSOR, status, in_days(-ago), run_ids=[], selector_id=name
                    )
                )
    assert remove_old_runs(ours, 30).ticks == 4
    assert remove_old_runs(ours, 5).ticks == 4
    assert [len(ours.get_ticks(name, name)) for name in ("one", "two")] == [2, 2]


def test_what_is_left_of_runs_that_dagster_forgot_goes(ours: DagsterInstance, home: Path) -> None:
    gone, known = str(uuid.uuid4()), ours.add_run(run_of("a", DagsterRunStatus.SUCCESS)).run_id
    for run_id in (gone, known, "something-else"):
        (home / "storage" / run_id / "compute_logs").mkdir(parents=True)
        (home / "storage" / run_id / "compute_logs" / "a.err").write_bytes(b"x" * 9000)
        (home / "history" / "runs" / f"{run_id}.db").touch()
    assert not remove_old_runs(ours, 30, now=in_days(29))
    removed = remove_old_runs(ours, 30, now=in_days(31))
    assert (removed.runs, removed.other) == (0, 2)
    assert removed.freed >= 9000
    assert not list(home.rglob(f"{gone}*"))
    assert len(list(home.rglob(f"{known}*"))) == len(list(home.rglob("something-else*"))) == 2


def test_what_is_left_of_a_run_that_was_deleted_in_the_ui_goes(
    ours: DagsterInstance, home: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Load(monkeypatch, ours, checked=True)
    run_id = load(sandbox, tmp_path / "copy.duckdb", select=["teams"]).run_id
    ours.delete_run(run_id)
    assert "asset_check_executions" in named_in(home, run_id)
    remove_old_runs(ours, 30, now=in_days(29))
    assert "asset_check_executions" in named_in(home, run_id)
    remove_old_runs(ours, 30, now=in_days(31))
    assert named_in(home, run_id) == []


def test_the_room_of_much_that_was_removed_is_given_back_beside_a_reader(
    ours: DagsterInstance, home: Path
) -> None:
    index = home / "history" / "runs" / "index.db"
    with closing(sqlite3.connect(index)) as reader:
        reader.execute("CREATE TABLE much AS SELECT randomblob(1000000) AS data")
        reader.execute("INSERT INTO much SELECT randomblob(1000000) FROM much, (VALUES (1), (2), (3))")
        reader.execute("DELETE FROM much")
        reader.commit()
        reader.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        before = index.stat().st_size
        removed = remove_old_runs(ours, 30)
        assert removed.freed > 3_000_000
        assert index.stat().st_size == before - removed.freed
        assert reader.execute("SELECT count(*) FROM much").fetchone() == (0,)
    assert remove_old_runs(ours, 30) == Removed()


@pytest.mark.parametrize("path", ["history/runs.db", "history/runs/index.db", "schedules/schedules.db"])
def test_a_home_with_other_databases_is_left_as_it_is(ours: DagsterInstance, home: Path, path: str) -> None:
    for _ in range(2):
        ours.add_run(run_of("a", DagsterRunStatus.SUCCESS))
    (home / path).rename(home / "elsewhere")
    assert remove_old_runs(ours, 1, now=in_days(4000)) == Removed()
