"""The io manager inside Dagster: what an asset gets, what it leaves, and what a failure says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from dagster import (
    AssetIn,
    AssetsDefinition,
    AssetSelection,
    DagsterEventType,
    DagsterInstance,
    ExecuteInProcessResult,
    RetryPolicy,
    asset,
    materialize,
)

from streak_dagster.io_manager import StreakDuckDBIOManager
from streak_dagster.resources import WarehouseResource
from streak_dagster.sync.fetched import Fetched
from streak_dagster.sync.spool import Manifest
from streak_dagster.sync.spool_folders import open_spool
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.processes import process, says
from streak_dagster_tests.support.spools import THINGS, columns_of, execute, publish_rows, query
from streak_dagster_tests.support.waiting import MAX_WAIT

MANIFEST = Manifest("account", "things", "declaration")
WORKER = "streak_dagster_tests.support.workers.publisher"
PERSISTENT_RETRY = RetryPolicy(max_retries=2, delay=0)


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def run(
    database: Database,
    instance: DagsterInstance,
    *assets: AssetsDefinition,
    select: str | None = None,
    lock_wait: float = 60,
) -> ExecuteInProcessResult:
    """Materialize the assets, or the one named, with our io manager."""
    warehouse = WarehouseResource.configure_at_launch(database=database.location, lock_wait=lock_wait)
    manager = StreakDuckDBIOManager(warehouse=warehouse)
    return materialize(
        list(assets),
        selection=None if select is None else AssetSelection.assets(["streak", select]),
        resources={"warehouse": warehouse, "io_manager": manager},
        instance=instance,
        raise_on_error=False,
    )


def failure_of(result: ExecuteInProcessResult) -> str:
    """The description of the Failure that ended the only failed step."""
    (event,) = [each for each in result.all_events if each.event_type is DagsterEventType.STEP_FAILURE]
    data = event.step_failure_data
    assert data.user_failure_data is not None
    return str(data.user_failure_data.description)


def retries(result: ExecuteInProcessResult) -> int:
    return sum(each.event_type is DagsterEventType.STEP_UP_FOR_RETRY for each in result.all_events)


def written(frame: pd.DataFrame) -> AssetsDefinition:
    @asset(key=["streak", "things"])
    def things() -> pd.DataFrame:
        return frame

    return things


def reading(seen: list[pd.DataFrame], columns: list[str] | None) -> AssetsDefinition:
    metadata = None if columns is None else {"columns": columns}

    @asset(
        key=["streak", "reader"],
        ins={"things": AssetIn(key=["streak", "things"], metadata=metadata)},
        retry_policy=PERSISTENT_RETRY,
    )
    def reader(things: pd.DataFrame) -> None:
        seen.append(things)

    return reader


@pytest.mark.parametrize("columns", [["key"], ["count", "key"], ["_synced_at"]])
def test_an_input_has_the_columns_asked_for_in_that_order(
    database: Database, instance: DagsterInstance, columns: list[str]
) -> None:
    publish_rows(database, THINGS, [{"key": "a", "count": 1}, {"key": "b"}])
    seen: list[pd.DataFrame] = []
    things = written(pd.DataFrame())
    assert run(database, instance, things, reading(seen, columns), select="reader").success
    assert list(seen[0].columns) == columns
    assert len(seen[0]) == 2


def test_an_input_without_a_wish_has_all_columns(database: Database, instance: DagsterInstance) -> None:
    publish_rows(database, THINGS, [{"key": "a", "saved": 1_700_000_000_000, "entries": [{"a": 1}]}])
    seen: list[pd.DataFrame] = []
    assert run(database, instance, written(pd.DataFrame()), reading(seen, None), select="reader").success
    (row,) = seen[0].to_dict("records")
    assert next(iter(row)) == "key"
    assert row["entries"] == '[{"a":1}]'
    assert row["saved"] == pd.Timestamp(1_700_000_000_000, unit="ms", tz="UTC")


def test_a_moment_that_pandas_has_no_nanoseconds_for_is_read_as_it_is(
    database: Database, instance: DagsterInstance
) -> None:
    """9999-12-31 is what people type for "never"."""
    moments = ["0001-01-01 00:00:00+00:00", "9999-12-31 23:59:59.999000+00:00"]
    sent = [-62_135_596_800_000, 253_402_300_799_999, None]
    publish_rows(database, THINGS, [{"key": str(n), "saved": each} for n, each in enumerate(sent)])
    seen: list[pd.DataFrame] = []
    things = written(pd.DataFrame())
    assert run(database, instance, things, reading(seen, ["key", "saved"]), select="reader").success
    saved = seen[0].sort_values("key")["saved"]
    assert (str(saved.dtype), [str(each) for each in saved]) == ("datetime64[us, UTC]", [*moments, "NaT"])
    with pytest.raises(pd.errors.OutOfBoundsDatetime):
        saved.dt.as_unit("ns")
    assert run(database, instance, written(seen[0])).success
    stored = query(database, "SELECT saved::VARCHAR FROM streak.things ORDER BY key")
    assert [each for (each,) in stored] == ["0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999+00", None]


def test_an_empty_table_gives_an_empty_frame(database: Database, instance: DagsterInstance) -> None:
    publish_rows(database, THINGS, [])
    seen: list[pd.DataFrame] = []
    assert run(database, instance, written(pd.DataFrame()), reading(seen, ["key"]), select="reader").success
    assert (list(seen[0].columns), len(seen[0])) == (["key"], 0)


FIRST = pd.DataFrame({"key": ["a", "b"], "count": [1, 2]})


@pytest.mark.parametrize(
    ("frame", "columns"),
    [
        (FIRST, ["key", "count"]),
        (FIRST.assign(new=[True, False]), ["key", "count", "new"]),
        (FIRST[["count", "key"]], ["count", "key"]),
        (FIRST[["key"]], ["key"]),
        (FIRST.iloc[:0], ["key", "count"]),
        (FIRST.assign(count=["x", "y"]), ["key", "count"]),
    ],
    ids=["same", "new column", "reordered", "lost column", "empty", "retyped"],
)
def test_a_frame_replaces_the_table_whole(
    database: Database, instance: DagsterInstance, frame: pd.DataFrame, columns: list[str]
) -> None:
    assert run(database, instance, written(FIRST)).success
    assert run(database, instance, written(frame)).success
    assert [name for name, _ in columns_of(database, "things")] == columns
    names = ", ".join(columns)
    stored = query(database, f"SELECT {names} FROM streak.things ORDER BY ALL")
    assert stored == sorted(map(tuple, frame.to_numpy().tolist()))


def refreshed(database: Database, row: dict[str, Any]) -> AssetsDefinition:
    """An asset whose refresh brought one row, in a spool that is taken up again."""

    @asset(key=["streak", "things"], retry_policy=PERSISTENT_RETRY)
    def things() -> Fetched:
        spool = open_spool(database.spool_root, MANIFEST, resume_within=3600)
        if not spool.answers:
            spool.append([{"_synced_at": 1, **row}], parent="", token="0", more=False, digest="")
        return Fetched(THINGS, spool)

    return things


def test_a_published_refresh_is_in_the_table_and_its_spool_gone(
    database: Database, instance: DagsterInstance
) -> None:
    result = run(database, instance, refreshed(database, {"key": "a"}))
    assert result.success
    (materialized,) = result.asset_materializations_for_node("streak__things")
    assert materialized.metadata["dagster/row_count"].value == 1
    assert query(database, "SELECT key FROM streak.things") == [("a",)]
    assert not database.spool_root.exists()


def test_a_refused_refresh_leaves_the_table_and_isnt_published_again(
    database: Database, instance: DagsterInstance
) -> None:
    publish_rows(database, THINGS, [{"key": "old"}])
    result = run(database, instance, refreshed(database, {"label": "no key"}))
    assert "came without key" in failure_of(result)
    assert retries(result) == 0
    assert query(database, "SELECT key FROM streak.things") == [("old",)]
    assert not database.spool_root.exists()


def test_a_refresh_that_a_held_database_stopped_is_published_by_the_next_run(
    database: Database, instance: DagsterInstance
) -> None:
    things = refreshed(database, {"key": "a"})
    with process(WORKER, "hold", database.path) as holder:
        says(holder, "held")
        result = run(database, instance, things, lock_wait=0.1)
    assert f"held by process {holder.pid}" in failure_of(result)
    spool = open_spool(database.spool_root, MANIFEST, resume_within=3600)
    assert len(spool.answers) == 1
    spool.close()
    assert run(database, instance, things).success
    assert query(database, "SELECT key FROM streak.things") == [("a",)]
    assert not database.spool_root.exists()


@pytest.mark.parametrize("there", ["no file", "an empty file", "no schema", "no table"])
def test_a_missing_input_is_named_with_the_command_that_makes_it(
    database: Database, instance: DagsterInstance, there: str
) -> None:
    if there == "an empty file":
        database.path.touch()
    elif there == "no schema":
        execute(database, "CREATE TABLE other (a INTEGER)")
    elif there == "no table":
        execute(database, "CREATE SCHEMA streak")
    result = run(database, instance, written(pd.DataFrame()), reading([], ["key"]), select="reader")
    sentence = failure_of(result)
    assert sentence.startswith(f"streak/things is needed first, and {database.location} doesn't have it yet.")
    assert retries(result) == 0
    assert database.exists() == there.startswith("no ") * (there != "no file")
    command = sentence.partition("--select ")[2].strip("'")
    selected = AssetSelection.from_string(command).resolve([written(pd.DataFrame())])
    assert {key.to_user_string() for key in selected} == {"streak/things"}


def test_a_held_database_is_named_and_left_to_the_retry_of_the_run(
    database: Database, instance: DagsterInstance
) -> None:
    publish_rows(database, THINGS, [{"key": "a"}])
    with process(WORKER, "hold", database.path) as holder:
        says(holder, "held")
        reader = reading([], ["key"])
        result = run(database, instance, written(pd.DataFrame()), reader, select="reader", lock_wait=0.1)
    assert f"held by process {holder.pid}" in failure_of(result)
    assert retries(result) == 0, "the lock was waited for already"
    kept = instance.get_run_by_id(result.run_id)
    assert kept is not None
    assert "dagster/retry_on_asset_or_op_failure" not in kept.tags


WRITE = """
import duckdb, sys
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute("CREATE TABLE meanwhile (a INTEGER)")
"""


def test_the_file_isnt_open_while_an_asset_works(
    database: Database, instance: DagsterInstance, tmp_path: Path
) -> None:
    publish_rows(database, THINGS, [{"key": "a"}])
    done: list[Any] = []

    @asset(key=["streak", "worker"], ins={"things": AssetIn(key=["streak", "things"])})
    def worker(things: pd.DataFrame) -> pd.DataFrame:
        command = [sys.executable, "-c", WRITE, database.location]
        done.append(subprocess.run(command, capture_output=True, text=True, check=False, timeout=MAX_WAIT))
        return things

    assert run(database, instance, written(pd.DataFrame()), worker, select="worker").success
    assert done[0].returncode == 0, done[0].stderr
    tables = query(
        database, "SELECT table_name FROM duckdb_tables() WHERE schema_name <> 'streak_meta' ORDER BY 1"
    )
    assert tables == [("meanwhile",), ("things",), ("worker",)]
