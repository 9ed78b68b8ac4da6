"""What follows a run that published something: the copy for readers, once, at its end; then the report."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dagster import AssetKey, DagsterInstance, DagsterRunStatus, ExecuteInProcessResult

from streak_dagster.definitions import build_definitions
from streak_dagster.errors import DatabaseUnusableError
from streak_dagster.forgetting import forget
from streak_dagster.sandbox import Sandbox
from streak_dagster.settings import load_settings
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.readers_file import replace_copy
from streak_dagster_tests.support.contents import contents
from streak_dagster_tests.support.loading import Load, environment, failures, log_level

GUEST = "ingrid@fjordhus.example.org"


def served(database: Path) -> Path:
    return Database(str(database)).served_path


def identity(path: Path) -> tuple[int, int]:
    """What another file of that name hasn't."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns


def told(result: ExecuteInProcessResult, instance: DagsterInstance) -> list[str]:
    """What the run said of the copy and the report, each with its level."""
    return [
        f"{each.level} {each.user_message}"
        for each in instance.all_logs(result.run_id)
        if re.search(r"copy for readers|report", each.user_message)
    ]


@contextmanager
def attached(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def test_the_copy_is_replaced_once_and_only_by_a_run_that_published(
    load: Load, sandbox: Sandbox, in_memory: DagsterInstance, database: Path
) -> None:
    load = replace(load, level="INFO")
    select = ["teams", "snippets", "team_members"]
    result = load(sandbox, database, select=select, STREAK_SERVE="on")
    assert result.success
    (line,) = told(result, in_memory)
    assert line.startswith(f"20 replaced {served(database)}, the copy for readers, in ")
    assert contents(served(database)) == contents(database)
    put = identity(served(database))
    checks = build_definitions(load_settings()).resolve_job_def("streak_checks")
    result = checks.execute_in_process(
        instance=in_memory, op_selection=["teams_checks"], run_config=log_level("INFO")
    )
    assert result.success
    assert told(result, in_memory) == []
    assert identity(served(database)) == put
    sandbox.workspace.add_contact("Quill", "Quint")
    assert load(sandbox, database, select=["contacts"], STREAK_SERVE="on").success
    assert contents(served(database)) == contents(database)


def test_a_copy_is_no_database_to_refresh(load: Load, sandbox: Sandbox, database: Path) -> None:
    replace_copy(Database(str(database)))
    result = load(sandbox, served(database), select=["snippets"])
    assert f"Set STREAK_DUCKDB_PATH to {database}." in failures(result)["snippets"]
    assert sandbox.journal.calls() == []
    with pytest.raises(DatabaseUnusableError, match=r"is the copy of copy\.duckdb for readers"):
        forget(Database(str(served(database))), GUEST)


def test_switched_off_there_is_none(load: Load, sandbox: Sandbox, database: Path) -> None:
    assert load(sandbox, database, select=["teams"], STREAK_SERVE="off").success
    assert not served(database).exists()


def test_what_a_run_published_before_it_failed_is_in_the_copy(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    sandbox.faults.add("/snippets/?$", status=404, times=None)
    sandbox.workspace.add_contact("Quill", "Quint")
    result = load(sandbox, database, select=["contacts", "snippets"], STREAK_SERVE="on")
    assert set(failures(result)) == {"snippets"}
    assert contents(served(database)) == contents(database)


def test_a_copy_that_cannot_be_made_is_a_warning_and_fails_nothing(
    load: Load, sandbox: Sandbox, in_memory: DagsterInstance, database: Path
) -> None:
    load = replace(load, level="WARNING")
    served(database).write_text("mine", encoding="utf-8")
    result = load(sandbox, database, select=["teams"], STREAK_SERVE="on")
    assert result.success
    (line,) = told(result, in_memory)
    assert line.startswith(
        f"30 {served(database)}, the copy for readers, wasn't replaced, so they see an earlier"
    )
    assert f"it isn't a copy of {database.name} that was made for readers, so it was left as it is. " in line
    assert line.count("STREAK_SERVE=off") == 1
    assert served(database).read_text(encoding="utf-8") == "mine"


def test_a_run_that_is_stopped_as_it_copies_leaves_the_former_copy_and_nothing_else(
    load: Load, sandbox: Sandbox, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_copy(Database(str(database)))
    put = identity(served(database))

    def stopped(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("streak_dagster.warehouse.readers_file.copy_bytes", stopped)
    result = load(sandbox, database, select=["teams"], STREAK_SERVE="on")
    assert result.dagster_run.status is DagsterRunStatus.CANCELED
    assert identity(served(database)) == put
    assert not [each for each in database.parent.iterdir() if "copying" in each.name]


def test_a_report_that_cannot_be_written_is_a_warning_and_fails_nothing(
    load: Load, sandbox: Sandbox, in_memory: DagsterInstance, database: Path, tmp_path: Path
) -> None:
    load = replace(load, level="WARNING")
    target = tmp_path / "later" / "report.html"
    values = environment(sandbox, database, STREAK_REPORT_PATH=str(target))
    definitions = build_definitions(load_settings(values))
    for name, value in values.items():
        load.monkeypatch.setenv(name, value)
    target.parent.write_text("in its way by now", encoding="utf-8")
    result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=in_memory, asset_selection=[AssetKey(["streak", "teams"])], run_config=log_level("WARNING")
    )
    assert result.success
    (line,) = told(result, in_memory)
    assert line.startswith(f"30 The report {target} wasn't written, so it shows an earlier refresh: ")


def test_a_report_is_written_from_the_database_as_it_is(
    load: Load, sandbox: Sandbox, database: Path, tmp_path: Path
) -> None:
    pytest.importorskip("streak_dagster.report")
    target = tmp_path / "reports" / "report.html"
    more: dict[str, Any] = {"STREAK_REPORT_PATH": str(target)}
    assert load(sandbox, database, select=["teams"], **more).success
    assert target.stat().st_size


@pytest.mark.parametrize("name", ["copy.duckdb", "streak.duckdb"])
def test_views_and_macros_read_the_copy_as_they_do_the_database(database: Path, name: str) -> None:
    """Under whatever name: no text that is stored says the database's."""
    database = database.rename(database.with_name(name))
    replace_copy(Database(str(database)))
    with attached(served(database)) as copy:
        stored = copy.execute(
            "SELECT schema_name || '.' || view_name, sql FROM duckdb_views() WHERE NOT internal UNION ALL "
            "SELECT schema_name || '.' || function_name, macro_definition FROM duckdb_functions() "
            "WHERE NOT internal AND database_name = current_database()"
        ).fetchall()
        assert len(stored) > 80
        assert [each for each, sql in stored if re.search(r'\b"?copy"?\."?streak', sql)] == []
        for each, _ in stored:
            moment = "(now())" if each.startswith("streak_at.") else ""
            if each.startswith(("streak_at.", "streak_history.", "streak_views.")) and "(" not in each:
                read = f"SELECT count(*) FROM {each}{moment}"
                if not each.startswith("streak_views.as_"):
                    copy.execute(read).fetchall()
        sales = copy.execute("SELECT key, stage, owners FROM streak_views.sales ORDER BY key").fetchall()
    with Database(str(database)).connect(read_only=True) as session:
        assert (
            session.execute("SELECT key, stage, owners FROM streak_views.sales ORDER BY key").fetchall()
            == sales
        )


@pytest.mark.parametrize("serve", [True, False])
def test_whoever_is_forgotten_is_not_in_the_copy_either(database: Path, serve: bool) -> None:
    folder = database.parent / "alone"
    folder.mkdir()
    database = database.rename(folder / database.name)
    replace_copy(Database(str(database)))
    left = served(database).with_name(f"{served(database).name}.copying-1-00000000")
    left.write_bytes(served(database).read_bytes())
    former = identity(served(database))
    would = forget(Database(str(database)), GUEST, dry_run=True, serve=serve)
    assert not [each for each in would.lines() if served(database).name in each]
    assert identity(served(database)) == former
    done = forget(Database(str(database)), GUEST, serve=serve)
    assert not left.exists()
    (line,) = [each for each in done.lines() if served(database).name in each]
    if serve:
        assert "was made anew" in line
        assert contents(served(database)) == contents(database)
    else:
        assert "was removed, as STREAK_SERVE is off" in line
        assert [each.name for each in folder.iterdir()] == [database.name]


def test_a_file_of_somebody_else_is_named_by_forgetting(database: Path) -> None:
    served(database).write_text(GUEST, encoding="utf-8")
    lines = forget(Database(str(database)), GUEST).lines()
    assert [each for each in lines if f"{served(database)} may still name them" in each]
    assert served(database).read_text(encoding="utf-8") == GUEST
