"""``streak-dagster doctor``: a line a question, whatever is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from streak_dagster.doctor.account import MAX_CALLS
from streak_dagster.sandbox import Sandbox
from streak_dagster.sync.refresh_lock import refreshing
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.ports import free_port
from streak_dagster_tests.support.runs import command
from streak_dagster_tests.support.sandboxes import budget_of
from streak_dagster_tests.support.small_disk import read_only

WRONG = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


def examined(values: dict[str, str], folder: Path, status: int) -> dict[str, dict[str, Any]]:
    """What ``--json`` says, by question."""
    done = command(["streak-dagster", "doctor", "--json"], values, folder)
    assert (done.returncode, done.stderr) == (status, "")
    document = json.loads(done.stdout)
    assert document["status"] == status
    assert document["calls"] <= MAX_CALLS
    assert document["seconds"] <= 30
    return {each["question"]: each for each in document["findings"]}


@contextmanager
def opened(database: Path, *, read_only: bool) -> Iterator[int]:
    """Another process that has the database open, by its number."""
    code = f"""
import duckdb
opened = duckdb.connect({str(database)!r}, read_only={read_only})
print("open", flush=True)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "crm.duckdb"
    duckdb.connect(str(path)).close()
    return path


def test_all_is_well(account: Sandbox, tmp_path: Path) -> None:
    account.journal.clear()
    values = environment(account, tmp_path / "crm.duckdb", COLUMNS="60")
    done = command(["streak-dagster", "doctor"], values, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 60
    marks = [line.split()[0] for line in lines if not line.startswith(" ") and line[:4].strip() == "ok"]
    assert len(marks) >= 12
    for told in (
        "Maren Okafor",
        "Tern & Tiller",
        "4 with 36 boxes",
        "A complete refresh takes some 206 calls",
    ):
        assert told in " ".join(done.stdout.split())
    calls = len(account.journal.calls())
    assert f"This took {calls} calls" in done.stdout
    assert calls <= MAX_CALLS
    assert not list(tmp_path.iterdir())


def test_quiet_shows_only_what_is_wrong(account: Sandbox, tmp_path: Path) -> None:
    done = command(["streak-dagster", "-q", "doctor"], environment(account, tmp_path / "x.duckdb"), tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_wrong_key_stops_only_what_needs_it(account: Sandbox, tmp_path: Path) -> None:
    account.journal.clear()
    values = environment(account, tmp_path / "crm.duckdb", STREAK_API_KEY=WRONG)
    done = command(["streak-dagster", "doctor"], values, tmp_path)
    assert done.returncode == 1
    assert WRONG not in done.stdout
    assert "First see to: key. Set up another: streak-dagster init" in done.stdout
    assert len(account.journal.calls()) == 1
    found = examined(values, tmp_path, 1)
    assert found["key"]["mark"] == "fail"
    assert found["database"]["mark"] == found["locks"]["mark"] == found["versions"]["mark"] == "ok"
    assert "pipelines" not in found


def test_without_a_network_the_machine_is_looked_at(tmp_path: Path) -> None:
    values = {"STREAK_API_KEY": WRONG, "STREAK_API_URL": f"http://127.0.0.1:{free_port()}/api"}
    found = examined(values, tmp_path, 1)
    assert "The connection to Streak failed" in found["Streak"]["text"]
    assert found["locks"]["mark"] == "ok"


def test_without_a_key_the_sample_is_looked_at(tmp_path: Path) -> None:
    found = examined({}, tmp_path, 0)
    assert found["key"]["facts"] == {"is_sample": True}
    assert "streak-dagster init" in found["key"]["advice"]
    assert found["pipelines"]["facts"]["boxes"] == 36
    assert found["database"]["text"].startswith(str(tmp_path / "data" / "sandbox.duckdb"))
    assert not list(tmp_path.iterdir())


def test_a_key_that_only_is_missing_is_a_wrong_setting(tmp_path: Path) -> None:
    found = examined({"STREAK_PIPELINES": "Sales"}, tmp_path, 2)
    assert "STREAK_API_KEY is missing" in found["key"]["text"]
    assert found["versions"]["mark"] == "ok"


def test_so_is_one_that_cannot_be_read(tmp_path: Path) -> None:
    done = command(["streak-dagster", "doctor"], {"STREAK_PAGE_SIZE": "many"}, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "STREAK_PAGE_SIZE must be" in done.stderr


def test_a_pipeline_that_isnt_there_is_named(account: Sandbox, tmp_path: Path) -> None:
    values = environment(account, tmp_path / "crm.duckdb", STREAK_PIPELINES="sales,Slaes")
    found = examined(values, tmp_path, 1)
    assert "names 'Slaes', which this key doesn't see" in found["pipelines"]["text"]
    assert found["pipelines"]["facts"]["boxes"] == 14


def test_a_folder_that_cannot_be_written_is_named(account: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with read_only(folder):
        found = examined(environment(account, folder / "crm.duckdb"), tmp_path, 1)
        beneath = examined(environment(account, folder / "deep" / "crm.duckdb"), tmp_path, 1)
    assert f"The folder {folder} of the database can't be written" in found["database"]["text"]
    assert found["key"]["mark"] == "ok"
    assert beneath["database"]["mark"] == "fail"


def test_what_is_no_database_is_left_alone(account: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "crm.duckdb").write_text("my diary" * 99, encoding="utf-8")
    found = examined(environment(account, tmp_path / "crm.duckdb"), tmp_path, 1)
    assert "isn't a DuckDB database" in found["database"]["text"]
    assert (tmp_path / "crm.duckdb").read_text("utf-8") == "my diary" * 99


def test_who_has_the_database_open_is_named(account: Sandbox, database: Path, tmp_path: Path) -> None:
    with opened(database, read_only=True) as pid:
        reader = examined(environment(account, database), tmp_path, 0)
    assert reader["held by"]["text"].startswith(f"Process {pid} (")
    assert reader["held by"]["mark"] == "warn"
    assert "crm_serve.duckdb" in reader["held by"]["advice"]
    assert reader["copy"]["text"] == "Nothing was copied into it yet."
    with opened(database, read_only=False) as pid:
        writer = examined(environment(account, database), tmp_path, 0)
    assert writer["held by"]["facts"]["pid"] == pid
    assert writer["held by"]["facts"]["writes"]
    assert "copy" not in writer


def test_a_refresh_that_runs_is_seen(account: Sandbox, tmp_path: Path) -> None:
    values = environment(account, tmp_path / "crm.duckdb")
    with refreshing(budget_of(account)):
        assert examined(values, tmp_path, 0)["budget"]["facts"]["is_refreshing"]
    assert not examined(values, tmp_path, 0)["budget"]["facts"]["is_refreshing"]
