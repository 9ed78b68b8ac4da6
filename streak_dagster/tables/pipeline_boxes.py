"""Boxes: the deals, candidates or cases that move through the stages of a pipeline."""

from __future__ import annotations

from .columns import integer, nested, number, text, timestamp
from .model import Endpoint, Kind, Paging, Row, Table
from .pipelines import PIPELINES

_WHAT = (
    text("key", "Streak's key of the box, an opaque text; boxes are joined by it.", aliases=("boxKey",)),
    text("pipelineKey", "Key of the pipeline that the box is in now.", references="pipelines.key"),
    text(
        "stageKey",
        "Key of the stage that the box is in now; unique only together with pipeline_key.",
        references="pipeline_stages.key",
    ),
    text("name", "What the box is called: often a company, a deal or a person.", personal=True),
    text("notes", "Free text that users keep with the box.", personal=True),
    text("creatorKey", "Key of the user who created the box.", references="users.key"),
    text("creationSourceType", "What created the box, for example HUMAN; seen in newer answers only."),
    text("lastTouchpointType", "Kind of the latest touchpoint; Streak doesn't document the values."),
    text("firstEmailFrom", "E-mail address that sent the first e-mail of the box.", personal=True),
    text("lastEmailFrom", "E-mail address that sent the latest e-mail of the box.", personal=True),
)

_TIMES = (
    timestamp("creationTimestamp", "When the box was created."),
    timestamp(
        "lastUpdatedTimestamp",
        "When somebody last edited the box; whether a new comment, task or e-mail counts isn't documented.",
    ),
    timestamp("lastSavedTimestamp", "When Streak last wrote the box to its database, for any reason."),
    timestamp("lastStageChangeTimestamp", "When the box last moved to another stage."),
    timestamp("lastCommentTimestamp", "When the latest comment was written."),
    timestamp(
        "lastTouchpointTimestamp",
        "When the team was last in touch with the people of the box, by whatever means Streak counts.",
    ),
    timestamp("soonestTaskDueDate", "Earliest due date among the open tasks, presumably."),
    timestamp(
        "earliestOverdueTaskDueDate",
        "Earliest due date among the overdue tasks; NULL when none is overdue.",
        volatile=True,
    ),
    timestamp("firstCallLogTimestamp", "When the first logged call took place."),
    timestamp("mostRecentCallLogTimestamp", "When the latest logged call took place."),
    timestamp("firstMeetingNotesTimestamp", "When the first meeting with notes took place."),
    timestamp("mostRecentMeetingNotesTimestamp", "When the latest meeting with notes took place."),
    timestamp("firstEmailTimestamp", "When the first e-mail of the box was sent or received."),
    timestamp("firstEmailSentTimestamp", "When the team sent its first e-mail of the box."),
    timestamp("lastEmailSentTimestamp", "When the team sent its latest e-mail of the box."),
    timestamp("firstEmailReceivedTimestamp", "When the team received the first e-mail of the box."),
    timestamp("lastEmailReceivedTimestamp", "When the team received the latest e-mail of the box."),
    timestamp(
        "lastEmailUpdatedTimestamp",
        "When the e-mails of the box last changed, presumably by one more being sent or received.",
    ),
    timestamp(
        "mostRecentLastSentEmailViewsTimestamp",
        "When the latest e-mail that the team sent was last opened, as far as tracking tells.",
    ),
    timestamp(
        "mostRecentSentEmailsViewsTimestamp",
        "When any e-mail that the team sent was last opened, as far as tracking tells.",
    ),
)

