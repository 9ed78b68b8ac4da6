"""What a box says about its children and the clock, derived and never stored.

Counting the children whenever the box is read is what keeps counters and children in agreement, in the
generated workspace too. Units (duration in ms, percentage 0 to 100) follow the observed example payload.
"""

from __future__ import annotations

import math
from collections.abc import Set
from itertools import pairwise

from ..objects.types import DAY, NO_CHILDREN, Children, Json


def complete_box(
    stored: Json, children: Children, *, now: int, team: Set[str], touch_updated: bool = False
) -> Json:
    """The canonical box: its own properties and everything derived.

    `team` holds the mail addresses of the team: mail from one of them was sent, other mail received.
    `touch_updated` lets children move `lastUpdatedTimestamp` too (API notes section 5: nobody knows).
    """
    box = {**stored, **(_derived(children, now, team) if children else _WITHOUT_CHILDREN)}
    saved = max((_saved(child) for child in _all(children)), default=0)
    box["lastSavedTimestamp"] = max(stored["lastSavedTimestamp"], saved)
    if touch_updated:
        box["lastUpdatedTimestamp"] = max(stored["lastUpdatedTimestamp"], saved)
    box.update(_last_touchpoint(box))
    box["freshness"] = _freshness(box, now)
    box["stageHistoryEntries"] = _stage_times(stored["stageHistoryEntries"], now)
    return box


def _derived(children: Children, now: int, team: Set[str]) -> Json:
    return {
        "commentCount": len(children.comments),
        "lastCommentTimestamp": max((comment["timestamp"] for comment in children.comments), default=None),
        **_tasks(children.tasks, now),
        **_meetings(children.meetings, "CALL_LOG", "CallLog"),
        **_meetings(children.meetings, "MEETING_NOTES", "MeetingNotes"),
        **_mail(children.threads, team),
        "fileCount": len(children.files),
    }


def _all(children: Children) -> list[Json]:
    return [*children.comments, *children.tasks, *children.meetings, *children.threads, *children.files]


def _saved(child: Json) -> int:
    saved: int = child["lastSavedTimestamp"]
    return saved


def _tasks(tasks: list[Json], now: int) -> Json:
    open_tasks = [task for task in tasks if task["status"] == "NOT_DONE"]
    overdue = [task for task in open_tasks if task["dueDate"] is not None and task["dueDate"] < now]
    done = len(tasks) - len(open_tasks)
    everyone, waiting, late = _assignees(tasks), _assignees(open_tasks), _assignees(overdue)
    return {
        "taskTotal": len(tasks),
        "taskCompleteCount": done,
        "taskIncompleteCount": len(open_tasks),
        "taskOverdueCount": len(overdue),
        "taskPercentageComplete": 100 * done / len(tasks) if tasks else None,
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


def _meetings(meetings: list[Json], kind: str, name: str) -> Json:
    """The properties of one kind of meetings, which all have its name in theirs."""
    found = [meeting for meeting in meetings if meeting["meetingType"] == kind]
    starts = [meeting["startTimestamp"] for meeting in found]
    return {
        f"{name[0].lower()}{name[1:]}Count": len(found),
        f"total{name}Duration": sum(meeting["duration"] or 0 for meeting in found),
        f"first{name}Timestamp": min(starts, default=None),
        f"mostRecent{name}Timestamp": max(starts, default=None),
    }


def _mail(threads: list[Json], team: Set[str]) -> Json:
    mails = sorted(
        (pair["sendTimestamp"], pair["email"])
        for thread in threads
        for pair in thread["senderEmailSendTimestampPairs"]
    )
    sent = [at for at, sender in mails if sender in team]
    received = [at for at, sender in mails if sender not in team]
    viewed = sent[-1] if sent and received and received[-1] > sent[-1] else None
    return {
        "gmailThreadCount": len(threads),
        "totalNumberOfEmails": len(mails),
        "totalNumberOfSentEmails": len(sent),
        "totalNumberOfReceivedEmails": len(received),
        "totalNumberOfLastSentEmailViews": 1 if viewed else 0,
        "totalNumberOfSentEmailsViews": 1 if viewed else 0,
        "totalNumberOfLastSentEmailLinksClicks": 0,
        "mostRecentLastSentEmailViewsTimestamp": viewed,
        "mostRecentSentEmailsViewsTimestamp": viewed,
        "firstEmailTimestamp": mails[0][0] if mails else None,
        "firstEmailFrom": mails[0][1] if mails else None,
        "lastEmailFrom": mails[-1][1] if mails else None,
        "lastEmailUpdatedTimestamp": mails[-1][0] if mails else None,
        "firstEmailSentTimestamp": sent[0] if sent else None,
        "lastEmailSentTimestamp": sent[-1] if sent else None,
        "firstEmailReceivedTimestamp": received[0] if received else None,
        "lastEmailReceivedTimestamp": received[-1] if received else None,
    }


def _last_touchpoint(box: Json) -> Json:
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


_WITHOUT_CHILDREN = _derived(NO_CHILDREN, 0, frozenset())
"""Worked out once, as most boxes have none."""
