"""The newsfeed: what happened in each pipeline, kept for longer than Streak shows it."""

from __future__ import annotations

from .columns import flag, nested, text, timestamp
from .model import Endpoint, Kind, Table, Window
from .pipelines import PIPELINES

NEWSFEED = Table(
    name="newsfeed",
    description=(
        "What happened in each pipeline, one row an entry of Streak's newsfeed.\n\n"
        "Read with one call for each pipeline, which shows its newest 50 entries and no others: Streak has "
        "no pages here. So this table accumulates: an entry that is no longer listed stays, also after its "
        "box or pipeline was deleted. Since when a pipeline's entries are whole, and where some are missing, "
        "is in `streak_meta.newsfeed_coverage`. No refresh fails for a list that isn't there: the check "
        "`every_pipeline_was_read` warns."
    ),
    primary_key=("key",),
    group="workspace",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v1/pipelines/{parent}/newsfeed", params=(("detailLevel", "ALL"),)),
    parent=PIPELINES,
    parent_column="pipeline_key",
    optional=True,
    window=Window(50, "timestamp"),
    latest_by=("last_saved_timestamp", "timestamp"),
    called=(("newsfeed_entry_specific",),),
    preview=("key", "pipeline_key", "box_key", "timestamp", "newsfeed_entry_specific", "creator_key"),
    columns=(
        text("key", "Streak's key of the entry, an opaque text.", aliases=("newsfeedItemKey",)),
        text(
            "boxKey",
            "Key of the box that the entry is about; NULL for an entry about the pipeline alone.",
            references="pipeline_boxes.key",
        ),
        text("pipelineKey", "Key of the pipeline in which it happened.", references="pipelines.key"),
        text("creatorKey", "Key of the user who did it.", references="users.key"),
        timestamp("timestamp", "When it happened."),
        timestamp(
            "lastSavedTimestamp",
            "When Streak last wrote the entry to its database, for any reason.",
        ),
        flag("moved", "Whether the box was moved, presumably to another pipeline; Streak doesn't say."),
        text("newsfeedEntryOperation", "What was done, in general: CREATE, UPDATE or DELETE."),
        text("newsfeedEntryScope", "What the entry is about: BOX or PIPELINE."),
        text(
            "newsfeedEntrySpecific",
            "What was done, exactly, such as NEW_BOX, EDIT_STAGE, ADD_TASK, EDIT_TASK_DUE_DATE or "
            "ADD_MEETING.",
        ),
        nested(
            "specificVariables",
            "Object of what the entry tells, by names such as BOX_NAME, STAGE_KEY or TASK_TEXT; all values "
            "are texts, moments too, as milliseconds since 1970.",
            shape="{<name>: <text>}; moments are ms as text",
            personal=True,
        ),
        text("storyTextBox", "The sentence as it stands in the box, as text or HTML.", personal=True),
        text("storyTextPipeline", "The sentence as it stands in the pipeline's own feed.", personal=True),
        text("storyTextGlobal", "The sentence as it stands in the feed of all pipelines.", personal=True),
        nested(
            "collapsedEntries",
            "List of the entries that Streak's feed shows as this one; its shape isn't documented.",
            shape="[<entry>], or their keys; not documented",
            personal=True,
        ),
        text(
            "newsfeedItemKey",
            "The same value as key, under a second name that Streak also gives it.",
            aliases=("key",),
        ),
    ),
)
