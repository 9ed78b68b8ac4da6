"""The e-mail threads filed in boxes: who wrote when, never what was written."""

from __future__ import annotations

from .columns import flag, integer, nested, text, timestamp
from .model import Endpoint, Kind, Table
from .pipeline_boxes import PIPELINE_BOXES

BOX_THREADS = Table(
    name="box_threads",
    description=(
        "The e-mail threads that are filed in boxes, one row for each thread in each box.\n\n"
        "Read with one call for each box. One thread may sit in several boxes and then has a row in each; "
        "count distinct keys to count threads. The API gives subjects, addresses and times, but no message "
        "bodies. Some columns describe what the key's own user can see in Gmail and would differ for another "
        "user."
    ),
    primary_key=("box_key", "key"),
    group="boxes",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v1/boxes/{parent}/threads"),
    parent=PIPELINE_BOXES,
    parent_column="box_key",
    # A thread in two boxes may name only one of them; the box that we asked about is the true one.
    parent_wins=True,
    latest_by=("last_saved_timestamp", "last_updated_timestamp"),
    called=(("subject",),),
    preview=(
        "box_key",
        "key",
        "pipeline_key",
        "number_of_emails",
        "last_email_timestamp",
        "creation_timestamp",
    ),
    counters=("gmail_thread_count",),
    change_columns=(
        "total_number_of_emails",
        "total_number_of_sent_emails",
        "total_number_of_received_emails",
        "first_email_timestamp",
        "last_email_sent_timestamp",
        "last_email_received_timestamp",
        "last_email_updated_timestamp",
        "last_email_from",
    ),
    columns=(
        text("boxKey", "Key of the box that lists the thread.", references="pipeline_boxes.key"),
        text(
            "key",
            "Streak's key of the thread, an opaque text; the same in every box that holds the thread.",
            aliases=("gmailThreadKey",),
        ),
        text(
            "pipelineKey",
            "Key of the pipeline that Streak names for the thread.",
            references="pipelines.key",
        ),
        text("creatorKey", "Key of the user who made Streak's record of the thread.", references="users.key"),
        text("subject", "Subject line of the e-mail conversation.", personal=True),
        text("lastEmailFrom", "Who sent the latest e-mail of the thread.", personal=True),
        text("threadGmailId", "Gmail's own identifier of the thread."),
        timestamp("creationTimestamp", "When Streak's record of the thread was made."),
        timestamp("lastUpdatedTimestamp", "When Streak last changed its record of the thread."),
        timestamp(
            "lastSavedTimestamp",
            "When Streak last wrote the thread to its database; seen only in answers to a change, so "
            "usually NULL.",
        ),
        timestamp("lastEmailTimestamp", "When the latest e-mail of the thread was sent."),
        integer("numberOfEmails", "Number of e-mails in the thread."),
        nested(
            "emailAddresses",
            "List of the e-mail addresses that take part in the thread.",
            personal=True,
            shape="[<address>]",
        ),
        nested(
            "names",
            "List of the names of the people who take part in the thread.",
            personal=True,
            shape="[<name>]",
        ),
        nested(
            "senderEmailSendTimestampPairs",
            "List with the sender's e-mail address and the moment of sending, in milliseconds since "
            "1970-01-01 UTC, for every e-mail.",
            personal=True,
            shape="[{email, sendTimestamp: ms}]",
        ),
        nested(
            "messageSentTimestamps",
            "List of the moments at which the e-mails were sent, in milliseconds since 1970-01-01 UTC.",
            shape="[ms]",
        ),
        nested("boxKeys", "List of the keys of all boxes that hold the thread.", shape="[<box key>]"),
        nested("fileKeys", "List of the keys of the files attached to the thread.", shape="[<file key>]"),
        nested(
            "files",
            "List of the files attached to the thread; its members aren't documented, so it is treated as "
            "personal.",
            personal=True,
            shape="[{<not documented>}]",
        ),
        nested(
            "autoboxLinks",
            "What made Streak file the thread on its own; its members aren't documented, so it is treated "
            "as personal.",
            personal=True,
            shape="[<not documented>]",
        ),
        nested(
            "sources",
            "Where Streak has the thread from, presumably one entry a mailbox: user key, message and thread "
            "identifiers, visibility and whether Streak was given access. It says in whose mailbox the "
            "thread is, so it is treated as personal.",
            shape="[{userKey, messageId, threadId, hasOauth, visibility, gid}]",
            personal=True,
        ),
        nested(
            "unifiedMessageThreads",
            "Streak's joined view of the thread over several mailboxes; its members aren't documented, so "
            "it is treated as personal.",
            personal=True,
            shape="[{<not documented>}]",
        ),
        flag("isRequestingUserOwner", "Whether the key's user owns the thread; differs from user to user."),
        flag(
            "doesRequestingUserHaveThread",
            "Whether the thread is in the mailbox of the key's user; differs from user to user.",
        ),
        text(
            "requestingUserThreadGmailId",
            "Gmail's identifier of the thread in the mailbox of the key's user; differs from user to user.",
        ),
        text(
            "gmailThreadKey",
            "The same value as key, under the name that Streak's version 1 also gives it.",
            aliases=("key",),
        ),
    ),
)
