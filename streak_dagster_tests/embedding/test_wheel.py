"""What a user installs: a wheel of the repository, in an environment that knows nothing of the repository.

The dependencies are those of the environment that the tests run in, seen by a ``.pth`` file; such a folder's
own ``.pth`` files, of which one is the editable install's, aren't read.
"""

from __future__ import annotations

import html
import json
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from subprocess import CompletedProcess

import duckdb
import pytest

from streak_dagster.sandbox import Variants, sample_workspace
from streak_dagster_tests.support.processes import REPOSITORY
from streak_dagster_tests.support.runs import surroundings
from streak_dagster_tests.support.truth import sent
from streak_dagster_tests.support.waiting import MAX_WAIT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]

PACKAGES = ("streak_dagster", "streak_dagster_tests", "benchmarks")
FILES = ("pyproject.toml", "setup.cfg", "README.md", "LICENSE")
OLDEST_SETUPTOOLS = 77
"""By pyproject.toml. An older one can't read it; pip then fetches a newer one for the build."""
WHERE = """
import json, streak_dagster
from importlib.metadata import distribution, entry_points
components = [each.value for each in entry_points(group="dagster_dg_cli.registry_modules")]
files = distribution("streak_dagster").locate_file("")
print(json.dumps([streak_dagster.__file__, str(files), components]))
"""
BUILDS = """
from dagster import AssetKey, Definitions
from streak_dagster import StreakAccount, StreakComponent, build_streak_definitions
account = StreakAccount(name="acme", api_key="a-key", database="acme.duckdb")
definitions = build_streak_definitions(account, key_prefix=["acme", "streak"])
Definitions.validate_loadable(definitions)
keys = definitions.resolve_all_asset_keys()
assert {AssetKey(["acme", "streak", "teams"]), AssetKey(["acme", "streak_views", "deals"])} <= set(keys), keys
assert StreakComponent.get_model_cls().model_json_schema()["properties"]["account"]
print("built", len(keys))
"""
ALONE = """
import json, sys
import streak_dagster
known = sorted(dir(streak_dagster))
parts = {name.partition(".")[0] for name in sys.modules}
ours = sorted(name for name in sys.modules if name.startswith("streak_dagster"))
print(json.dumps([ours, sorted(parts & {"dagster", "duckdb", "pandas", "pydantic", "requests"}), known]))
"""


class Installed:
    """An environment with the wheel, and the wheel that it was installed of."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder = folder
        self.wheel = wheel

    def runs(self, arguments: Sequence[str], cwd: Path, **values: str) -> CompletedProcess[str]:
        """A program of this environment, which finds nothing of the repository."""
        name, *more = arguments
        environment = {
            each: value
            for each, value in surroundings(values).items()
            if not each.startswith(("PYTHON", "COV_", "VIRTUAL_ENV"))
        }
        return _run([str(self.folder / "bin" / name), *more], cwd, environment)

    def says(self, code: str, cwd: Path) -> str:
        """What a few lines of Python print."""
        ran = self.runs(["python", "-W", "error::ImportWarning", "-c", code], cwd)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()


def _run(
    command: Sequence[str], cwd: Path, environment: dict[str, str] | None = None
) -> CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=MAX_WAIT, check=False
    )


def _builds_here() -> bool:
    try:
        return int(version("setuptools").partition(".")[0]) >= OLDEST_SETUPTOOLS
    except PackageNotFoundError:
        return False


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    source, built, made = folder / "source", folder / "built", folder / "venv"
    source.mkdir()
    for name in PACKAGES:
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(REPOSITORY / name, source / name)
    pip = [sys.executable, "-m", "pip"]
    here = ["--no-build-isolation"] if _builds_here() else []
    wheeled = _run([*pip, "wheel", "--no-deps", *here, "-w", str(built), str(source)], folder)
    assert wheeled.returncode == 0, wheeled.stderr
    (wheel,) = built.glob("*.whl")
    venv.create(made)
    python = str(made / "bin" / "python")
    put = _run([*pip, "--python", python, "install", "--no-deps", "--no-index", str(wheel)], folder)
    assert put.returncode == 0, put.stderr
    (site,) = made.glob("lib/python3*/site-packages")
    paths = sysconfig.get_paths()
    (site / "dependencies.pth").write_text(
        "\n".join(dict.fromkeys((paths["purelib"], paths["platlib"]))), encoding="utf-8"
    )
    return Installed(made, wheel)


def test_it_has_the_whole_package_and_nothing_else(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        found = {each for each in archive.namelist() if ".dist-info/" not in each}
    package = REPOSITORY / "streak_dagster"
    wanted = {
        each.relative_to(REPOSITORY).as_posix()
        for each in package.rglob("*")
        if each.is_file() and "__pycache__" not in each.parts
    }
    assert found == wanted


def test_what_is_imported_is_the_wheels_own_and_dg_finds_its_component(
    installed: Installed, tmp_path: Path
) -> None:
    file, files, components = json.loads(installed.says(WHERE, tmp_path))
    assert Path(file).is_relative_to(installed.folder)
    assert Path(files).is_relative_to(installed.folder)
    assert "streak_dagster" in components


def test_a_project_builds_its_definitions_in_an_empty_folder(installed: Installed, tmp_path: Path) -> None:
    assert installed.says(BUILDS, tmp_path).startswith("built ")
    assert not list(tmp_path.iterdir()), "who only makes definitions finds nothing new in their folder"


def test_to_import_it_costs_nothing(installed: Installed, tmp_path: Path) -> None:
    ours, others, known = json.loads(installed.says(ALONE, tmp_path))
    assert ours == ["streak_dagster"]
    assert others == []
    assert {"StreakAccount", "StreakComponent", "build_streak_definitions", "defs"} <= set(known)


def test_the_command_line_copies_the_sample_and_writes_its_report(
    installed: Installed, tmp_path: Path
) -> None:
    """The sandbox serves the sample, and the report is made of its templates."""
    helped = installed.runs(["streak-dagster", "--help"], tmp_path)
    assert helped.returncode == 0, helped.stderr
    assert "Refresh the copy" in helped.stdout
    ran = installed.runs(["streak-dagster", "run", "--select", "teams"], tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    with duckdb.connect(str(tmp_path / "data" / "sandbox.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT key, name FROM streak.teams").fetchall()
    teams = sent(sample_workspace(), Variants())["teams"]
    assert found == [(each["key"], each["name"]) for each in teams]
    reported = installed.runs(["streak-dagster", "report", "page.html"], tmp_path)
    assert reported.returncode == 0, reported.stdout + reported.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"<h1>{html.escape(teams[0]['name'])}</h1>" in page
    assert "<style>" in page
