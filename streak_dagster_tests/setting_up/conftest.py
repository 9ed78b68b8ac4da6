"""A project of its own for each test, with pythons that only say what they are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from streak_dagster_tests.support.fake_pythons import PYTHON, VENV_MODULE, VENV_PYTHON, VERSION, Say, Setup
from streak_dagster_tests.support.processes import REPOSITORY


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The Makefile and the scripts as they are, and nothing that takes time to install."""
    made = tmp_path / "project"
    (made / ".ci").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "setup.cfg", ".ci/find_python.py", ".ci/make_venv.py"):
        (made / name).write_bytes((REPOSITORY / name).read_bytes())
    (made / "pip_says").write_text(
        "Collecting duckdb\nInstalling collected packages: duckdb, streak_dagster\n"
    )
    venv_python = VENV_PYTHON.format(version=VERSION, project=made, real=sys.executable)
    (made / "venv_python").write_text(venv_python)
    return made


@pytest.fixture
def python(tmp_path: Path) -> Say:
    """Put an executable on PATH that says it is some Python."""
    (tmp_path / "bin").mkdir()

    def put(name: str, version: str, *, whole: bool = True) -> Path:
        path = tmp_path / "bin" / name
        said = "whole" if whole else "bare"
        path.write_text(PYTHON.format(version=version, whole=said, path=path, real=sys.executable))
        path.chmod(0o755)
        return path

    return put


@pytest.fixture
def setup(project: Path, tmp_path: Path) -> Setup:
    """`make setup` with the test's pythons, and nothing else on PATH but what the Makefile calls."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("make", "sed"):
        (tools / name).symlink_to(shutil.which(name) or "not there")
    (tools / "apt-get").symlink_to("/bin/sh")
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "venv.py").write_text(VENV_MODULE)

    def run(*arguments: str, pip_exits: int = 0) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{tmp_path / 'bin'}:{tools}", "PYTHONPATH": str(modules)}
        return subprocess.run(
            ["make", "-s", "setup", *arguments],
            cwd=project,
            env={**environment, "PIP_EXITS": str(pip_exits)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run
