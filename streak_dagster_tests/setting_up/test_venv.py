"""What `make setup` does to a `.venv` that is there, and what it says where pip fails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from streak_dagster_tests.support.fake_pythons import VERSION, Say, Setup


@pytest.fixture(autouse=True)
def _python(python: Say) -> None:
    python("python3", VERSION)


def made(project: Path) -> int:
    return len((project / "venvs_made").read_text().split())


def pips(project: Path) -> int:
    return len((project / "pip_runs").read_text().splitlines())


def test_it_says_what_it_does_and_the_second_time_nothing(project: Path, setup: Setup) -> None:
    first = setup()
    assert first.returncode == 0, first.stderr
    assert f"Making .venv with Python {VERSION}." in first.stdout
    assert ".venv is ready" in first.stdout
    assert "Collecting duckdb" in (project / ".venv" / "setup.log").read_text()
    second = setup()
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert (made(project), pips(project)) == (1, 1)


def test_new_requirements_are_installed_into_the_same_venv(project: Path, setup: Setup) -> None:
    setup()
    later = (project / ".venv" / ".ready").stat().st_mtime + 10
    os.utime(project / "pyproject.toml", (later, later))
    assert "is newer than .venv" in setup().stdout
    assert (made(project), pips(project)) == (1, 2)


def test_a_setup_that_was_interrupted_begins_anew(project: Path, setup: Setup) -> None:
    setup()
    (project / ".venv" / ".ready").unlink()
    assert "its setup didn't come to its end" in setup().stdout
    assert made(project) == 2


def test_a_python_that_is_gone(project: Path, setup: Setup) -> None:
    setup()
    python = project / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(project / "python3.gone")
    assert "its Python is gone" in setup().stdout
    assert not (project / "python3.gone").exists()
    assert made(project) == 2


def test_a_python_that_the_system_exchanged(project: Path, setup: Setup) -> None:
    setup()
    python = project / ".venv" / "bin" / "python"
    python.write_text(python.read_text().replace(f"{VERSION} whole", "3.99 whole"))
    assert f"it was Python {VERSION}, and is Python 3.99 now" in setup().stdout
    assert made(project) == 2


def test_another_version_is_asked_for(project: Path, setup: Setup) -> None:
    setup()
    ready = project / ".venv" / ".ready"
    python = project / ".venv" / "bin" / "python"
    for file in (ready, python):
        file.write_text(file.read_text().replace(VERSION, "3.10" if VERSION != "3.10" else "3.11"))
    assert setup().stdout == ""
    assert f"PYTHON asks for {VERSION}" in setup("PYTHON=python3").stdout
    assert made(project) == 2


def test_a_project_that_was_moved(project: Path, setup: Setup) -> None:
    setup()
    moved = project.rename(project.parent / "moved")
    project.mkdir()
    for file in moved.iterdir():
        file.rename(project / file.name)
    ready = project / ".venv" / ".ready"
    ready.write_text(ready.read_text().replace(str(project), str(moved)))
    assert "it was made for another folder" in setup().stdout


def test_no_network_is_one_sentence(project: Path, setup: Setup) -> None:
    retrying = (
        "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'NewConnectionError'\n"
    )
    (project / "pip_says").write_text(
        retrying + "ERROR: Could not find a version that satisfies the requirement setuptools>=77\n"
    )
    ran = setup(pip_exits=1)
    assert ran.returncode != 0
    assert ran.stderr.startswith("pip reaches no package index: check the network")
    assert ".venv/setup.log" in ran.stderr
    assert "Could not find" not in ran.stderr


def test_a_network_that_came_back_is_not_to_blame(project: Path, setup: Setup) -> None:
    (project / "pip_says").write_text(
        "WARNING: Retrying (Retry(total=4)) after connection broken\n"
        "  Downloading duckdb-2.0.1-cp314-cp314-manylinux_2_28_x86_64.whl (20 MB)\n"
        "ERROR: something else\n"
    )
    assert "ERROR: something else" in setup(pip_exits=1).stderr


def test_no_wheel_and_no_compiler_names_the_package_and_what_to_install(project: Path, setup: Setup) -> None:
    (project / "pip_says").write_text(
        "Collecting watchdog\n"
        "  Downloading watchdog-6.0.0.tar.gz (131 kB)\n"
        "  Building wheel for watchdog (pyproject.toml): started\n"
        "  ERROR: Failed building wheel for watchdog\n"
        "  Building wheel for tabulate (pyproject.toml): started\n"
    )
    said = setup(pip_exits=1).stderr
    assert said.startswith(f"watchdog has no wheel for Python {VERSION} on this machine")
    assert f"apt-get install build-essential python{VERSION}-dev`" in said
    assert "PYTHON=..." in said


def test_no_wheel_and_no_compiler_at_the_metadata(project: Path, setup: Setup) -> None:
    (project / "pip_says").write_text(
        "Collecting duckdb\n  Downloading duckdb-2.0.1.tar.gz (18.1 MB)\n"
        "  Preparing metadata (pyproject.toml): finished with status 'error'\n"
    )
    assert setup(pip_exits=1).stderr.startswith("duckdb has no wheel for ")


def test_a_full_disk_is_one_sentence(project: Path, setup: Setup) -> None:
    (project / "pip_says").write_text("ERROR: Could not install: [Errno 28] No space left on device\n")
    assert setup(pip_exits=1).stderr.startswith("The disk is full")


def test_anything_else_is_shown_with_its_last_lines(project: Path, setup: Setup) -> None:
    (project / "pip_says").write_text("".join(f"line {number} {'x' * 999}\n" for number in range(100)))
    ran = setup(pip_exits=1)
    assert ran.returncode != 0
    assert "line 99" in ran.stderr
    assert "line 50" not in ran.stderr
    assert "x" * 300 not in ran.stderr
    assert "pip couldn't install the packages" in ran.stderr
    assert "all of them in .venv/setup.log" in ran.stderr


def test_after_a_failure_it_begins_anew(project: Path, setup: Setup) -> None:
    setup(pip_exits=1)
    assert setup().returncode == 0
    assert made(project) == 2


def test_an_update_that_fails_before_it_installs_leaves_the_venv(project: Path, setup: Setup) -> None:
    setup()
    later = (project / ".venv" / ".ready").stat().st_mtime + 10
    os.utime(project / "pyproject.toml", (later, later))
    (project / "pip_says").write_text("Collecting duckdb\n")
    assert setup(pip_exits=1).returncode != 0
    assert setup().returncode == 0
    assert made(project) == 1
