"""Meeting notes and call logs: Streak keeps both as one kind of object."""

from __future__ import annotations

from .columns import flag, integer, nested, text, timestamp
from .model import Endpoint, Kind, Paging, Table
from .pipeline_boxes import PIPELINE_BOXES

BOX_MEETINGS = Table(
    name="box_meetings",
    description=(
        "Meeting notes and call logs that people recorded on boxes, one row each.\n\n"
        "Read page by page for each box. meeting_type tells notes from calls. These are records that users "
        "wrote in Streak, not events copied from a calendar. Drafts are included and marked."
    ),
    primary_key=("key",),
    group="boxes",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v2/boxes/{parent}/meetings", Paging.NUMBERED),
    parent=PIPELINE_BOXES,
    parent_column="box_key",
    latest_by=("last_saved_timestamp",),
    called=(("notes",),),
    preview=("key", "box_key", "meeting_type", "start_timestamp", "duration", "is_draft"),
    counters=("call_log_count", "meeting_notes_count"),
    change_columns=(
        "total_call_log_duration",
        "first_call_log_timestamp",
        "most_recent_call_log_timestamp",
        "total_meeting_notes_duration",
        "first_meeting_notes_timestamp",
        "most_recent_meeting_notes_timestamp",
    ),
    columns=(
        text(
            "key",
            "Streak's key of the meeting or call, an opaque text.",
            aliases=("meetingKey",),
        ),
        text("boxKey", "Key of the box that the meeting or call is about.", references="pipeline_boxes.key"),
        text("pipelineKey", "Key of the pipeline that the box is in.", references="pipelines.key"),
        text("creatorKey", "Key of the user who recorded it.", references="users.key"),
        text(
            "meetingType",
            "What was recorded: CALL_LOG for a call, MEETING_NOTES for a meeting.",
            aliases=("type",),
        ),
        text("notes", "What was noted down, as plain text or HTML.", personal=True),
        flag("isDraft", "Whether the record is still a draft."),
        timestamp("startTimestamp", "When the meeting or call began."),
        timestamp("creationDate", "When the record was made in Streak, which may be long after the meeting."),
        timestamp("lastSavedTimestamp", "When Streak last wrote the record to its database, for any reason."),
        integer("duration", "How long the meeting or call took, in milliseconds."),
        nested(
            "taskKeys",
            "List of the keys of the tasks that came out of the meeting or call.",
            shape="[<task key>]",
        ),
        text(
            "orgKey",
            "Key of the organization account, presumably what Streak now calls a team; older answers only.",
        ),
    ),
)
