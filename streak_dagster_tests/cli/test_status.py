"""``status`` tells what is fresh, late, failed or missing, whoever holds the database, and starts at once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus
from dagster._daemon.types import DaemonHeartbeat

from streak_dagster.accounts import budget_of
from streak_dagster.api.rate_limiter import RateLimiter
from streak_dagster.api.shared_state import file_name, shared_directory
from streak_dagster.automation.due import SCHEDULE, TICK
from streak_dagster.errors import DatabaseUnusableError
from streak_dagster.settings import load_settings
from streak_dagster.status import Status, look
from streak_dagster.sync.refresh_lock import refreshing
from streak_dagster.tables import ALL_TABLES
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.loading import Load, environment
from streak_dagster_tests.support.runs import command
from streak_dagster_tests.support.sandboxes import sandbox_of

NAMES = [table.name for table in ALL_TABLES]
URL = "http://127.0.0.1:9/api"
"""Where nobody answers: Streak isn't asked."""


@pytest.fixture
def values(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of an account that no other test has, and none of its files afterwards."""
    key = f"key-of-{tmp_path.parent.name}-{tmp_path.name}"
    yield {
        "STREAK_API_KEY": key,
        "STREAK_API_URL": URL,
        "STREAK_DUCKDB_PATH": str(tmp_path / "crm.duckdb"),
        "COLUMNS": "60",
    }
    for kind in ("budget", "refreshing"):
        (shared_directory() / file_name(budget_of(URL, key), kind)).unlink(missing_ok=True)


def published(values: Mapping[str, str], ages: Mapping[str, timedelta]) -> Path:
    """A database that remembers publications of such ages."""
    database = Database(values["STREAK_DUCKDB_PATH"])
    with database.transaction() as session:
        meta.prepare(session)
        for name, old in ages.items():
            at = round((datetime.now(timezone.utc) - old).timestamp() * 1000)
            line = {
                "table_name": name,
                "run_id": "one",
                "started_at": at,
                "published_at": at,
                "declaration": "",
                "rows": 1234,
                "inserted": 1,
                "updated": 20,
                "deleted": 0,
                "calls": 3,
                "seconds": 0.5,
                "mode": "complete",
            }
            meta.record(session, "refreshes", line)
    return database.path


def seen(values: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Status:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return look(load_settings(values))


def status(values: Mapping[str, str], tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return command(["streak-dagster", "status", *arguments], values, tmp_path)


def test_a_fresh_copy_is_told_in_60_columns_and_is_good(values: dict[str, str], tmp_path: Path) -> None:
    published(values, dict.fromkeys(NAMES, timedelta(hours=5, minutes=3)))
    done = status(values, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["table", "rows", "age", "state", "last", "change"]
    assert lines[1].split() == ["teams", "1,234", "5", "h", "3", "min", "fresh", "+1", "~20"]
    assert max(map(len, lines)) <= 60
    told = " ".join(lines)
    assert f"{len(NAMES)} fresh of {len(NAMES)} tables. Refreshed every 6 hours; late after 9 h." in told
    assert "The next refresh is due in " in told
    assert "but nothing is here to run it: streak-dagster ui, or streak-dagster service." in told
    assert {path.name for path in tmp_path.iterdir()} == {"crm.duckdb"}, "it only looks"


def test_what_is_late_or_missing_is_not_good(values: dict[str, str], tmp_path: Path) -> None:
    old = dict.fromkeys(NAMES, timedelta(minutes=1))
    published(values, {**old, "teams": timedelta(hours=9, minutes=1), "users": timedelta(days=3, hours=4)})
    done = status({**values, "STREAK_EXCLUDE": "snippets"}, tmp_path, "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    states = {each["table"]: each["state"] for each in told["tables"]}
    assert {name for name, state in states.items() if state == "late"} == {"streak/teams", "streak/users"}
    assert set(states.values()) == {"late", "fresh"}
    assert "streak/snippets" not in states
    assert told["good"] is False
    assert told["tables"][0]["age"] >= 9 * 3600 + 60
    nothing = status({"COLUMNS": "60"}, tmp_path)
    assert nothing.returncode == 1
    assert "Nothing was copied yet: streak-dagster run." in " ".join(nothing.stdout.splitlines())
    assert "The schedule is off (STREAK_SCHEDULE)" in nothing.stdout


def test_a_wrong_setting_is_2_and_a_wrong_file_1(values: dict[str, str], tmp_path: Path) -> None:
    wrong = status({**values, "STREAK_REFRESH_INTERVAL": "7 weeks"}, tmp_path)
    assert wrong.returncode == 2
    assert "STREAK_REFRESH_INTERVAL" in wrong.stderr
    Path(values["STREAK_DUCKDB_PATH"]).write_bytes(b"no database" * 1000)
    assert status(values, tmp_path).returncode == 1


def test_a_newer_format_is_refused(values: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(published(values, {}))) as connection:
        connection.execute("UPDATE streak_meta.format SET version = version + 1")
    with pytest.raises(DatabaseUnusableError, match="a newer streak_dagster wrote"):
        seen(values, monkeypatch)


def test_it_starts_without_dagster(values: dict[str, str], tmp_path: Path) -> None:
    published(values, {"teams": timedelta(0)})
    script = (
        "import sys; from streak_dagster.cli import main; main(['status']); "
        "print(sorted({'dagster', 'pandas', 'requests', 'matplotlib'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=values, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_who_holds_the_database_is_named_and_the_copy_for_readers_read(
    values: dict[str, str], tmp_path: Path
) -> None:
    path = published(values, dict.fromkeys(NAMES, timedelta(minutes=1)))
    values["STREAK_LOCK_WAIT"] = "0.2"
    served = path.with_name("crm_serve.duckdb")
    shutil.copy(path, served)
    with duckdb.connect(str(path)):
        read = status(values, tmp_path)
        served.unlink()
        unread = status(values, tmp_path, "--json")
    told = " ".join(read.stdout.split())
    assert read.returncode == 0, read.stderr
    assert "is held by process " in told
    assert "so this is what crm_serve.duckdb shows." in told
    assert "The copy for readers is " in told
    assert unread.returncode == 1
    assert json.loads(unread.stdout)["tables"] is None
    assert "is held by process " in json.loads(unread.stdout)["note"]


def test_the_budget_and_a_running_refresh_are_seen(
    values: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = seen(values, monkeypatch)
    assert (before.spent.calls, before.running) == (0, False)
    budget = budget_of(URL, values["STREAK_API_KEY"])
    limiter = RateLimiter(budget, 10)
    for _ in range(3):
        limiter.acquire()
    limiter.pause(40)
    limiter.close()
    with refreshing(budget):
        now = seen(values, monkeypatch)
    assert (now.spent.calls, now.running) == (3, True)
    assert 30 < now.spent.paused <= 40
    assert not seen(values, monkeypatch).running


def test_why_a_table_failed_is_told_until_it_is_published(
    values: dict[str, str], instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load = Load(monkeypatch, instance, level="CRITICAL")
    with sandbox_of() as sandbox:
        path = Path(values["STREAK_DUCKDB_PATH"])
        wrong = environment(sandbox, path, STREAK_API_KEY="wrong")
        published(values, {"teams": timedelta(hours=1)})
        assert not load.by(wrong, select=["teams"], job="streak_complete").success
        failed = seen(wrong, monkeypatch)
        told = status({**wrong, "COLUMNS": "80", "DAGSTER_HOME": instance.root_directory}, tmp_path)
    (teams,) = failed.in_state("failed")
    assert teams.name == "teams"
    assert teams.failure is not None
    assert teams.failure.why.startswith("Streak doesn't accept the API key")
    assert failed.last is not None
    assert failed.last.status == "FAILURE"
    assert "teams failed: Streak doesn't accept the API key" in told.stdout
    assert max(map(len, told.stdout.splitlines())) <= 80
    published(values, {"teams": timedelta(0)})
    assert not seen(wrong, monkeypatch).in_state("failed")


def test_what_runs_the_schedule_is_seen_in_dagsters_files(
    values: dict[str, str], instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not seen(values, monkeypatch).daemon
    for seconds, there in ((400, False), (5, True)):
        beat = datetime.now(timezone.utc).timestamp() - seconds
        instance.add_daemon_heartbeat(DaemonHeartbeat(beat, "SCHEDULER", "one", []))
        assert seen(values, monkeypatch).daemon is there
    tick = datetime(2026, 3, 5, 12, tzinfo=timezone.utc)
    tags = {TICK: tick.isoformat(), "dagster/schedule_name": SCHEDULE}
    instance.add_run(DagsterRun("streak_complete", tags=tags, status=DagsterRunStatus.SUCCESS))
    due = seen({**values, "STREAK_REFRESH_INTERVAL": "7h"}, monkeypatch).due
    assert due is not None
    assert due.minute == 0
    assert seen({**values, "STREAK_SCHEDULE": "off"}, monkeypatch).due is None


def test_files_that_are_none_of_dagsters_fail_nothing(
    values: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (home / "history").mkdir(parents=True)
    (home / "history" / "runs.db").write_bytes(b"nothing of the kind")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    status = seen(values, monkeypatch)
    assert (status.last, status.daemon) == (None, False)
