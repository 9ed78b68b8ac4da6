"""Tables that are taken out of other tables' rows, published from odd lists as from good ones."""

from __future__ import annotations

from typing import Any

import pytest

from streak_dagster.errors import PublishRefusedError
from streak_dagster.tables import (
    BOX_CONTACTS,
    BOX_ORGANIZATIONS,
    BOX_STAGE_HISTORY,
    CONTACT_FIELDS,
    ORGANIZATION_FIELDS,
    PIPELINE_BOXES,
    TEAM_MEMBERS,
    TEAMS,
    USERS,
    Table,
)
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.spools import publish_derived, publish_rows, query

LINKS = [(BOX_CONTACTS, "contacts", "contact_key"), (BOX_ORGANIZATIONS, "organizations", "organization_key")]
links = pytest.mark.parametrize(("table", "column", "key"), LINKS, ids=["contacts", "organizations"])


def boxes(database: Database, **columns: Any) -> None:
    """One box with these columns, and one that lists nothing."""
    rows = [{"key": "b", "pipeline_key": "p", **columns}, {"key": "bare", "pipeline_key": "p"}]
    publish_rows(database, PIPELINE_BOXES, rows)


def rows(database: Database, table: Table, columns: str) -> list[tuple[Any, ...]]:
    return query(database, f"SELECT {columns} FROM streak.{table.name} ORDER BY ALL")


@links
def test_a_link_that_a_box_lists_twice_is_one_row_and_no_change(
    database: Database, table: Table, column: str, key: str
) -> None:
    twice = [{"key": "c", "isStarred": True}, {"key": "d"}, {"key": "c", "isStarred": False}]
    boxes(database, **{column: twice})
    first = publish_derived(database, table)
    assert (first.rows, first.deduplicated) == (2, 1)
    boxes(database, **{column: twice[::-1]})
    again = publish_derived(database, table)
    assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)
    assert [found for (found,) in rows(database, table, key)] == ["c", "d"]


@links
def test_a_link_may_come_as_a_bare_key_or_an_object_by_key(
    database: Database, table: Table, column: str, key: str
) -> None:
    boxes(database, **{column: ["c", {"key": "d", "isAutoboxed": 1, "since": "x"}]})
    assert publish_derived(database, table).rows == 2
    found = rows(database, table, f"box_key, {key}, is_autoboxed, _extra")
    assert found == [("b", "c", None, None), ("b", "d", True, '{"since":"x"}')]
    boxes(database, **{column: {"c": {"isStarred": True}}})
    publish_derived(database, table)
    assert rows(database, table, f"{key}, is_starred") == [("c", True)]


@links
def test_one_link_without_a_key_keeps_no_other_one_away(
    database: Database, table: Table, column: str, key: str
) -> None:
    boxes(database, **{column: [{"isStarred": True}, {"key": "c"}]})
    published = publish_derived(database, table)
    assert (published.rows, published.without_key) == (1, 1)
    boxes(database, **{column: [{"isStarred": True}]})
    with pytest.raises(PublishRefusedError, match=f"came without box_key or {key}"):
        publish_derived(database, table)


def test_the_history_keeps_every_entry_of_whatever_shape_in_the_order_sent(database: Database) -> None:
    entries = [
        {"stageKey": "5001", "lastEntryToStageTs": 1_700_000_000_000, "timeInStageMs": 10},
        "5002",
        {"strange": 1},
        ["5003", 7],
        {"stageKey": "5001", "timeInStageMs": "20"},
    ]
    boxes(database, stage_history_entries=entries)
    assert publish_derived(database, BOX_STAGE_HISTORY).rows == 5
    found = rows(database, BOX_STAGE_HISTORY, "position, stage_key, time_in_stage_ms, _extra")
    assert found == [
        (0, "5001", 10, None),
        (1, "5002", None, None),
        (2, None, None, '{"strange":1}'),
        (3, None, None, '{"stageKey":["5003",7]}'),
        (4, "5001", 20, None),
    ]


def test_time_that_goes_by_in_a_stage_is_no_change(database: Database) -> None:
    entry = {"stageKey": "5001", "lastEntryToStageTs": 1_700_000_000_000}
    boxes(database, stage_history_entries=[{**entry, "timeInStageMs": 10}])
    publish_derived(database, BOX_STAGE_HISTORY)
    boxes(database, stage_history_entries=[{**entry, "timeInStageMs": 20}])
    assert publish_derived(database, BOX_STAGE_HISTORY).updated == 0
    assert rows(database, BOX_STAGE_HISTORY, "time_in_stage_ms") == [(20,)]
    boxes(database, stage_history_entries=[{**entry, "timeInStageMs": 21}, {"stageKey": "5002"}])
    moved = publish_derived(database, BOX_STAGE_HISTORY)
    assert (moved.inserted, moved.updated, moved.deleted) == (1, 0, 0)


@pytest.mark.parametrize(("sent", "kept"), [("Existence", "Existence"), (True, "true"), (False, "false")])
def test_a_member_shares_e_mail_by_a_word_or_a_yes(database: Database, sent: Any, kept: str) -> None:
    members = [{"userKey": "u", "role": "Owner", "emailSharing": sent}, {"userKey": "v", "key": "m"}]
    publish_rows(database, TEAMS, [{"key": "t", "members": members}])
    assert publish_derived(database, TEAM_MEMBERS).rows == 2
    found = rows(database, TEAM_MEMBERS, "team_key, user_key, email_sharing, _extra")
    assert found == [("t", "u", kept, None), ("t", "v", None, '{"key":"m"}')]


FIELDS = [(CONTACT_FIELDS, "contact_settings"), (ORGANIZATION_FIELDS, "organization_settings")]


@pytest.mark.parametrize(("table", "column"), FIELDS, ids=["contacts", "organizations"])
def test_the_fields_of_a_team_are_rows_of_their_own(database: Database, table: Table, column: str) -> None:
    fields = {
        "1001": {"key": "1001", "name": "Region", "type": "DROPDOWN", "dropdownSettings": {"items": []}},
        "1002": {"name": "Tags", "type": "TAG", "since": 1},
    }
    publish_rows(database, TEAMS, [{"key": "t", column: {"fields": fields}}, {"key": "u", column: {}}])
    assert publish_derived(database, table).rows == 2
    found = rows(database, table, "team_key, key, name, dropdown_settings, _extra")
    assert found == [
        ("t", "1001", "Region", '{"items":[]}', None),
        ("t", "1002", "Tags", None, '{"since":1}'),
    ]


def test_a_user_of_two_teams_is_one_row_that_stays_the_same(database: Database) -> None:
    """Whichever team answered first, and whichever version is the newer one."""
    old = {"key": "u", "team_key": "a", "display_name": "Old", "last_saved_timestamp": 1_000}
    new = {"key": "u", "team_key": "b", "display_name": "New", "last_saved_timestamp": 2_000}
    other = {"key": "v", "team_key": "b"}
    published = publish_rows(database, USERS, [old, {**new, "_synced_at": 5}, other])
    assert (published.rows, published.deduplicated) == (2, 1)
    assert rows(database, USERS, "key, team_key, display_name") == [("u", "a", "New"), ("v", "b", None)]
    again = publish_rows(database, USERS, [other, new, {**new, "team_key": "a", "_synced_at": 9}])
    assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)
