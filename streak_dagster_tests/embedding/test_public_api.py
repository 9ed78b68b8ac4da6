"""What is public is on docs/api.md, as it is; asking for it costs nothing that isn't needed."""

from __future__ import annotations

import re
import sys
from subprocess import run

import streak_dagster
from streak_dagster import api_page
from streak_dagster_tests.support.processes import REPOSITORY

EXPECTED = ["StreakAccount", "StreakComponent", "build_streak_definitions", "defs"]


def test_the_page_is_what_the_docstrings_say() -> None:
    """After a change that is meant: make docs, and a word about it in the changelog."""
    assert api_page.PAGE.read_text(encoding="utf-8") == api_page.page()


def test_nothing_else_is_public() -> None:
    assert sorted(streak_dagster.__all__) == EXPECTED
    page = api_page.page()
    assert re.findall(r"^## `(\w+)`", page, re.MULTILINE) == [
        "StreakAccount",
        "build_streak_definitions",
        "StreakComponent",
    ]


def test_the_changelog_says_how_it_may_change() -> None:
    told = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "docs/api.md" in told
    assert "deprecated" in told


def test_importing_the_package_imports_none_of_others() -> None:
    code = "import sys, streak_dagster; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    told = run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "streak_dagster" in told
    assert not {"dagster", "duckdb", "pandas", "requests", "pydantic"} & set(told)


def test_the_registry_of_components_is_not_shown_our_own_project() -> None:
    """It takes each name that it is shown, and in another's project the settings of ours may be anything."""
    asked = {"__name__": "dagster.components.core.package_entry", "module": streak_dagster}
    exec("names = dir(module)", asked)
    names = asked["names"]
    assert isinstance(names, list)
    assert "StreakComponent" in names
    assert "defs" not in names
    assert "defs" in dir(streak_dagster)
