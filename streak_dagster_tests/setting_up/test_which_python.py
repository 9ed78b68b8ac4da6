"""Which Python `.venv` is made with, and what is said before anything is made where none does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from streak_dagster_tests.support.fake_pythons import VERSION, Say, Setup
from streak_dagster_tests.support.processes import REPOSITORY


def test_a_python_that_fits_is_taken_without_a_word_about_it(
    project: Path, python: Say, setup: Setup
) -> None:
    python("python3", VERSION)
    ran = setup()
    assert ran.returncode == 0, ran.stderr
    assert "instead" not in ran.stdout
    assert (project / "venvs_made").exists()


@pytest.mark.parametrize("version", ["3.6", "3.9", "3.15", "2.7"])
def test_out_of_range_with_nothing_else_says_the_range(
    project: Path, python: Say, setup: Setup, version: str
) -> None:
    python("python3", version)
    ran = setup()
    assert ran.returncode != 0
    assert f"python3 is Python {version}, and streak-dagster needs 3.10 to 3.14: " in ran.stderr
    assert "PYTHON=/path/to/python3" in ran.stderr
    assert not (project / ".venv").exists()


def test_the_newest_that_fits_is_taken_instead_and_told(project: Path, python: Say, setup: Setup) -> None:
    python("python3", "3.9")
    python("python3.11", "3.11")
    newest = python("python3.13", "3.13")
    python("python3.14", "3.14", whole=False)  # can't make a venv
    python("python3.12", "3.8")  # not what its name says
    ran = setup()
    assert ran.returncode == 0, ran.stderr
    assert f"python3 is Python 3.9: taking Python 3.13 ({newest}) instead" in ran.stdout
    assert "3.10 to 3.14" in ran.stdout


def test_one_that_was_named_is_not_exchanged(project: Path, python: Say, setup: Setup) -> None:
    python("python3.9", "3.9")
    fitting = python("python3.12", "3.12")
    ran = setup("PYTHON=python3.9")
    assert ran.returncode != 0
    assert "PYTHON=python3.9 is Python 3.9, and streak-dagster needs 3.10 to 3.14" in ran.stderr
    assert f"run make with PYTHON={fitting}" in ran.stderr
    assert not (project / ".venv").exists()


def test_without_venv_it_says_the_package(project: Path, python: Say, setup: Setup) -> None:
    python("python3", "3.12", whole=False)
    ran = setup()
    assert ran.returncode != 0
    assert "python3 is Python 3.12, without its modules venv and ensurepip: run `" in ran.stderr
    assert "apt-get install python3.12-venv" in ran.stderr
    assert not (project / ".venv").exists()


def test_the_only_one_that_fits_has_no_venv(python: Say, setup: Setup) -> None:
    python("python3", "3.8")
    python("python3.11", "3.11", whole=False)
    ran = setup()
    assert ran.returncode != 0
    assert "apt-get install python3.11-venv" in ran.stderr


def test_no_python_at_all(project: Path, python: Say, setup: Setup) -> None:
    ran = setup()
    assert ran.returncode != 0
    assert "There is no python3 here: install Python (>=3.10,<3.15)" in ran.stderr
    assert not (project / ".venv").exists()


def test_the_range_is_pyproject_s(project: Path, python: Say, setup: Setup) -> None:
    text = (project / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(text.replace(">=3.10,<3.15", ">=3.11,<3.13"))
    python("python3", "3.13")
    assert "needs 3.11 to 3.12" in setup().stderr


def test_what_finds_a_python_runs_in_one_that_is_too_old() -> None:
    tree = ast.parse((REPOSITORY / ".ci" / "find_python.py").read_text(), feature_version=(3, 7))
    # These are what Python 3.5 and 2.7 don't know, and feature_version doesn't look for.
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Starred, ast.AsyncFunctionDef)
    assert not [node for node in ast.walk(tree) if isinstance(node, newer) and node.lineno < 200]
