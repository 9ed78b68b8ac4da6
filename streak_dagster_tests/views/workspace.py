"""A workspace made by hand: five boxes in two pipelines, and what happened on them.

Times are days and an hour before now, so that no count of complete days depends on when a test runs.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

NOW = datetime.now(timezone.utc)


def ago(days: float) -> datetime:
    """So many days and an hour before now; negative: so many days and an hour from now."""
    hour = timedelta(hours=1 if days > 0 else -1)
    return NOW - timedelta(days=days) - hour


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


TEAM = [
    {"team_key": "t", "user_key": "u1", "display_name": "Ada", "email": "ada@team.example", "role": "Owner"},
    {"team_key": "t", "user_key": "u2", "display_name": " ", "full_name": "Ben Berg", "role": "Member"},
    {"team_key": "t", "user_key": "u3", "email": "cleo@team.example", "role": "Member"},
]
BOXES: list[dict[str, Any]] = [
    {
        "key": "b1",
        "name": "Alpha",
        "pipeline_key": "p1",
        "stage_key": "5002",
        "creator_key": "u2",
        "creation_timestamp": ago(40),
        "last_stage_change_timestamp": ago(10),
        "last_updated_timestamp": ago(8),
        "task_incomplete_count": 2,
        "soonest_task_due_date": ago(2),
        "assigned_to_sharing_entries": [{"userKey": "u1", "displayName": "A."}, {"displayName": "Zoe"}],
    },
    {
        "key": "b2",
        "name": "Beta",
        "pipeline_key": "p1",
        "stage_key": "5003",
        "creation_timestamp": ago(30),
        "last_stage_change_timestamp": ago(5),
        "creator_sharing_entry": {"userKey": "gone", "fullName": "Old Hand"},
    },
    {
        "key": "b3",
        "name": "Gamma",
        "pipeline_key": "p1",
        "stage_key": "5004",
        "creation_timestamp": ago(100),
        "assigned_to_sharing_entries": {"a": 1},
        "most_recent_meeting_notes_timestamp": ago(-5),
    },
    {
        "key": "b4",
        "name": "Delta",
        "pipeline_key": "p2",
        "stage_key": "5002",
        "creation_timestamp": ago(7),
        "last_touchpoint_timestamp": ago(1),
        "comment_count": 9,
    },
    {
        "key": "b5",
        "name": "",
        "pipeline_key": "p2",
        "stage_key": "5001",
        "creation_timestamp": ago(60),
        "last_updated_timestamp": ago(33),
    },
]
TASKS: list[dict[str, Any]] = [
    {
        "key": "t1",
        "box_key": "b1",
        "text": "Call",
        "status": "NOT_DONE",
        "due_date": ago(2),
        "creator_key": "u2",
        "assigned_to_sharing_entries": [{"userKey": "u1"}],
        "assigned_to": [],
    },
    {
        "key": "t2",
        "box_key": "b1",
        "text": "Write",
        "status": "NOT_DONE",
        "due_date": ago(-3),
        "assigned_to": [{"userKey": "u3"}, {"userKey": "x", "displayName": "Yan"}],
        "assigned_to_sharing_entries": [],
        "creator": {"userKey": "x", "displayName": "Yan"},
    },
    {"key": "t3", "box_key": "b2", "text": "Some day", "status": "NOT_DONE"},
    {"key": "t4", "box_key": "b1", "text": "Draft", "status": "NOT_DONE", "is_draft": True},
    {
        "key": "t5",
        "box_key": "b2",
        "text": "Sent",
        "status": "DONE",
        "creator_key": "u3",
        "last_status_change_date": ago(2),
        "assigned_to": [{"userKey": "u1"}, {"userKey": "u2"}],
    },
]
THREAD = {
    "key": "th",
    "last_email_timestamp": ago(3),
    "number_of_emails": 2,
    "email_addresses": ["ada@team.example", "kim@client.example"],
    "sender_email_send_timestamp_pairs": [
        {"email": "Ada@team.example", "sendTimestamp": ms(ago(3))},
        {"email": "kim@client.example", "sendTimestamp": ms(ago(4))},
    ],
}
NOTES = {"meeting_type": "MEETING_NOTES", "creator_key": "u2"}
WORKSPACE: dict[str, list[dict[str, Any]]] = {
    "team_members": TEAM,
    "users": [
        {"key": "u1", "display_name": "other", "email": "other@team.example"},
        {"key": "u4", "display_name": "Dora"},
    ],
    "pipelines": [
        {"key": "p1", "name": "Sales", "acl_entries": [{"userKey": "u5", "email": "eve@x.example"}]}
    ],
    "pipeline_stages": [
        {"pipeline_key": "p1", "key": "5001", "name": "Lead", "position": 0},
        {"pipeline_key": "p1", "key": "5002", "name": "Quote", "position": 1},
        {"pipeline_key": "p1", "key": "5003", "name": "Won 🎉", "position": 2},
        {"pipeline_key": "p1", "key": "5004", "name": "VERLOREN", "position": 3},
        {"pipeline_key": "p2", "key": "5001", "name": "Won?", "position": 0},
        {"pipeline_key": "p2", "key": "5002", "name": "Parked", "position": 1},
    ],
    "stage_names": [
        {"pipeline_key": "p1", "stage_key": "5001", "name": "Old lead", "position": 7, "is_present": True},
        {"pipeline_key": "p1", "stage_key": "5009", "name": "Trial", "position": 1, "is_present": False},
    ],
    "pipeline_names": [{"pipeline_key": "p2", "name": "Support"}],
    "stage_outcomes": [
        {"pipeline": "support", "stage": " parked ", "outcome": "Lost"},
        {"stage": "Lead", "outcome": "sold"},
    ],
    "pipeline_boxes": BOXES,
    "box_tasks": TASKS,
    "box_comments": [{"key": "c1", "box_key": "b1", "creator_key": "u1", "timestamp": ago(5)}],
    "box_meetings": [
        {
            "key": "m1",
            "box_key": "b1",
            "meeting_type": "CALL_LOG",
            "creator_key": "u1",
            "start_timestamp": ago(6),
        },
        {**NOTES, "key": "m2", "box_key": "b3", "start_timestamp": ago(-5)},
        {**NOTES, "key": "m3", "box_key": "b3", "start_timestamp": ago(50)},
        {**NOTES, "key": "m4", "box_key": "b3", "start_timestamp": ago(20), "is_draft": True},
    ],
    "box_threads": [{**THREAD, "box_key": "b1"}, {**THREAD, "box_key": "b2"}],
    "box_stage_history": [
        {"box_key": "b1", "stage_key": "5001", "last_entry_to_stage_ts": ago(40), "time_in_stage_ms": 0},
        {"box_key": "b1", "stage_key": "5009", "last_entry_to_stage_ts": ago(20)},
        {"box_key": "b1", "stage_key": "5002", "last_entry_to_stage_ts": ago(10)},
        {
            "box_key": "b2",
            "stage_key": "5001",
            "last_entry_to_stage_ts": ago(30),
            "time_in_stage_ms": 12 * 86_400_000,
        },
        {"box_key": "deleted", "stage_key": "5001", "last_entry_to_stage_ts": ago(30)},
    ],
    "newsfeed": [
        {
            "key": "n1",
            "box_key": "b1",
            "pipeline_key": "p1",
            "creator_key": "u3",
            "timestamp": ago(10),
            "newsfeed_entry_specific": "EDIT_STAGE",
            "specific_variables": {"STAGE_KEY": "5002"},
        },
        {
            "key": "n2",
            "box_key": "b2",
            "pipeline_key": "p1",
            "creator_key": "u9",
            "timestamp": ago(15),
            "newsfeed_entry_specific": "EDIT_STAGE",
            "specific_variables": {"STAGE_KEY": "5002", "STORY_AUTHOR_DISPLAY_NAME": "Nia"},
        },
        {"key": "n3", "box_key": "b2", "newsfeed_entry_specific": "ADD_TASK", "timestamp": ago(15)},
    ],
    "contacts": [
        {
            "key": "k1",
            "given_name": "Kim",
            "family_name": "Lee",
            "email_addresses": ["Kim@Client.example", "kim@home.example"],
        },
        {"key": "k2", "given_name": "Lou"},
    ],
    "box_contacts": [
        {"box_key": "b1", "contact_key": "k1"},
        {"box_key": "b2", "contact_key": "k1"},
        {"box_key": "b3", "contact_key": "k2"},
        {"box_key": "b2", "contact_key": "k3"},
    ],
}
