"""The page of the views is up to date and complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streak_dagster.views import docs
from streak_dagster.views.answer import Answer
from streak_dagster.views.answers import ALL_ANSWERS
from streak_dagster.views.answers.outcome_words import OUTCOME_WORDS
from streak_dagster_tests.support.markdown import assert_rows_are_as_wide_as_their_heading


def test_the_page_is_what_the_declarations_give() -> None:
    assert docs.PAGE.read_text(encoding="utf-8") == docs.render(), (
        "docs/views.md is out of date: run python -m streak_dagster.views.docs"
    )


@pytest.mark.parametrize("answer", ALL_ANSWERS, ids=lambda answer: answer.name)
def test_an_answer_has_a_section_with_question_columns_and_example(answer: Answer) -> None:
    section = docs.render().split(f"\n## {answer.name}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [each.name for each in answer.columns]
    for part in (answer.question, answer.description, answer.example):
        assert part in section


def test_every_word_that_means_an_outcome_is_on_the_page() -> None:
    section = docs.render().split("\n## stages\n")[1].split("\n## ")[0]
    assert [each.text for each in OUTCOME_WORDS if each.text not in section] == []


def test_every_row_of_markdown_has_as_many_cells_as_its_heading() -> None:
    assert_rows_are_as_wide_as_their_heading(docs.render())


def test_every_link_leads_to_a_section() -> None:
    page = docs.render()
    headings = set(re.findall(r"^## (\w+)$", page, re.MULTILINE))
    assert set(re.findall(r"\]\(#(\w+)\)", page)) == headings


def test_the_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "docs" / "views.md"
    monkeypatch.setattr(docs, "PAGE", page)
    docs.main()
    assert page.read_text(encoding="utf-8") == docs.render()
