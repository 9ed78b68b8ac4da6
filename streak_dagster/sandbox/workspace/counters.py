"""What a box says about its children and the clock, derived and never stored.

Counting the children when the box is asked for is what keeps counters and children in agreement, in the
generated workspace too. Units (duration in ms, percentage 0 to 100) follow the observed example payload.
"""

from __future__ import annotations

import math
from collections.abc import Set
from itertools import pairwise

from ..objects.types import DAY, Children, Json


def complete_box(
    own: Json, children: Children, *, now: int, team: Set[str], touch_updated: bool = False
) -> Json:
    """The canonical box: its own properties and everything derived.

    `team` holds the mail addresses of the team: mail from one of them was sent, other mail received.
    `touch_updated` lets children move `lastUpdatedTimestamp` too (API notes section 5: nobody knows).
    """
    box = {**own, **_QUIET}
    if children:
        box.update(_comments(children))
        box.update(_tasks(children, now))
        box.update(_meetings(children))
        box.update(_mail(children, team))
        box["fileCount"] = len(children.files)
    saved = max((_saved(child) for child in _all(children)), default=0)
    box["lastSavedTimestamp"] = max(own["lastSavedTimestamp"], saved)
    if touch_updated:
        box["lastUpdatedTimestamp"] = max(own["lastUpdatedTimestamp"], saved)
    box.update(_touch(box))
    box["freshness"] = _freshness(box, now)
    box["stageHistoryEntries"] = _stage_times(own["stageHistoryEntries"], now)
    return box


def _all(children: Children) -> list[Json]:
    return [*children.comments, *children.tasks, *children.meetings, *children.threads, *children.files]


def _saved(child: Json) -> int:
    saved: int = child["lastSavedTimestamp"]
    return saved


def _comments(children: Children) -> Json:
    comments = children.comments
    return {
        "commentCount": len(comments),
        "lastCommentTimestamp": max((comment["timestamp"] for comment in comments), default=None),
    }


def _tasks(children: Children, now: int) -> Json:
    tasks = children.tasks
    if not tasks:
        return {}
    open_tasks = [task for task in tasks if task["status"] == "NOT_DONE"]
    overdue = [task for task in open_tasks if task["dueDate"] is not None and task["dueDate"] < now]
    done = len(tasks) - len(open_tasks)
    everyone, waiting, late = _assignees(tasks), _assignees(open_tasks), _assignees(overdue)
    return {
        "taskTotal": len(tasks),
        "taskCompleteCount": done,
        "taskIncompleteCount": len(open_tasks),
        "taskOverdueCount": len(overdue),
        "taskPercentageComplete": 100 * done / len(tasks),
        "taskAssigneeKeySet": list(everyone),
        "incompleteTaskAssigneeKeySet": list(waiting),
        "overdueTaskAssigneeKeySet": list(late),
        "taskAssigneeSharingEntrySet": list(everyone.values()),
        "incompleteTaskAssigneeSharingEntrySet": list(waiting.values()),
        "overdueTaskAssigneeSharingEntrySet": list(late.values()),
        "earliestOverdueTaskDueDate": min((task["dueDate"] for task in overdue), default=None),
        "soonestTaskDueDate": min((task["dueDate"] for task in open_tasks if task["dueDate"]), default=None),
    }


def _assignees(tasks: list[Json]) -> dict[str, Json]:
    return {entry["userKey"]: entry for task in tasks for entry in task["assignedToSharingEntries"]}


def _meetings(children: Children) -> Json:
    derived: Json = {}
    for kind, count, total, suffix in (
        ("CALL_LOG", "callLogCount", "totalCallLogDuration", "CallLogTimestamp"),
        ("MEETING_NOTES", "meetingNotesCount", "totalMeetingNotesDuration", "MeetingNotesTimestamp"),
    ):
        found = [meeting for meeting in children.meetings if meeting["meetingType"] == kind]
        if found:
            starts = [meeting["startTimestamp"] for meeting in found]
            derived[count] = len(found)
            derived[total] = sum(meeting["duration"] or 0 for meeting in found)
            derived["first" + suffix] = min(starts)
            derived["mostRecent" + suffix] = max(starts)
    return derived


