"""Every table is declared whole, described for people, and keeps the contract of names and keys."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from streak_dagster.tables import (
    ALL_TABLES,
    PIPELINE_BOXES,
    SECRETS,
    SNIPPETS,
    TEAMS,
    ChangedSince,
    ColumnType,
    Endpoint,
    FurtherList,
    Paging,
    Table,
    Window,
    table,
)
from streak_dagster_tests.support.properties import PROPERTIES

CONTRACT: dict[str, tuple[tuple[str, ...], Endpoint | None, str | None]] = {
    "teams": (("key",), Endpoint("v2/users/me/teams", Paging.NUMBERED), None),
    "team_members": (("team_key", "user_key"), None, "team_key"),
    "users": (("key",), Endpoint("v2/teams/{parent}/users"), "team_key"),
    "pipelines": (("key",), Endpoint("v1/pipelines"), None),
    "pipeline_stages": (("pipeline_key", "key"), None, "pipeline_key"),
    "pipeline_fields": (
        ("pipeline_key", "key"),
        Endpoint("v1/pipelines/{parent}/fields"),
        "pipeline_key",
    ),
    "pipeline_boxes": (
        ("key",),
        Endpoint("v1/pipelines/{parent}/boxes", Paging.NUMBERED, small=False),
        "pipeline_key",
    ),
    "box_comments": (("key",), Endpoint("v2/boxes/{parent}/comments"), "box_key"),
    "box_meetings": (("key",), Endpoint("v2/boxes/{parent}/meetings", Paging.NUMBERED), "box_key"),
    "box_tasks": (("key",), Endpoint("v2/boxes/{parent}/tasks", Paging.NUMBERED), "box_key"),
    "box_threads": (("box_key", "key"), Endpoint("v1/boxes/{parent}/threads"), "box_key"),
    "box_files": (("key",), Endpoint("v1/boxes/{parent}/files"), "box_key"),
    "box_contacts": (("box_key", "contact_key"), None, "box_key"),
    "box_organizations": (("box_key", "organization_key"), None, "box_key"),
    "box_stage_history": (("box_key", "position"), None, "box_key"),
    "box_field_values": (("box_key", "field_key"), None, "box_key"),
    "contacts": (
        ("key",),
        Endpoint(
            "v2/teams/{parent}/contacts",
            Paging.CURSOR,
            page_size=1000,
            changed_since=ChangedSince("after", "last_saved_timestamp"),
        ),
        "team_key",
    ),
    "organizations": (
        ("key",),
        Endpoint("v2/teams/{parent}/organizations", Paging.CURSOR, page_size=1000),
        "team_key",
    ),
    "contact_fields": (("team_key", "key"), None, "team_key"),
    "organization_fields": (("team_key", "key"), None, "team_key"),
    "snippets": (("key",), Endpoint("v1/snippets"), None),
    "webhooks": (("key",), Endpoint("v2/pipelines/{parent}/webhooks"), "pipeline_key"),
    "newsfeed": (
        ("key",),
        Endpoint("v1/pipelines/{parent}/newsfeed", params=(("detailLevel", "ALL"),)),
        "pipeline_key",
    ),
}
"""Primary key, endpoint and parent column that users and other modules rely on."""

CLOCK_DRIVEN = {
    "freshness",
    "taskOverdueCount",
    "earliestOverdueTaskDueDate",
    "overdueTaskAssigneeKeySet",
    "overdueTaskAssigneeSharingEntrySet",
}

PERSONAL: dict[str, str] = {
    "teams": "members emailsToSendInvoiceTo",
    "team_members": "displayName fullName givenName email image",
    "pipelines": "description aclEntries roundRobinAssignmentUsers owner",
    "users": """
        displayName email lowercaseEmail googleProfileFullName googleProfileFirstName googleProfileLastName
        googleProfilePhotoUrl googleProfileLink googleProfileId googleProfileGender emailsToSendInvoiceTo
        customerSpecifiedInvoiceData
    """,
    "pipeline_boxes": """
        name notes fields firstEmailFrom lastEmailFrom emailAddresses emailAddressesAutoExtracted
        emailAddressesBlacklist emailAddressesWhitelist assignedToSharingEntries creatorSharingEntry
        followerSharingEntries taskAssigneeSharingEntrySet incompleteTaskAssigneeSharingEntrySet
        overdueTaskAssigneeSharingEntrySet fieldsAutofillStatus violations
    """,
    "box_comments": "message reactionSummary",
    "box_meetings": "notes",
    "box_tasks": "text assignedTo creator assignedToSharingEntries creatorSharingEntry actions",
    "box_threads": """
        subject lastEmailFrom emailAddresses names senderEmailSendTimestampPairs files autoboxLinks
        unifiedMessageThreads sources
    """,
    "box_files": "fileName mainFileName fileOwner directUrl",
    "contacts": """
        givenName familyName title emailAddresses phoneNumbers addresses domains normalizedDomains other
        twitterHandle facebookHandle linkedinHandle instagramHandle photoUrl fields
    """,
    "organizations": "phoneNumbers addresses other fields",
    "box_field_values": "value valueText valueLabels",
    "snippets": "snippetText",
    "webhooks": "targetUrl",
    "newsfeed": "specificVariables storyTextBox storyTextPipeline storyTextGlobal collapsedEntries",
}
"""Whatever holds a name, an address, an image or words of a person, or may do so."""

each_table = pytest.mark.parametrize("declared", ALL_TABLES, ids=lambda declared: declared.name)


def test_every_table_of_the_contract_is_there_once() -> None:
    assert [each.name for each in ALL_TABLES] == list(CONTRACT)
    assert set(PROPERTIES) == set(CONTRACT)
    assert all(table(each.name) is each for each in ALL_TABLES)


@each_table
def test_keys_and_endpoints_keep_the_contract(declared: Table) -> None:
    assert (declared.primary_key, declared.endpoint, declared.parent_column) == CONTRACT[declared.name]


@each_table
def test_every_known_property_is_a_column(declared: Table) -> None:
    known = set(PROPERTIES[declared.name].split())
    columns = {column.api_name for column in declared.columns if not column.derived}
    # A child may be given its parent's key even though Streak doesn't send it (stages, fields).
    from_parent = {declared.by_name[declared.parent_column].api_name} if declared.parent_column else set()
    assert known <= columns
    assert columns <= known | from_parent


@each_table
def test_no_secret_is_a_column(declared: Table) -> None:
    assert not SECRETS & set(chain.from_iterable((c.api_name, *c.aliases) for c in declared.columns))


@each_table
def test_parents_come_first_and_their_keys_are_found(declared: Table) -> None:
    assert (declared.parent is None) == (declared.parent_column is None)
    names = [each.name for each in ALL_TABLES]
    for each in declared.lists:
        if each.endpoint is not None:
            assert ("{parent}" in each.endpoint.path) == (each.parent is not None)
    for parent, column in zip(declared.parents, declared.parent_columns, strict=True):
        assert names.index(parent.name) < names.index(declared.name)
        assert declared.by_name[column].references == f"{parent.name}.key"


def test_webhooks_are_listed_by_pipelines_and_by_teams() -> None:
    by_team = FurtherList(Endpoint("v2/teams/{parent}/webhooks"), TEAMS, "team_key")
    assert {each.name: each.also for each in ALL_TABLES if each.also} == {"webhooks": (by_team,)}


def test_these_lists_may_be_missing() -> None:
    assert [each.name for each in ALL_TABLES if each.optional] == ["users", "webhooks", "newsfeed"]


def test_the_newsfeed_shows_the_newest_fifty_and_accumulates() -> None:
    windows = {each.name: each.window for each in ALL_TABLES if each.window}
    assert windows == {"newsfeed": Window(50, "timestamp")}


@each_table
def test_the_primary_key_comes_first_and_is_text(declared: Table) -> None:
    first = [column.name for column in declared.columns[: len(declared.primary_key)]]
    assert first == list(declared.primary_key)
    kinds = {declared.by_name[name].type for name in first if name != "position"}
    assert kinds == {ColumnType.TEXT}


@each_table
def test_the_newest_of_two_versions_is_found_by_time(declared: Table) -> None:
    assert {declared.by_name[name].type for name in declared.latest_by} <= {ColumnType.TIMESTAMP}


@each_table
def test_a_preview_is_short_and_shows_nothing_personal(declared: Table) -> None:
    assert 4 <= len(declared.preview) <= 8
    assert [name for name in declared.preview if declared.by_name[name].personal] == []
    assert set(declared.primary_key) <= set(declared.preview)


@each_table
def test_a_group_is_a_plain_dagster_name(declared: Table) -> None:
    assert re.fullmatch(r"[a-z][a-z_]{2,20}", declared.group)


@each_table
def test_the_description_of_a_table_has_a_line_and_a_paragraph(declared: Table) -> None:
    line, _, paragraph = declared.description.partition("\n\n")
    assert "\n" not in line
    assert len(line) < 110
    assert len(paragraph) > 60
    assert line.endswith(".")
    assert paragraph.endswith(".")


@each_table
def test_descriptions_are_sentences_that_say_more_than_the_name(declared: Table) -> None:
    for column in declared.columns:
        told = column.description
        assert re.fullmatch(r"[A-Z]\S*( \S+)+\.", told), column.name
        more = set(re.findall(r"[a-z]+", told.lower())) - set(column.name.split("_"))
        assert len(more) >= 3, f"{column.name} only repeats its name"


@each_table
def test_no_two_columns_of_a_table_have_one_description(declared: Table) -> None:
    descriptions = [column.description for column in declared.columns]
    assert len(set(descriptions)) == len(descriptions)


@each_table
def test_personal_data_is_marked(declared: Table) -> None:
    marked = {column.api_name for column in declared.columns if column.personal}
    assert marked == set(PERSONAL.get(declared.name, "").split())


@each_table
def test_a_foreign_key_names_a_key_that_exists(declared: Table) -> None:
    for column in declared.columns:
        if column.references is not None:
            name, _, key = column.references.partition(".")
            assert key == "key", column.name
            assert name in CONTRACT, column.name


@each_table
def test_times_are_timestamps_and_durations_name_their_unit(declared: Table) -> None:
    for column in declared.columns:
        is_time = re.search(r"(Timestamp|Date|Ts|TrialStart)$|^timestamp$", column.api_name) is not None
        assert is_time == (column.type is ColumnType.TIMESTAMP), column.name
        if "uration" in column.api_name:
            assert column.type is ColumnType.INTEGER
            assert "in milliseconds" in column.description


def test_only_these_columns_move_by_the_clock() -> None:
    marked = {(each.name, c.api_name) for each in ALL_TABLES for c in each.columns if c.volatile}
    of_boxes = {("pipeline_boxes", name) for name in CLOCK_DRIVEN}
    assert marked == {*of_boxes, ("box_stage_history", "timeInStageMs")}
    inside = {c.name: c.volatile_members for c in PIPELINE_BOXES.columns if c.volatile_members}
    assert inside == {"stage_history_entries": ("timeInStageMs",)}


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("users", "userKey"),
        ("pipelines", "pipelineKey"),
        ("pipeline_boxes", "boxKey"),
        ("box_comments", "commentKey"),
        ("box_threads", "gmailThreadKey"),
        ("box_files", "fileKey"),
        ("snippets", "snippetKey"),
        ("newsfeed", "newsfeedItemKey"),
    ],
)
def test_either_key_fills_the_other(name: str, twin: str) -> None:
    by_property = {column.api_name: column for column in table(name).columns}
    assert by_property["key"].aliases == (twin,)
    assert by_property[twin].aliases == ("key",)


@pytest.mark.parametrize("name", ["users", "contacts", "organizations"])
def test_what_others_may_name_though_no_list_shows_it_says_why(name: str) -> None:
    """What was deleted stays in boxes for a while, and people outside the teams work in shared pipelines."""
    assert table(name).named_beyond_it


def test_a_user_may_be_in_several_teams() -> None:
    assert [each.name for each in ALL_TABLES if each.in_several_lists] == ["users"]


def test_a_thread_belongs_to_the_box_that_lists_it() -> None:
    assert [each.name for each in ALL_TABLES if each.parent_wins] == ["box_threads"]


def test_the_text_of_a_snippet_is_taken_out_of_its_object() -> None:
    assert SNIPPETS.by_name["snippet_text"].unwrap == "value"


def test_positions_and_what_a_value_reads_as_are_the_only_derived_columns() -> None:
    derived = {
        f"{each.name}.{column.name}" for each in ALL_TABLES for column in each.columns if column.derived
    }
    reads = "pipeline_key field_name field_type value_text value_number value_timestamp value_boolean"
    assert derived == {
        *(f"{name}.position" for name in ("pipeline_stages", "pipeline_fields", "box_stage_history")),
        *(f"box_field_values.{name}" for name in (*reads.split(), "value_labels")),
    }
