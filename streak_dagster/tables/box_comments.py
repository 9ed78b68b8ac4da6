"""The comments that people leave on boxes."""

from __future__ import annotations

from .columns import nested, text, timestamp
from .model import Endpoint, Kind, Table
from .pipeline_boxes import PIPELINE_BOXES

BOX_COMMENTS = Table(
    name="box_comments",
    description=(
        "The comments on boxes, replies included, one row a comment.\n\n"
        "Read with one call for each box; Streak documents no paging here, and a further page is asked for "
        "only where an answer says that there is one. A deleted comment leaves no trace in the API: it is "
        "simply no longer listed."
    ),
    primary_key=("key",),
    group="boxes",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v2/boxes/{parent}/comments"),
    parent=PIPELINE_BOXES,
    parent_column="box_key",
    latest_by=("last_saved_timestamp", "timestamp"),
    called=(("message",),),
    preview=("key", "box_key", "creator_key", "timestamp", "parent"),
    counters=("comment_count",),
    change_columns=("last_comment_timestamp",),
    columns=(
        text("key", "Streak's key of the comment, an opaque text.", aliases=("commentKey",)),
        text("boxKey", "Key of the box that the comment is about.", references="pipeline_boxes.key"),
        text("pipelineKey", "Key of the pipeline that the box is in.", references="pipelines.key"),
        text("creatorKey", "Key of the user who wrote the comment.", references="users.key"),
        text("message", "Text of the comment as it was written.", personal=True),
        text(
            "parent",
            "Key of the comment that this one answers; NULL for the first comment of a conversation.",
            references="box_comments.key",
        ),
        text("newsfeedEntryKey", "Key of the entry that the comment made in Streak's newsfeed."),
        timestamp("timestamp", "When the comment was written."),
        timestamp(
            "lastSavedTimestamp",
            "When Streak last wrote the comment to its database, for any reason.",
        ),
        nested("children", "List of the keys of the comments that answer this one.", shape="[<comment key>]"),
        nested(
            "mentions",
            "List of the people mentioned: their user key, and where in the message the mention starts and "
            "how long it is, in characters.",
            shape="[{userKey, offset, length}], both counted in characters of message",
        ),
        nested(
            "reactionSummary",
            "List of the emoji reactions, each with its count and the names and e-mail addresses of those "
            "who reacted.",
            personal=True,
            shape=(
                "[{emoji, count, users: [{userKey, email?, displayName?, fullName?, givenName?, "
                "avatarUrl?}]}]"
            ),
        ),
        text(
            "commentKey",
            "The same value as key, under a second name that Streak also gives it.",
            aliases=("key",),
        ),
    ),
)
