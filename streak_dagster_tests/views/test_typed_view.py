"""A pipeline's view: one row a box, names in place of keys, and a column of the right type for each field."""

from __future__ import annotations

import pytest

from streak_dagster.tables import PIPELINE_BOXES, PIPELINE_STAGES
from streak_dagster.views.formulas import settled
from streak_dagster.views.pipelines import STANDARD_COLUMNS
from streak_dagster.views.publish import refresh_views
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.views.handmade import columns, one, pipeline, put

NOON = 1_760_000_000_000
FIELDS = {
    "1001": ("Next step", "TEXT_INPUT"),
    "1002": ("Close date", "DATE"),
    "1003": ("Signed?", "CHECKBOX"),
    "1004": ("Source", "DROPDOWN"),
    "1005": ("Labels", "TAG"),
    "1006": ("Lead", "PERSON"),
    "1007": ("Weighted", "FORMULA"),
    "1008": ("Novelty", "HOLOGRAM"),
    "1009": ("Stage", "TEXT_INPUT"),
}


def box(session: Session, **more: object) -> None:
    put(
        session,
        PIPELINE_BOXES,
        **{"key": "b1", "pipeline_key": "p", "stage_key": "5001", "name": "Acme", **more},
    )


def value(session: Session, field: str, kind: str, sent: object, **decoded: object) -> None:
    put(
        session,
        "box_field_values",
        **{
            "box_key": "b1",
            "field_key": field,
            "pipeline_key": "p",
            "field_type": kind,
            "value": sent,
            **decoded,
        },
    )


def test_each_type_of_field_has_its_type_of_column(session: Session) -> None:
    pipeline(session, "p", "Sales", FIELDS)
    put(session, PIPELINE_STAGES, pipeline_key="p", key="5001", name="Lead", position=3)
    box(session)
    session.execute("SET TimeZone = 'America/New_York'")
    value(session, "1001", "TEXT_INPUT", "call", value_text="call")
    value(session, "1002", "DATE", NOON, value_text="x", value_timestamp="2025-10-09T08:53:20Z")
    value(session, "1003", "CHECKBOX", True, value_text="true", value_boolean=True)
    value(session, "1004", "DROPDOWN", "9001", value_text="Fair", value_labels=["Fair"])
    value(session, "1005", "TAG", ["1", "2"], value_text="a, b", value_labels=["a", "b"])
    value(session, "1006", "PERSON", ["u"], value_text="Ann, Bo", value_labels=["Ann", "Bo"])
    value(session, "1007", "FORMULA", 1.5, value_text="1.5", value_number=1.5)
    value(session, "1008", "HOLOGRAM", {"a": 1}, value_text=None)
    value(session, "1009", "TEXT_INPUT", "stage fright", value_text="stage fright")
    assert refresh_views(session) == []
    assert columns(session, "sales") == [
        *STANDARD_COLUMNS,
        *("next_step", "close_date", "signed", "source", "labels", "lead", "weighted", "novelty", "stage_2"),
    ]
    found = one(session, "sales")
    assert {name: found[name] for name in list(found)[len(STANDARD_COLUMNS) :]} == {
        "next_step": "call",
        "close_date": NOON,
        "signed": True,
        "source": "Fair",
        "labels": ["a", "b"],
        "lead": "Ann, Bo",
        "weighted": 1.5,
        "novelty": '{"a": 1}',
        "stage_2": "stage fright",
    }
    assert (found["stage"], found["stage_order"]) == ("Lead", 3)


