"""A user's mistake gets one clear sentence at the earliest moment, and changes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.support.loading import Load, calls, failures
from streak_dagster_tests.support.runs import command
from streak_dagster_tests.support.truth import stored
from streak_dagster_tests.support.waiting import MAX_WAIT


def test_a_wrong_key_costs_two_calls_at_most_and_leaves_nothing(
    load: Load, sandbox: Sandbox, tmp_path: Path
) -> None:
    result = load(sandbox, tmp_path / "copy.duckdb", STREAK_API_KEY="no-such-key")
    assert len(sandbox.journal.calls()) <= 2
    for told in failures(result).values():
        assert "doesn't accept the API key" in told
        assert "STREAK_API_KEY" in told
        assert "no-such-key" not in told
    assert [path.name for path in tmp_path.iterdir()] == []


def test_a_key_revoked_in_the_middle_keeps_what_was_there(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    before = stored(database, "box_tasks")
    sandbox.revoke()
    told = failures(load(sandbox, database))
    assert "doesn't accept the API key" in told["teams"]
    assert stored(database, "box_tasks") == before


def test_a_child_before_its_boxes_is_told_what_to_materialize(
    load: Load, sandbox: Sandbox, tmp_path: Path
) -> None:
    told = failures(load(sandbox, tmp_path / "copy.duckdb", select=["box_comments"]))
    assert "streak/pipeline_boxes is needed first" in told["box_comments"]
    assert (
        "dagster asset materialize -m streak_dagster --select 'streak/pipeline_boxes'" in told["box_comments"]
    )
    assert sandbox.journal.calls() == []


def test_one_child_alone_is_read_from_the_boxes_in_the_database(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    alone = load(sandbox, database, select=["box_comments"])
    boxes = len(stored(database, "pipeline_boxes"))
    assert calls(alone) == {"box_comments": boxes}
    assert len(sandbox.journal.calls()) == boxes


def test_a_folder_that_cannot_be_made_is_named_before_a_call(
    load: Load, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    told = failures(load(sandbox, tmp_path / "file" / "copy.duckdb"))
    assert f"The folder {tmp_path / 'file'} of the database can't be written" in told["teams"]
    assert sandbox.journal.calls() == []


def test_a_file_that_is_no_database_is_left_as_it_is(load: Load, sandbox: Sandbox, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear customer, thank you for your order.", encoding="utf-8")
    told = failures(load(sandbox, letter))
    assert "isn't a DuckDB database" in told["teams"]
    assert letter.read_text(encoding="utf-8").startswith("Dear customer")
    assert sandbox.journal.calls() == []


def test_a_database_held_elsewhere_is_waited_for_and_its_holder_named(
    load: Load, sandbox: Sandbox, tmp_path: Path
) -> None:
    database = tmp_path / "copy.duckdb"
    hold = f"import duckdb; c = duckdb.connect({str(database)!r}); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        told = failures(load(sandbox, database, select=["teams"], STREAK_LOCK_WAIT="1"))
        assert f"is held by process {holder.pid}" in told["teams"]
        assert sandbox.journal.calls() == []
        holder.communicate("\n")
    assert load(sandbox, database, select=["teams"]).success


def test_pipelines_are_chosen_by_name_or_key(load: Load, sandbox: Sandbox, tmp_path: Path) -> None:
    first, second, *_ = sandbox.workspace.pipelines()
    chosen = f"{first['name']}, {second['key']}"
    assert load(sandbox, tmp_path / "copy.duckdb", STREAK_PIPELINES=chosen).success
    assert {row["key"] for row in stored(tmp_path / "copy.duckdb", "pipelines")} == {
        first["key"],
        second["key"],
    }
    told = failures(load(sandbox, tmp_path / "other.duckdb", STREAK_PIPELINES="Nonesuch"))
    assert "STREAK_PIPELINES names 'Nonesuch'" in told["pipelines"]
    assert first["name"] in told["pipelines"]


def test_the_command_line_says_it_in_one_sentence_without_a_trace(tmp_path: Path) -> None:
    found = command(["streak-dagster", "run"], {"STREAK_REFRESH_INTERVAL": "7m"}, tmp_path)
    assert found.returncode == 2
    assert found.stderr.startswith("streak-dagster: STREAK_REFRESH_INTERVAL must be 30m or a whole number")
    assert found.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_importing_ends_and_touches_nothing(tmp_path: Path) -> None:
    probe = (
        "import socket, sys\n"
        "def refuse(*_): raise SystemExit('network at import')\n"
        "socket.socket.connect = refuse\n"
        "import streak_dagster; streak_dagster.defs\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=MAX_WAIT,  # for a hang
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
