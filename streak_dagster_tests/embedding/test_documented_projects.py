"""Each example of docs/in-your-project.md is a project, and copies a sandbox; what it names is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # Dagster brings it, and no types
from dagster import DagsterInstance, Definitions

from streak_dagster import StreakComponent
from streak_dagster.sandbox import Sandbox
from streak_dagster.tables import ALL_TABLES
from streak_dagster_tests.support.loading import FAST, failures, log_level
from streak_dagster_tests.support.processes import REPOSITORY

PAGE = (REPOSITORY / "docs" / "in-your-project.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS = {title.strip(): text for title, _, text in (part.partition("\n") for part in PAGE.split("\n## "))}
PROJECTS = {
    title: code
    for title, text in SECTIONS.items()
    for _, code in BLOCK.findall(text)
    if code.startswith("# definitions.py\n")
}
FEW = {"pipelines", "pipeline_boxes", "pipeline_stages", "pipeline_fields", "box_field_values", "deals"}
"""What is copied of an account: the rest is in no example."""
OURS = {"streak", "streak_views", "acme", "globex", "crm"}
KEYS = ("STREAK_API_KEY", "ACME_STREAK_KEY", "GLOBEX_STREAK_KEY")


def test_there_are_examples() -> None:
    assert list(PROJECTS) == [
        "Beside your own assets",
        "What an asset of yours gets",
        "Two accounts",
        "Keys, groups and conditions of your own",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("title", PROJECTS)
def test_a_project_copies_an_account_as_it_stands_there(
    title: str, acme: Sandbox, in_memory: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it stands, but for the address of Streak."""
    for name in KEYS:
        monkeypatch.setenv(name, acme.key)
    code = PROJECTS[title]
    assert "StreakAccount(" in code
    here = f'StreakAccount(api_url="{acme.url}", calls_per_second={FAST}, '
    found: dict[str, Any] = {}
    exec(compile(code.replace("StreakAccount(", here), title, "exec"), found)
    defs = found["defs"]
    assert isinstance(defs, Definitions)
    Definitions.validate_loadable(defs)
    job = defs.resolve_implicit_global_asset_job_def()
    keys = [spec.key for spec in defs.resolve_all_asset_specs()]
    result = job.execute_in_process(
        instance=in_memory,
        asset_selection=[key for key in keys if key.path[-1] in FEW or key.path[0] not in OURS],
        run_config=log_level("CRITICAL"),
        raise_on_error=False,
    )
    assert failures(result) == {}
    assert result.success
    assert list(Path("data").glob("*.duckdb"))


def test_so_does_one_that_is_built_of_lists() -> None:
    (code,) = [
        code
        for _, code in BLOCK.findall(SECTIONS["Beside your own assets"])
        if code.startswith("# lists.py\n")
    ]
    found: dict[str, Any] = {}
    exec(compile(code, "lists", "exec"), found)
    defs = found["defs"]()
    Definitions.validate_loadable(defs)
    assert {"mine", "streak/teams"} <= {spec.key.to_user_string() for spec in defs.resolve_all_asset_specs()}


def test_the_names_that_the_page_tells_are_there() -> None:
    found: dict[str, Any] = {}
    exec(compile(PROJECTS["Two accounts"], "two", "exec"), found)
    keys = {spec.key.to_user_string() for spec in found["defs"].resolve_all_asset_specs()}
    text = SECTIONS["Two accounts"]
    told = set(re.findall(r"`((?:acme|globex)/\w+/\w+)`", text))
    assert len(told) == 2
    assert told <= keys
    jobs = {each.name for each in found["defs"].jobs}
    assert set(re.findall(r"`((?:acme|globex)_\w+)`", text)) <= jobs


@pytest.mark.filterwarnings("ignore:`parse_obj_as` is deprecated")  # Dagster calls it
def test_the_components_file_is_one_and_its_subclass_too() -> None:
    section = SECTIONS["As a component"]
    (text,) = [code for kind, code in BLOCK.findall(section) if kind == "yaml"]
    written = yaml.safe_load(text)
    assert written["type"] == "streak_dagster.StreakComponent"
    component = StreakComponent.resolve_from_yaml(yaml.safe_dump(written["attributes"]))
    assert (component.account.name, component.account.interval) == ("acme", "1h")
    (code,) = [code for kind, code in BLOCK.findall(section) if kind == "python"]
    found: dict[str, Any] = {}
    exec(compile(code, "acme.py", "exec"), found)
    theirs = found["AcmeStreak"].resolve_from_yaml(yaml.safe_dump(written["attributes"]))
    specs = theirs.build_defs(None).resolve_all_asset_specs()
    assert {spec.group_name for spec in specs} == {"crm"}


def test_the_sources_that_dbt_is_given_are_tables_under_keys_that_it_makes_by_itself() -> None:
    sources = yaml.safe_load((REPOSITORY / "docs" / "dbt" / "sources.yml").read_text(encoding="utf-8"))
    (source,) = sources["sources"]
    assert source["name"] == "streak"
    assert [each["name"] for each in source["tables"]] == [table.name for table in ALL_TABLES]
