"""The to-do items on boxes."""

from __future__ import annotations

from .columns import flag, nested, text, timestamp
from .model import Endpoint, Kind, Paging, Table
from .pipeline_boxes import PIPELINE_BOXES

BOX_TASKS = Table(
    name="box_tasks",
    description=(
        "The tasks on boxes, open and done, one row a task.\n\n"
        "Read page by page for each box, so tasks that are assigned to nobody are included. Streak sends "
        "people in one of two forms: creator and assigned_to, or creator_sharing_entry and "
        "assigned_to_sharing_entries. Both are columns, and the form that didn't come is NULL. Whether a "
        "task is overdue is not stored: compare due_date with the clock."
    ),
    primary_key=("key",),
    group="boxes",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v2/boxes/{parent}/tasks", Paging.NUMBERED),
    parent=PIPELINE_BOXES,
    parent_column="box_key",
    latest_by=("last_saved_timestamp", "last_status_change_date"),
    called=(("text",),),
    preview=("key", "box_key", "status", "reminder_status", "due_date", "last_status_change_date"),
    counters=("task_total",),
    change_columns=(
        "task_complete_count",
        "task_incomplete_count",
        "task_percentage_complete",
        "soonest_task_due_date",
        "task_assignee_key_set",
        "incomplete_task_assignee_key_set",
    ),
    columns=(
        text("key", "Streak's key of the task, an opaque text.", aliases=("taskKey",)),
        text("boxKey", "Key of the box that the task belongs to.", references="pipeline_boxes.key"),
        text("pipelineKey", "Key of the pipeline that the box is in.", references="pipelines.key"),
        text("creatorKey", "Key of the user who made the task.", references="users.key"),
        text(
            "meetingKey",
            "Key of the meeting or call that the task came out of; otherwise NULL.",
            references="box_meetings.key",
        ),
        text("text", "What has to be done, in the words of the user.", personal=True),
        text("status", "Whether the task is open or closed: NOT_DONE or DONE."),
        text(
            "reminderStatus",
            "State of the reminder: NONE, SCHEDULED, REMINDED, ERROR_ON_REMINDER or "
            "NOT_REMINDED_BECAUSE_TASK_DONE.",
        ),
        flag("isDraft", "Whether the task is still a draft."),
        timestamp("dueDate", "When the task is due; NULL when it has no due date."),
        timestamp("creationDate", "When the task was made."),
        timestamp("lastStatusChangeDate", "When the task was last marked as done or as open again."),
        timestamp("lastSavedTimestamp", "When Streak last wrote the task to its database, for any reason."),
        nested(
            "assignedTo",
            "List of the people who have to do the task: user key, names, e-mail address and avatar.",
            personal=True,
            shape="[{userKey, email?, displayName?, fullName?, givenName?, avatarUrl?}]",
        ),
        nested(
            "creator",
            "The person who made the task: user key, names, e-mail address and avatar.",
            personal=True,
            shape="{userKey, email?, displayName?, fullName?, givenName?, avatarUrl?}",
        ),
        nested(
            "assignedToSharingEntries",
            "List of the people who have to do the task, in the other form that Streak uses: user key, "
            "names, e-mail address and image.",
            personal=True,
            shape="[{userKey, displayName, fullName?, email, image}]",
        ),
        nested(
            "creatorSharingEntry",
            "The person who made the task, in the other form that Streak uses: user key, names, e-mail "
            "address and image.",
            personal=True,
            shape="{userKey, displayName, fullName?, email, image}",
        ),
        nested(
            "actions",
            "List of the steps attached to the task, each of type EMAIL, SCHEDULE, CALL or FOLLOW_UP with "
            "its value and the contact that it concerns.",
            personal=True,
            shape="[{type, value, contact: {<as a contact>}}]",
        ),
        text(
            "sortOrder",
            "Number of 30 digits by which Streak orders the tasks in its agenda; text, because it is too "
            "long for a number.",
        ),
    ),
)