_COUNTERS = (
    integer("commentCount", "Number of comments on the box."),
    integer("taskTotal", "Number of tasks on the box, open and done."),
    integer("taskCompleteCount", "Number of tasks that are done."),
    integer("taskIncompleteCount", "Number of tasks that are still open."),
    integer("taskOverdueCount", "Number of open tasks whose due date has passed.", volatile=True),
    number(
        "taskPercentageComplete",
        "Share of the tasks that are done; whether of 1 or of 100 isn't documented. NULL on some boxes, "
        "presumably those without tasks.",
    ),
    integer("callLogCount", "Number of calls logged on the box."),
    integer("totalCallLogDuration", "How long all logged calls took together, presumably in milliseconds."),
    integer("meetingNotesCount", "Number of meetings with notes on the box."),
    integer(
        "totalMeetingNotesDuration",
        "How long all meetings with notes took together, presumably in milliseconds.",
    ),
    integer("gmailThreadCount", "Number of e-mail threads filed in the box."),
    integer("fileCount", "Number of files attached to the box."),
    integer("followerCount", "Number of users who follow the box."),
    integer("totalNumberOfEmails", "Number of e-mails in all threads of the box."),
    integer("totalNumberOfSentEmails", "Number of those e-mails that the team sent."),
    integer("totalNumberOfReceivedEmails", "Number of those e-mails that the team received."),
    integer(
        "totalNumberOfSentEmailsViews",
        "How often the e-mails that the team sent were opened, in total.",
    ),
    integer("totalNumberOfLastSentEmailViews", "How often the latest e-mail that the team sent was opened."),
    integer(
        "totalNumberOfLastSentEmailLinksClicks",
        "How often links in the latest e-mail that the team sent were clicked; seen in newer answers only.",
    ),
    number(
        "freshness",
        "How recently something happened on the box, as a number that falls as time passes; its scale isn't "
        "documented.",
        volatile=True,
    ),
)

_LISTS = (
    nested(
        "fields",
        "Values of the custom fields under their field keys; a field that isn't set has no entry. "
        "pipeline_fields says what each key means.",
        personal=True,
        defined_by="fields",
        shape=(
            '{<field key>: value}: text, number or boolean; DATE: ms; DROPDOWN: "<option key>"; '
            "TAG: [<tag key>]; others are not documented"
        ),
    ),
    nested(
        "assignedToSharingEntries",
        "List of the people to whom the box is assigned: user key, names, e-mail address and image.",
        personal=True,
        shape="[{userKey, displayName, fullName?, email, image}]",
    ),
    nested(
        "stageHistoryEntries",
        "List of the stages that the box has been in: stage key, when it last entered (lastEntryToStageTs) "
        "and how long it was there (timeInStageMs), both in milliseconds. The time spent may grow with the "
        "clock and is no change.",
        volatile_members=("timeInStageMs",),
        shape="[{stageKey, lastEntryToStageTs: ms, timeInStageMs: milliseconds}]",
    ),
    nested(
        "contacts",
        "List of the contacts linked to the box: contact key, whether starred, and whether Streak linked it "
        "on its own (autoboxed); some answers add who, when and from what.",
        shape=(
            "[{key: <contact key>, isStarred, isAutoboxed, autoboxerKey?, autoboxingTimestamp?: "
            "ms, autoboxingSource?}]"
        ),
    ),
    nested(
        "organizations",
        "List of the organizations linked to the box: organization key, whether starred, and whether Streak "
        "linked it on its own (autoboxed).",
        shape="[{key: <organization key>, isStarred, isAutoboxed}]",
    ),
    nested(
        "linkedBoxKeys", "List of the keys of other boxes that users linked to this one.", shape="[<box key>]"
    ),
    nested(
        "emailAddresses",
        "List of the e-mail addresses that belong to the box.",
        personal=True,
        shape="[<address>]",
    ),
    nested(
        "emailAddressesAutoExtracted",
        "List of the e-mail addresses that Streak found in the box's e-mails.",
        personal=True,
        shape="[<address>]",
    ),
    nested(
        "emailAddressesBlacklist",
        "List of the e-mail addresses that are kept out of the box, presumably at a user's wish.",
        personal=True,
        shape="[<address>]",
    ),
    nested("followerKeys", "List of the keys of the users who follow the box.", shape="[<user key>]"),
    nested(
        "followerSharingEntries",
        "List of the people who follow the box: user key, names, e-mail address and image.",
        personal=True,
        shape="[{userKey, displayName, fullName?, email, image}]",
    ),
    nested(
        "creatorSharingEntry",
        "The person who created the box: user key, names, e-mail address and image.",
        personal=True,
        shape="{userKey, displayName, fullName?, email, image}",
    ),
    nested(
        "taskAssigneeKeySet",
        "List of the keys of the users who have any task on the box.",
        shape="[<user key>]",
    ),
    nested(
        "taskAssigneeSharingEntrySet",
        "The people who have any task on the box: user key, names, e-mail address and image.",
        personal=True,
        shape="[{userKey, displayName, fullName?, email, image}]",
    ),
    nested(
        "incompleteTaskAssigneeKeySet",
        "List of the keys of the users who have an open task on the box.",
        shape="[<user key>]",
    ),
    nested(
        "incompleteTaskAssigneeSharingEntrySet",
        "The people who have an open task on the box: user key, names, e-mail address and image.",
        personal=True,
        shape="[{userKey, displayName, fullName?, email, image}]",
    ),
    nested(
        "overdueTaskAssigneeKeySet",
        "List of the keys of the users who have an overdue task on the box.",
        volatile=True,
        shape="[<user key>]",
    ),
    nested(
        "overdueTaskAssigneeSharingEntrySet",
        "The people who have an overdue task on the box: user key, names, e-mail address and image.",
        volatile=True,
        personal=True,
        shape="[{userKey, displayName, fullName?, email, image}]",
    ),
    nested(
        "fieldsAutofillStatus",
        "State of the custom fields that Streak fills in on its own, under their field keys, presumably; "
        "its members aren't documented, so it is treated as personal.",
        personal=True,
        shape="{<not documented>}",
    ),
    nested(
        "violations",
        "List of rules that the box breaks, presumably; its members aren't documented, so it is treated as "
        "personal.",
        personal=True,
        shape="[<not documented>]",
    ),
)

