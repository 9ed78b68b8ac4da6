"""``streak-dagster run`` as a person and as a program meet it."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster.signals import GOES_ON
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.pseudo_terminal import Terminal, terminal
from streak_dagster_tests.support.runs import command, running
from streak_dagster_tests.support.sandboxes import sandbox_of

pytestmark = pytest.mark.slow

FEW = ["streak-dagster", "run", "--select", "pipelines,pipeline_fields,pipeline_boxes,box_tasks"]
TEAMS = ["streak-dagster", "run", "--select", "teams"]
BAR = "━"
AT_MOST = 12
"""Lines that an error may take."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with sandbox_of(generated_workspace(40, seed=3)) as running:
        yield running


@pytest.fixture
def values(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    return environment(sandbox, tmp_path / "crm.duckdb")


def test_in_a_pipe_each_table_is_a_line_without_a_prefix(values: dict[str, str], tmp_path: Path) -> None:
    done = command(FEW, values, tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    lines = done.stdout.splitlines()
    header = next(number for number, line in enumerate(lines) if line.startswith("table"))
    assert lines[header].split() == ["table", "rows", "new", "changed", "gone", "calls", "time"]
    tables = dict(line.split(maxsplit=1) for line in lines[header + 1 : header + 5])
    assert tables.keys() == {"pipelines", "pipeline_fields", "pipeline_boxes", "box_tasks"}
    assert tables["pipeline_boxes"].split()[:4] == ["40", "40", "0", "0"]
    assert lines[-1].endswith(" checks passed, 0 warn, 0 fail")
    assert max(len(line) for line in lines if "/" not in line) <= 80
    assert "__ASSET_JOB" not in done.stdout


@pytest.mark.parametrize("width", [60, 120])
def test_on_a_terminal_a_block_shows_how_it_goes_and_the_summary_fits(
    width: int, values: dict[str, str], tmp_path: Path
) -> None:
    with terminal(FEW, values, tmp_path, columns=width) as shown:
        assert shown.ends() == 0, shown.shown
    assert " of 4 tables, " in shown.shown
    assert " calls/s" in shown.shown
    assert BAR in shown.shown
    left = lines_left(shown)
    assert BAR not in "".join(left)
    table = [line for line in left if line.startswith(("table", "pipeline", "box_"))]
    assert len(table) == 5
    assert max(map(len, table)) <= width
    assert ("time" in table[0]) == (width >= 80)


def lines_left(shown: Terminal) -> list[str]:
    """The lines that are there when a block that was drawn again and again is gone."""
    last = re.split(rb"\x1b\[\d*A", shown.raw)[-1].decode()
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", last).replace("\r", "").splitlines()


def test_ctrl_c_ends_the_block_and_says_what_becomes_of_it(values: dict[str, str], tmp_path: Path) -> None:
    with terminal(FEW, values, tmp_path) as shown:
        shown.awaits("calls/s")
        shown.presses(b"\x03")
        assert shown.ends() == 128 + signal.SIGINT
    assert f"Stopped by Ctrl-C. {GOES_ON}" in shown.shown
    assert "Traceback" not in shown.shown
    assert shown.raw.rindex(b"\x1b[?25h") > shown.raw.rindex(b"\x1b[?25l"), "the cursor is shown again"


def test_for_a_machine_it_is_one_document(values: dict[str, str], tmp_path: Path) -> None:
    done = command([*FEW, "--json"], values, tmp_path)
    told = json.loads(done.stdout)
    assert told["status"] == "success"
    assert told["tables"]["pipeline_boxes"]["rows"] == 40
    assert told["failures"] == []
    assert told["checks"]["passed"] > 0
    quiet = command(["streak-dagster", "--quiet", *TEAMS[1:]], values, tmp_path)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_what_means_nothing_is_refused_before_anything_is_made(
    values: dict[str, str], tmp_path: Path
) -> None:
    done = command(["streak-dagster", "run", "--select", "box_taks"], values, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "streak-dagster: --select names 'box_taks', which is neither a table nor an answer. "
        "Did you mean streak/box_tasks?\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_key_is_told_once_with_what_to_do(values: dict[str, str], tmp_path: Path) -> None:
    done = command(["streak-dagster", "run"], {**values, "STREAK_API_KEY": "no-such-key"}, tmp_path)
    told = done.stdout + done.stderr
    assert done.returncode == 1
    assert told.count("doesn't accept the API key") == 1
    assert "create a new one in Streak under Integrations" in told
    assert len(told.splitlines()) <= AT_MOST, told
    assert "no-such-key" not in told
    assert " sql " not in told, "there is nothing to look at"


def test_a_folder_that_cant_be_written_is_named(values: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = command(TEAMS, {**values, "STREAK_DUCKDB_PATH": str(tmp_path / "file" / "crm.duckdb")}, tmp_path)
    told = done.stdout + done.stderr
    assert done.returncode == 1
    assert f"The folder {tmp_path / 'file'} of the database can't be written" in told
    assert len(told.splitlines()) <= AT_MOST, told


def test_who_holds_the_file_is_named(values: dict[str, str], tmp_path: Path) -> None:
    with held(tmp_path / "crm.duckdb"):
        done = command(TEAMS, {**values, "STREAK_LOCK_WAIT": "1"}, tmp_path)
    told = done.stdout + done.stderr
    assert done.returncode == 1
    assert " is held by process " in told
    assert len(told.splitlines()) <= AT_MOST, told


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Another process has the file open."""
    hold = f"import duckdb; c = duckdb.connect({str(database)!r}); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.communicate("\n")


def test_a_second_one_leaves_or_waits(sandbox: Sandbox, values: dict[str, str], tmp_path: Path) -> None:
    slowly = {**values, "STREAK_CALLS_PER_SECOND": "2"}
    sandbox.journal.clear()
    with running(slowly, tmp_path, FEW) as first:
        first.awaits(sandbox.journal.calls)
        left = command(TEAMS, values, tmp_path)
        assert left.returncode == 75
        assert "Another refresh of this account is running" in left.stderr
        assert "streak-dagster run --wait" in left.stderr
        with running(values, tmp_path, [*TEAMS, "--wait"]) as second:
            second.awaits(lambda: "waiting for it" in second.said)
            assert first.process.poll() is None
            assert second.ends() == 0, second.output
        assert first.ends() == 0, first.output


def test_the_run_of_a_killed_process_fails_at_the_next_one(
    sandbox: Sandbox, values: dict[str, str], tmp_path: Path
) -> None:
    sandbox.journal.clear()
    with running({**values, "STREAK_CALLS_PER_SECOND": "1"}, tmp_path, FEW) as first:
        first.kill_once(sandbox.journal.calls)
    assert statuses(tmp_path) == ["STARTED"]
    assert command(TEAMS, values, tmp_path).returncode == 0
    assert statuses(tmp_path) == ["FAILURE", "SUCCESS"]


def test_the_sample_and_an_account_have_histories_of_their_own(
    values: dict[str, str], tmp_path: Path
) -> None:
    assert command(TEAMS, {}, tmp_path).returncode == 0
    assert command(TEAMS, values, tmp_path).returncode == 0
    assert len(statuses(tmp_path)) == 1
    (other,) = (tmp_path / ".dagster").glob("crm-*")
    assert (other / "streak_database").read_text(encoding="utf-8").strip() == str(tmp_path / "crm.duckdb")


def statuses(folder: Path) -> list[str]:
    """How the runs ended, in their order, as Dagster's instance below ``folder`` has them."""
    with sqlite3.connect(folder / ".dagster" / "history" / "runs.db") as storage:
        return [status for (status,) in storage.execute("SELECT status FROM runs ORDER BY id")]
