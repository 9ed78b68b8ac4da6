"""Canonical comments, tasks, meetings, threads and files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .types import MINUTE, Json
from .users import sharing_entry, user_brief


def new_comment(
    key: str,
    box: Json,
    user: Json,
    at: int,
    message: str,
    *,
    mentions: Iterable[Json] = (),
    parent: str | None = None,
) -> Json:
    """A comment. A mentioned user's display name must stand in the message behind an @."""
    found = [
        {
            "userKey": each["key"],
            "offset": message.index("@" + each["displayName"]),
            "length": len(each["displayName"]) + 1,
        }
        for each in mentions
    ]
    return {
        "key": key,
        "commentKey": key,
        "boxKey": box["key"],
        "pipelineKey": box["pipelineKey"],
        "creatorKey": user["key"],
        "newsfeedEntryKey": key + "N",
        "timestamp": at,
        "message": message,
        "mentions": found or None,
        "parent": parent,
        "children": None,
        "reactionSummary": [],
        "lastSavedTimestamp": at,
    }


def new_reaction(emoji: str, users: Iterable[Json]) -> Json:
    """One entry of a comment's `reactionSummary`."""
    people = [user_brief(user) for user in users]
    return {"emoji": emoji, "count": len(people), "users": people}


def new_task(
    key: str,
    box: Json,
    user: Json,
    at: int,
    text: str,
    *,
    due: int | None = None,
    done: int | None = None,
    assigned: Iterable[Json] = (),
    reminder: str | None = None,
    actions: Sequence[Json] = (),
    meeting_key: str | None = None,
    draft: bool = False,
) -> Json:
    """A task in both observed shapes at once; `done` is the time when it was ticked off."""
    assigned = list(assigned)
    if reminder is None:
        reminder = "NONE" if due is None else "NOT_REMINDED_BECAUSE_TASK_DONE" if done else "SCHEDULED"
    return {
        "key": key,
        "boxKey": box["key"],
        "pipelineKey": box["pipelineKey"],
        "creatorKey": user["key"],
        "creator": user_brief(user),
        "assignedTo": [user_brief(each) for each in assigned],
        "creatorSharingEntry": sharing_entry(user),
        "assignedToSharingEntries": [sharing_entry(each) for each in assigned],
        "isDraft": draft,
        "creationDate": at,
        "lastStatusChangeDate": done or at,
        "lastSavedTimestamp": done or at,
        "dueDate": due,
        "sortOrder": f"{due or at:018d}{at % 10**12:012d}",
        "text": text,
        "actions": list(actions),
        "status": "DONE" if done else "NOT_DONE",
        "reminderStatus": reminder,
        "meetingKey": meeting_key,
    }


def new_meeting(
    key: str,
    box: Json,
    user: Json,
    start: int,
    notes: str,
    *,
    minutes: int | None,
    kind: str,
    draft: bool = False,
) -> Json:
    """A call log (`CALL_LOG`) or meeting notes (`MEETING_NOTES`), written down when it was over."""
    duration = None if minutes is None else minutes * MINUTE
    written = start + (duration or 0) + 5 * MINUTE
    return {
        "key": key,
        "boxKey": box["key"],
        "pipelineKey": box["pipelineKey"],
        "creatorKey": user["key"],
        "isDraft": draft,
        "taskKeys": [],
        "creationDate": written,
        "meetingType": kind,
        "startTimestamp": start,
        "duration": duration,
        "notes": notes,
        "lastSavedTimestamp": written,
    }


def new_thread(
    key: str,
    boxes: Sequence[Json],
    user: Json,
    subject: str,
    mails: Sequence[tuple[str, int]],
    *,
    people: Sequence[tuple[str, str]],
    gmail_id: str,
) -> Json:
    """A mail thread. `mails` is (sender's address, time), oldest first; `people` is (address, name)."""
    first, last = mails[0][1], mails[-1][1]
    return {
        "key": key,
        "gmailThreadKey": key,
        "boxKey": boxes[0]["key"],
        "boxKeys": [box["key"] for box in boxes],
        "pipelineKey": boxes[0]["pipelineKey"],
        "creatorKey": user["key"],
        "creationTimestamp": first,
        "lastUpdatedTimestamp": last,
        "lastSavedTimestamp": last,
        "lastEmailTimestamp": last,
        "lastEmailFrom": mails[-1][0],
        "subject": subject,
        "names": [name for _, name in people],
        "emailAddresses": [address for address, _ in people],
        "threadGmailId": gmail_id,
        "numberOfEmails": len(mails),
        "messageSentTimestamps": [at for _, at in mails],
        "senderEmailSendTimestampPairs": [{"email": sender, "sendTimestamp": at} for sender, at in mails],
        "fileKeys": [],
        "files": [],
        "isRequestingUserOwner": True,
        "doesRequestingUserHaveThread": True,
        "requestingUserThreadGmailId": gmail_id,
        "autoboxLinks": [],
        "unifiedMessageThreads": [{}],
        "sources": [
            {
                "userKey": user["key"],
                "messageId": f"<{gmail_id}@mail.example.com>",
                "threadId": gmail_id,
                "hasOauth": True,
                "visibility": "FULL",
                "gid": gmail_id,
            }
        ],
    }


def new_file(key: str, box: Json, owner: Json, at: int, *, name: str, mime: str, size: int) -> Json:
    """A file. It has no pipelineKey and its size is a string (API notes 3.12)."""
    return {
        "key": key,
        "fileKey": key,
        "boxKey": box["key"],
        "fileType": "GMAIL_API",
        "fileOwner": owner["email"],
        "creationTimestamp": at,
        "lastUpdatedTimestamp": at,
        "lastSavedTimestamp": at,
        "size": str(size),
        "mimeType": mime,
        "fileName": name,
        "mainFileName": name.rpartition(".")[0] or name,
        "isCurrentUserOwnerInDrive": False,
        "gmailAPIFileId": "ANGjdJ8" + key[-18:],
        "gmailMessageId": f"{at:x}"[-8:].rjust(16, "1"),
        "directUrl": None,
    }