def test_owners_are_called_as_the_team_calls_them_and_else_as_the_box_does(session: Session) -> None:
    session.execute(
        "CREATE TABLE streak.team_members AS SELECT * FROM (VALUES "
        "('t', 'u1', ' ', 'Ann Lee', 'a@x.example'), ('t', 'u2', 'Bo', NULL, NULL)) "
        "AS m(team_key, user_key, display_name, full_name, email)"
    )
    session.execute(
        "CREATE TABLE streak.users AS SELECT * FROM (VALUES ('u2', 'Bob', 'b@x.example'), "
        "('u3', NULL, 'cy@x.example')) AS u(key, display_name, email)"
    )
    pipeline(session, "p", "Sales")
    known = [{"userKey": f"u{number}", "displayName": "?"} for number in (3, 2, 1)]
    people = [*known, {"userKey": "u4", "email": "d@x"}, {}]
    box(session, assigned_to_sharing_entries=people)
    refresh_views(session)
    assert one(session, "sales")["owners"] == "cy@x.example, Bo, Ann Lee, d@x"


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/St_Johns"])
def test_days_in_stage_are_whole_days_whatever_the_time_zone(session: Session, zone: str) -> None:
    session.execute(f"SET TimeZone = '{zone}'")
    pipeline(session, "p", "Sales")
    box(session)
    days = "creation_timestamp = now() - to_hours(9 * 24), last_stage_change_timestamp = now() - to_hours(?)"
    refresh_views(session)
    for hours, whole in ((0, 0), (23, 0), (24, 1), (47, 1), (24 * 200, 200), (None, 9)):
        session.execute(f"UPDATE streak.pipeline_boxes SET {days}", [hours])
        assert one(session, "sales")["days_in_stage"] == whole


def test_last_touched_is_the_latest_of_what_the_box_tells_of(session: Session) -> None:
    pipeline(session, "p", "Sales")
    box(session, creation_timestamp="2025-01-01 00:00:00Z", last_comment_timestamp="2025-03-01 00:00:00Z")
    refresh_views(session)
    assert one(session, "sales")["last_touched"] == 1_740_787_200_000
    session.execute("UPDATE streak.pipeline_boxes SET last_touchpoint_timestamp = '2025-02-01 00:00:00Z'")
    assert one(session, "sales")["last_touched"] == 1_740_787_200_000
    session.execute(
        "UPDATE streak.pipeline_boxes SET most_recent_call_log_timestamp = '2999-01-01 00:00:00Z'"
    )
    assert one(session, "sales")["last_touched"] == 1_740_787_200_000  # noted down for later
    session.execute("UPDATE streak.pipeline_boxes SET last_touchpoint_timestamp = '2025-04-01 00:00:00Z'")
    assert one(session, "sales")["last_touched"] == 1_743_465_600_000


def test_a_box_without_counters_has_no_open_task_and_no_comment(session: Session) -> None:
    pipeline(session, "p", "Sales")
    box(session)
    refresh_views(session)
    found = one(session, "sales")
    assert (found["open_tasks"], found["comments"], found["owners"], found["stage"]) == (0, 0, None, "5001")


def test_a_column_that_is_not_copied_is_null_in_the_view(session: Session) -> None:
    pipeline(session, "p", "Sales")
    box(session, last_email_sent_timestamp="2025-01-01 00:00:00Z")
    session.execute("ALTER TABLE streak.pipeline_boxes DROP COLUMN last_email_sent_timestamp")
    assert refresh_views(session) == []
    assert one(session, "sales")["last_email"] is None


@pytest.mark.parametrize(
    ("before", "counts", "after"),
    [
        (None, (10, 10, 0, 0, 0), "DOUBLE"),
        (None, (10, 9, 0, 0, 0), "VARCHAR"),  # one that is no number would be hidden
        (None, (2, 0, 2, 0, 0), "TIMESTAMP WITH TIME ZONE"),
        (None, (2, 0, 0, 2, 0), "BOOLEAN"),
        (None, (1, 0, 0, 0, 1), "JSON"),
        ("DOUBLE", (10, 10, 0, 0, 0), "DOUBLE"),
        ("DOUBLE", (10, 9, 0, 0, 0), "VARCHAR"),
        ("VARCHAR", (10, 10, 0, 0, 0), "VARCHAR"),
    ],
)
def test_a_formula_has_a_type_only_as_long_as_all_of_its_values_are_of_it(
    before: str | None, counts: tuple[int, ...], after: str
) -> None:
    assert settled(before, counts) == after