def _mail(children: Children, team: Set[str]) -> Json:
    mails = sorted(
        (pair["sendTimestamp"], pair["email"])
        for thread in children.threads
        for pair in thread["senderEmailSendTimestampPairs"]
    )
    if not mails:
        return {}
    sent = [at for at, sender in mails if sender in team]
    received = [at for at, sender in mails if sender not in team]
    viewed = sent[-1] if sent and received and received[-1] > sent[-1] else None
    return {
        "gmailThreadCount": len(children.threads),
        "totalNumberOfEmails": len(mails),
        "totalNumberOfSentEmails": len(sent),
        "totalNumberOfReceivedEmails": len(received),
        "totalNumberOfLastSentEmailViews": 1 if viewed else 0,
        "totalNumberOfSentEmailsViews": 1 if viewed else 0,
        "mostRecentLastSentEmailViewsTimestamp": viewed,
        "mostRecentSentEmailsViewsTimestamp": viewed,
        "firstEmailTimestamp": mails[0][0],
        "firstEmailFrom": mails[0][1],
        "lastEmailFrom": mails[-1][1],
        "lastEmailUpdatedTimestamp": mails[-1][0],
        "firstEmailSentTimestamp": sent[0] if sent else None,
        "lastEmailSentTimestamp": sent[-1] if sent else None,
        "firstEmailReceivedTimestamp": received[0] if received else None,
        "lastEmailReceivedTimestamp": received[-1] if received else None,
    }


def _touch(box: Json) -> Json:
    touches = [
        (box[name], kind)
        for name, kind in (
            ("lastEmailUpdatedTimestamp", "EMAIL"),
            ("mostRecentCallLogTimestamp", "CALL_LOG"),
            ("mostRecentMeetingNotesTimestamp", "MEETING_NOTES"),
        )
        if box[name] is not None
    ]
    at, kind = max(touches, default=(None, None))
    return {"lastTouchpointTimestamp": at, "lastTouchpointType": kind}


def _freshness(box: Json, now: int) -> float:
    """Halves every fortnight since the last sign of life.

    The real formula is unknown; that it decays isn't.
    """
    last = max(box["lastSavedTimestamp"], box["lastTouchpointTimestamp"] or 0)
    return round(math.pow(0.5, max(0, now - last) / (14 * DAY)), 9)


def _stage_times(entries: list[Json], now: int) -> list[Json]:
    """Each entry with `timeInStageMs`; that of the present stage goes on with the clock."""
    stamps = [*(entry["lastEntryToStageTs"] for entry in entries), now]
    spans = [max(0, after - before) for before, after in pairwise(stamps)]
    return [{**entry, "timeInStageMs": span} for entry, span in zip(entries, spans, strict=True)]


_QUIET: Json = {
    "commentCount": 0,
    "lastCommentTimestamp": None,
    "taskTotal": 0,
    "taskCompleteCount": 0,
    "taskIncompleteCount": 0,
    "taskOverdueCount": 0,
    "taskPercentageComplete": None,
    "taskAssigneeKeySet": [],
    "incompleteTaskAssigneeKeySet": [],
    "overdueTaskAssigneeKeySet": [],
    "taskAssigneeSharingEntrySet": [],
    "incompleteTaskAssigneeSharingEntrySet": [],
    "overdueTaskAssigneeSharingEntrySet": [],
    "earliestOverdueTaskDueDate": None,
    "soonestTaskDueDate": None,
    "callLogCount": 0,
    "meetingNotesCount": 0,
    "totalCallLogDuration": 0,
    "totalMeetingNotesDuration": 0,
    "firstCallLogTimestamp": None,
    "mostRecentCallLogTimestamp": None,
    "firstMeetingNotesTimestamp": None,
    "mostRecentMeetingNotesTimestamp": None,
    "gmailThreadCount": 0,
    "fileCount": 0,
    "totalNumberOfEmails": 0,
    "totalNumberOfSentEmails": 0,
    "totalNumberOfReceivedEmails": 0,
    "totalNumberOfLastSentEmailViews": 0,
    "totalNumberOfSentEmailsViews": 0,
    "totalNumberOfLastSentEmailLinksClicks": 0,
    "mostRecentLastSentEmailViewsTimestamp": None,
    "mostRecentSentEmailsViewsTimestamp": None,
    "firstEmailTimestamp": None,
    "firstEmailFrom": None,
    "lastEmailFrom": None,
    "lastEmailUpdatedTimestamp": None,
    "firstEmailSentTimestamp": None,
    "lastEmailSentTimestamp": None,
    "firstEmailReceivedTimestamp": None,
    "lastEmailReceivedTimestamp": None,
}
"""The derived properties of a box without children."""
