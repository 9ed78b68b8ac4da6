"""The declaration model: names of columns, and declarations that are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.tables import (
    ALL_TABLES,
    BOX_COMMENTS,
    PIPELINES,
    TEAMS,
    WEBHOOKS,
    Endpoint,
    FurtherList,
    Kind,
    Table,
    snake_case,
    table,
)
from streak_dagster.tables.columns import text


@pytest.mark.parametrize(
    ("property_name", "column_name"),
    [
        ("key", "key"),
        ("lastUpdatedTimestamp", "last_updated_timestamp"),
        ("logoURL", "logo_url"),
        ("gmailAPIFileId", "gmail_api_file_id"),
        ("threadGmailId", "thread_gmail_id"),
        ("isOauthComplete", "is_oauth_complete"),
        ("lastEntryToStageTs", "last_entry_to_stage_ts"),
        ("already_snake", "already_snake"),
    ],
)
def test_a_column_is_named_after_its_property(property_name: str, column_name: str) -> None:
    assert snake_case(property_name) == column_name


@given(st.text())
def test_a_column_name_stays_as_it_is(name: str) -> None:
    once = snake_case(name)
    assert snake_case(once) == once


@given(st.lists(st.from_regex(r"[a-z]{2,8}", fullmatch=True), min_size=1, max_size=6))
def test_camel_case_comes_apart_at_every_capital(words: list[str]) -> None:
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    assert snake_case(camel) == "_".join(words)


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="notes declares a column twice"):
        Table(
            name="notes",
            description="Notes.",
            columns=(text("boxKey", "One."), text("box_key", "Two.")),
            primary_key=("box_key",),
            group="boxes",
            kind=Kind.ACCOUNT_LIST,
            endpoint=Endpoint("v1/notes"),
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"primary_key": ("colour",)},
        {"latest_by": ("colour",)},
        {"preview": ("colour",)},
        {"parent_column": "colour"},
    ],
)
def test_a_column_that_is_not_declared_is_refused(wrong: dict[str, object]) -> None:
    given_options = {"primary_key": ("key",), **wrong}
    with pytest.raises(ValueError, match="notes names an undeclared column colour"):
        Table(
            name="notes",
            description="Notes.",
            columns=(text("key", "One."),),
            group="boxes",
            kind=Kind.ACCOUNT_LIST,
            endpoint=Endpoint("v1/notes"),
            **given_options,  # type: ignore[arg-type]
        )


def test_a_planned_table_has_no_further_lists() -> None:
    further = FurtherList(Endpoint("v2/teams/{parent}/comments"), TEAMS, "pipeline_key")
    with pytest.raises(ValueError, match=r"box_comments .* can't have lists of further parents"):
        replace(BOX_COMMENTS, also=(further,))


def test_each_list_of_a_table_is_the_table_of_one_parent() -> None:
    by_pipeline, by_team = WEBHOOKS.lists
    assert (by_pipeline.parents, by_pipeline.parent_columns) == ((PIPELINES,), ("pipeline_key",))
    assert (by_team.parents, by_team.parent_columns) == ((TEAMS,), ("team_key",))
    assert WEBHOOKS.parents == (PIPELINES, TEAMS)
    assert WEBHOOKS in PIPELINES.children(ALL_TABLES)
    assert WEBHOOKS in TEAMS.children(ALL_TABLES)
    assert PIPELINES.lists == (PIPELINES,)


def test_an_unknown_table_is_answered_with_those_that_exist() -> None:
    with pytest.raises(KeyError, match="no table 'boxes'; there are teams, "):
        table("boxes")
