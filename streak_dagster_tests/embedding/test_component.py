"""The component as ``dg`` handles it in somebody's project: listed, scaffolded, checked and launched."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster.tables import table
from streak_dagster_tests.support.dg_projects import dg_project
from streak_dagster_tests.support.runs import command
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.secrets_in_files import found, secrets_of
from streak_dagster_tests.support.truth import differences

pytestmark = pytest.mark.slow

KEY = "the-key-that-nobody-may-see"
COMPONENT = "streak_dagster.StreakComponent"
TABLES = ["teams", "pipelines", "pipeline_boxes"]


class Project:
    """A project of dg's, which knows of ours only that it is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.home = folder / "home"
        self._defs = dg_project(self.folder, self.home, "crm")

    def dg(self, *arguments: str, **values: str) -> CompletedProcess[str]:
        """What dg did, with a terminal that cuts nothing off."""
        usual = {
            "DAGSTER_HOME": str(self.home),
            "PYTHONPATH": str(self.folder / "src"),
            "STREAK_API_KEY": KEY,
            "COLUMNS": "200",
            "NO_COLOR": "1",
        }
        return command(["dg", *arguments], {**usual, **values}, self.folder)

    def scaffold(self, name: str) -> Path:
        """The ``defs.yaml`` that dg wrote of an account."""
        made = self.dg("scaffold", "defs", COMPONENT, name)
        assert made.returncode == 0, said(made)
        return self._defs / name / "defs.yaml"


def said(ran: CompletedProcess[str]) -> str:
    return ran.stdout + ran.stderr


def put(written: Path, after: str, line: str) -> int:
    """Put a line of YAML after the one that is ``after``. The number that it has."""
    lines = written.read_text(encoding="utf-8").splitlines()
    number = lines.index(after) + 1
    lines.insert(number, line)
    written.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return number + 1


def packed(home: Path) -> str:
    """What Dagster keeps compressed of a job, in which are the configs of its resources."""
    with closing(sqlite3.connect(home / "history" / "runs.db")) as connection:
        bodies = connection.execute("SELECT snapshot_body FROM snapshots").fetchall()
    assert bodies
    return "\n".join(zlib.decompress(body).decode() for (body,) in bodies)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with sandbox_of(generated_workspace(20, seed=1), key=KEY) as running:
        yield running


@pytest.mark.parametrize("settings", [{}, {"STREAK_REFRESH_INTERVAL": "7m"}])
def test_it_is_listed_and_our_own_projects_settings_are_not_read(
    project: Project, settings: dict[str, str]
) -> None:
    listed = project.dg("list", "components", "--json", **settings)
    assert listed.returncode == 0, said(listed)
    summaries = {each["key"]: each["summary"] for each in json.loads(listed.stdout)["items"]}
    assert "copied whole and true into DuckDB" in summaries[COMPONENT]
    of_ours = {key for key in summaries if key.startswith("streak_dagster")}
    assert of_ours == {COMPONENT}
    assert "STREAK_" not in listed.stderr


def test_two_accounts_are_scaffolded_and_hold(project: Project) -> None:
    written = {name: project.scaffold(name) for name in ("acme", "globex")}
    for name, path in written.items():
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"type: {COMPONENT}\n")
        assert "api_key: '{{ env.STREAK_API_KEY }}'" in text
        assert f"name: {name}\n" in text
        assert f"database: data/{name}.duckdb\n" in text
        assert KEY not in text
    of_yaml = project.dg("check", "yaml", "--validate-requirements")
    assert of_yaml.returncode == 0, said(of_yaml)
    of_defs = project.dg("check", "defs")
    assert of_defs.returncode == 0, said(of_defs)
    listed = project.dg("list", "defs", "--json")
    assert listed.returncode == 0, said(listed)
    assert KEY not in said(of_yaml) + said(of_defs) + said(listed)
    shown = json.loads(listed.stdout)
    keys = [each["asset_key"] for each in shown["assets"] if not each["asset_key"].count("streak_views")]
    of_each = {
        name: {each.split("/")[-1] for each in keys if each.startswith(f"{name}/streak/")} for name in written
    }
    assert of_each["acme"] == of_each["globex"]
    assert of_each["acme"] >= set(TABLES)
    assert len(keys) == 2 * len(of_each["acme"])
    jobs = {each["name"] for each in shown["jobs"]}
    assert {"acme_complete", "globex_complete"} <= jobs


def test_a_launch_copies_the_account_and_the_key_is_nowhere(
    project: Project, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("acme", "globex"):
        written = project.scaffold(name)
        for line in ("  checks: false", "  views: false", f"  tables: {json.dumps(TABLES)}"):
            put(written, "attributes:", line)
        put(written, "  account:", "    calls_per_second: 900")
        put(written, "  account:", "    serve: false")
    launched = project.dg("launch", "--assets", 'key:"acme/streak/*"', STREAK_API_URL=sandbox.url)
    assert launched.returncode == 0, said(launched)
    assert "RUN_SUCCESS" in said(launched)
    data = project.folder / "data"
    assert sorted(each.name for each in data.glob("*.duckdb")) == ["acme.duckdb"]
    assert sandbox.journal.calls()
    monkeypatch.setattr("streak_dagster_tests.support.truth.copied", lambda: tuple(map(table, TABLES)))
    assert differences(data / "acme.duckdb", sandbox.workspace, sandbox.variants) == []
    secrets = secrets_of(KEY, sandbox.workspace)
    assert list(project.home.rglob("*.db")), "there is nothing of the run to search"
    assert found(secrets, project.home, project.folder) == []
    kept = packed(project.home)
    assert "acme_warehouse" in kept
    assert not [each for each in secrets if each in said(launched) + kept]


def test_what_cannot_be_is_named_with_its_line(project: Project) -> None:
    """In a file that holds again once the line is gone. dg checks the last component of each type alone."""
    written = project.scaffold("acme")
    before = written.read_text(encoding="utf-8")

    number = put(written, "  account:", "    interval: 7m")
    wrong = project.dg("check", "defs")
    assert wrong.returncode != 0
    assert f"{written}:{number} - attributes.account.interval" in said(wrong)
    assert "interval must be 30m or a whole number of hours from 1h to 24h, not '7m'" in said(wrong)
    assert "STREAK_REFRESH_INTERVAL" not in said(wrong), "nobody who writes YAML knows of the variable"

    written.write_text(before, encoding="utf-8")
    number = put(written, "attributes:", "  grup_name: crm")
    unknown = project.dg("check", "yaml")
    assert unknown.returncode != 0
    assert f"{written}:{number} - {COMPONENT} attributes" in said(unknown)
    assert re.search(r"'grup_name' was unexpected", said(unknown))

    written.write_text(before, encoding="utf-8")
    number = put(written, "  account:", "    intervall: 6h")
    unknown = project.dg("check", "yaml")
    assert unknown.returncode != 0
    assert f"{written}:{number - 1} - {COMPONENT} attributes.account" in said(unknown)
    assert "intervall" in said(unknown)
    assert KEY not in said(wrong) + said(unknown)
