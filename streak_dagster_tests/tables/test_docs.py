"""The page of the tables is up to date and complete."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from streak_dagster.tables import ALL_TABLES, SNIPPETS, TEAMS, Endpoint, Kind, Paging, Table, docs
from streak_dagster_tests.support.markdown import assert_rows_are_as_wide_as_their_heading

if TYPE_CHECKING:
    from pathlib import Path


def test_the_page_is_what_the_declarations_give() -> None:
    assert docs.PAGE.read_text(encoding="utf-8") == docs.render(), (
        "docs/tables.md is out of date: run python -m streak_dagster.tables.docs"
    )


@pytest.mark.parametrize("declared", ALL_TABLES, ids=lambda declared: declared.name)
def test_a_table_has_a_section_with_all_its_columns(declared: Table) -> None:
    section = docs.render().split(f"\n## {declared.name}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(declared.by_name)
    assert declared.description in section


def test_the_columns_that_every_table_has_are_explained() -> None:
    page = docs.render()
    assert "| `_synced_at` | TIMESTAMP WITH TIME ZONE |" in page
    assert "| `_extra` | JSON |" in page


def test_every_row_of_markdown_has_as_many_cells_as_its_heading() -> None:
    assert_rows_are_as_wide_as_their_heading(docs.render())


def test_every_link_leads_to_a_section() -> None:
    page = docs.render()
    headings = set(re.findall(r"^## (\w+)$", page, re.MULTILINE))
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= headings


@pytest.mark.parametrize(
    ("name", "cost"),
    [
        ("teams", "one for each page of `STREAK_PAGE_SIZE` rows"),
        ("pipelines", "one"),
        ("pipeline_stages", "none"),
        ("pipeline_fields", "one for each row of `pipelines`"),
        (
            "pipeline_boxes",
            "one for each page of `STREAK_PAGE_SIZE` rows, at least one for each row of `pipelines`",
        ),
    ],
)
def test_the_page_says_what_a_table_costs(name: str, cost: str) -> None:
    section = docs.render().split(f"\n## {name}\n")[1]
    assert section.split("- Calls: ")[1].splitlines()[0] == cost


def test_a_list_with_pages_of_its_own_size_says_their_size() -> None:
    endpoint = Endpoint("v2/teams/{parent}/contacts", Paging.CURSOR, page_size=1000)
    listed = replace(SNIPPETS, endpoint=endpoint)
    assert docs._cost(listed) == "one for each 1,000 rows"
    of_teams = replace(listed, kind=Kind.TEAM_LIST, parent=TEAMS, parent_column="key")
    assert docs._cost(of_teams) == ("one for each 1,000 rows, at least one for each row of `teams`")


def test_the_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "docs" / "tables.md"
    monkeypatch.setattr(docs, "PAGE", page)
    docs.main()
    assert page.read_text(encoding="utf-8") == docs.render()
