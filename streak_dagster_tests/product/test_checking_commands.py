"""The checks from the command line, on a copy that is good, one that isn't and none at all."""

from __future__ import annotations

import subprocess
from pathlib import Path

import duckdb
import pytest

from streak_dagster.checks.table_checks import checks_of
from streak_dagster.tables import ALL_TABLES, TEAMS
from streak_dagster.warehouse.references import references_of
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.runs import command
from streak_dagster_tests.support.sandboxes import sandbox_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("checking commands")]

BY_DAGSTER = ["dagster", "job", "execute", "-m", "streak_dagster", "-j", "streak_checks"]
BY_DG = ["dg", "launch", "--job", "streak_checks"]
WAITING = ["box_comments", "box_meetings", "box_tasks", "box_threads", "box_files"]
NOTHING_YET = f"Nothing to judge yet: changed_would_be_true of {', '.join(WAITING)}"
"""A first load has no earlier one to compare with."""
ALL = sum(len(list(each.check_specs)) for each in checks_of(ALL_TABLES))
CHECKS = ALL - len(WAITING)
"""Those that judge a first load."""
WAIT_FOR_TEAMS = sum(any(each.target is TEAMS for each in references_of(table)) for table in ALL_TABLES)
"""References are compared only where those rows can be told apart."""
TWICE = "INSERT INTO copy.streak.teams FROM copy.streak.teams"
UNDECLARED = "UPDATE copy.streak.snippets SET _extra = '{\"mood\": 1}'"


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("copied")
    with sandbox_of() as sandbox:
        values = environment(sandbox, folder / "copy.duckdb")
        done = command(["streak-dagster", "run", "--strict"], values, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith(" checks passed, 0 warn, 0 fail")
    return (folder / "copy.duckdb").read_bytes()


@pytest.fixture
def copy(copied: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "copy.duckdb"
    path.write_bytes(copied)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.dg]\ndirectory_type = "project"\n[tool.dg.project]\nroot_module = "streak_dagster"\n'
        'code_location_target_module = "streak_dagster"\n',
        encoding="utf-8",
    )
    return path


def run(arguments: list[str], copy: Path) -> subprocess.CompletedProcess[str]:
    """Without a key, and with nobody to answer: the checks ask only the database."""
    return command(arguments, {"STREAK_DUCKDB_PATH": str(copy)}, copy.parent)


def plant(copy: Path, statement: str) -> None:
    with duckdb.connect(str(copy)) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("arguments", [BY_DAGSTER, BY_DG], ids=["dagster", "dg"])
def test_dagsters_own_commands_run_the_checks_alone(arguments: list[str], copy: Path) -> None:
    good = run(arguments, copy)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "ASSET_MATERIALIZATION " not in good.stderr
    plant(copy, UNDECLARED)
    assert run(arguments, copy).returncode == 0, "a warning fails no run"
    plant(copy, TWICE)
    assert run(arguments, copy).returncode != 0


def test_our_command_says_what_it_found(copy: Path) -> None:
    good = run(["streak-dagster", "check", "--strict"], copy)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.strip() == f"{NOTHING_YET}\n{CHECKS} checks passed, 0 warn, 0 fail"

    plant(copy, UNDECLARED)
    assert run(["streak-dagster", "check"], copy).returncode == 0
    strict = run(["streak-dagster", "check", "--strict"], copy)
    assert strict.returncode == 1
    line, waiting, counts = strict.stdout.strip().splitlines()
    assert waiting == NOTHING_YET
    assert line == 'WARN schema_drift of streak/snippets: undeclared properties: {"mood": 3}'
    assert counts == f"{CHECKS - 1} checks passed, 1 warn, 0 fail"

    plant(copy, TWICE)
    broken = run(["streak-dagster", "check"], copy)
    assert broken.returncode == 1
    first, second, _, counts = broken.stdout.strip().splitlines()
    assert first.startswith(
        "ERROR primary_key of streak/teams: rows: 2; keys that stand twice: 1; examples: "
    )
    assert second == line
    passed = CHECKS - 2 - WAIT_FOR_TEAMS
    assert counts == f"{passed} checks passed, 1 warn, 1 fail, {WAIT_FOR_TEAMS} could not be run"


def test_nothing_to_check_is_said_with_what_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "new.duckdb"
    done = run(["streak-dagster", "check"], path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"streak-dagster: {path} doesn't exist yet. Run: streak-dagster run. ")

    duckdb.connect(path).close()
    done = run(["streak-dagster", "check"], path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count(" is needed first, and ") == 1, "told once, for all of them"
    assert done.stdout.rstrip().endswith(f"0 checks passed, 0 warn, 0 fail, {ALL} could not be run")