_OLD_OR_DOUBLE = (
    text(
        "boxKey",
        "The same value as key, under the name that Streak's version 1 also gives it.",
        aliases=("key",),
    ),
    nested(
        "emailAddressesWhitelist",
        "List of the e-mail addresses that always belong to the box, presumably; older answers only.",
        personal=True,
        shape="[<address>]",
    ),
    integer(
        "reminderCount",
        "Number of reminders on the box, presumably what Streak now calls tasks; older answers only.",
    ),
)

PIPELINE_BOXES = Table(
    name="pipeline_boxes",
    description=(
        "The boxes of every pipeline: deals, candidates, cases or whatever the team tracks.\n\n"
        "One row is one box, as the key's user can see it. The list of each pipeline is read page by page. A "
        "box may move to another pipeline, and its stage and field keys then mean something else. Counters "
        "of comments, tasks, calls, e-mails and files are Streak's own. Columns that move by the clock "
        "alone, without any edit, are marked and never count as a change."
    ),
    primary_key=("key",),
    group="boxes",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v1/pipelines/{parent}/boxes", Paging.NUMBERED, small=False),
    parent=PIPELINES,
    parent_column="pipeline_key",
    change_columns=("box_count", "box_count_hint", "stages"),
    row=Row("box", "boxes", "v1/boxes/{key}", ("last_saved_timestamp", "last_updated_timestamp")),
    latest_by=("last_saved_timestamp", "last_updated_timestamp"),
    called=(("name",),),
    preview=(
        "key",
        "pipeline_key",
        "stage_key",
        "comment_count",
        "task_total",
        "gmail_thread_count",
        "file_count",
        "last_updated_timestamp",
    ),
    columns=(*_WHAT, *_TIMES, *_COUNTERS, *_LISTS, *_OLD_OR_DOUBLE),
)
