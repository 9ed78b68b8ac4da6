"""The commands of the README, as real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from streak_dagster.sandbox import Moves, Variants, sample_workspace
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.runs import command
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import differences

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "arguments",
    [
        ["dagster", "asset", "materialize", "-m", "streak_dagster", "--select", 'key:"streak/*"'],
        ["dg", "launch", "--assets", 'key:"streak/*"'],
        ["streak-dagster", "run"],
    ],
    ids=["dagster", "dg", "streak-dagster"],
)
def test_the_whole_account_lands(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.dg]\ndirectory_type = "project"\n[tool.dg.project]\nroot_module = "streak_dagster"\n'
        'code_location_target_module = "streak_dagster"\n',
        encoding="utf-8",
    )
    workspace = sample_workspace()
    database = tmp_path / "streak.duckdb"
    with sandbox_of(workspace) as sandbox:
        done = command(arguments, environment(sandbox, database), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert differences(database, workspace, Variants()) == []
    assert not database.with_name("streak.duckdb.spool").exists()


def test_a_failed_load_fails_the_command(tmp_path: Path) -> None:
    with sandbox_of() as sandbox:
        values = environment(sandbox, tmp_path / "x.duckdb", STREAK_API_KEY="wrong")
        done = command(["streak-dagster", "run"], values, tmp_path)
    assert done.returncode == 1
    assert "streak/teams failed: Streak doesn't accept the API key" in done.stdout


def test_the_copy_can_be_asked(tmp_path: Path) -> None:
    nothing = command(["streak-dagster", "sql", "FROM teams"], {}, tmp_path)
    assert nothing.returncode == 1
    assert "data/sandbox.duckdb doesn't exist yet. Run: streak-dagster run" in nothing.stderr
    with sandbox_of() as sandbox:
        values = environment(sandbox, tmp_path / "streak.duckdb")
        assert command(["streak-dagster", "run"], values, tmp_path).returncode == 0
    found = command(
        ["streak-dagster", "sql", "SELECT count(*) AS boxes FROM pipeline_boxes"], values, tmp_path
    )
    assert "boxes" in found.stdout
    wrong = command(["streak-dagster", "sql", "SELECT nothing FROM nowhere"], values, tmp_path)
    assert wrong.returncode == 1
    assert "nowhere" in wrong.stderr


def test_the_definitions_are_valid_for_both_ages_of_dagster(tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").write_text(
        "load_from:\n  - python_module: streak_dagster\n", encoding="utf-8"
    )
    done = command(["dagster", "definitions", "validate"], {}, tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_check_that_warns_fails_the_command_only_where_it_is_strict(tmp_path: Path) -> None:
    workspace = sample_workspace()
    workspace.moves = Moves.nothing()
    box = workspace.boxes(workspace.pipelines()[0]["key"])[0]["key"]
    workspace.add_task(box, text="A task that the box's counter doesn't count")
    with sandbox_of(workspace) as sandbox:
        values = environment(sandbox, tmp_path / "x.duckdb")
        assert command(["streak-dagster", "run"], values, tmp_path).returncode == 0
        strict = command(["streak-dagster", "run", "--strict"], values, tmp_path)
    assert strict.returncode == 1
    assert "WARN counters_agree of streak/box_tasks: boxes compared: " in strict.stdout
