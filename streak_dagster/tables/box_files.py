"""The files that are attached to boxes: what Streak says of them, not what is in them."""

from __future__ import annotations

from .columns import flag, integer, text, timestamp
from .model import Endpoint, Kind, Table
from .pipeline_boxes import PIPELINE_BOXES

BOX_FILES = Table(
    name="box_files",
    description=(
        "The files attached to boxes, one row a file: its name, kind, size and owner.\n\n"
        "Read with one call for each box. What is in a file isn't copied; Streak offers it for download only "
        "where file_type is GMAIL_API. Streak names neither the pipeline nor the user: box_key leads to the "
        "first, and file_owner is the e-mail address of the second."
    ),
    primary_key=("key",),
    group="boxes",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v1/boxes/{parent}/files"),
    parent=PIPELINE_BOXES,
    parent_column="box_key",
    latest_by=("last_saved_timestamp", "last_updated_timestamp"),
    called=(("file_name",), ("main_file_name",)),
    preview=("key", "box_key", "file_type", "mime_type", "size", "creation_timestamp"),
    counters=("file_count",),
    columns=(
        text("key", "Streak's key of the file, an opaque text.", aliases=("fileKey",)),
        text("boxKey", "Key of the box that the file is attached to.", references="pipeline_boxes.key"),
        text("fileName", "Name of the file with its ending, for example quote.pdf.", personal=True),
        text("mainFileName", "Name of the file without its ending, for example quote.", personal=True),
        text("fileType", "Where the file is kept, for example GMAIL_API for one that came with an e-mail."),
        text("mimeType", "Kind of content as browsers name it, for example application/pdf."),
        integer("size", "How large the file is in bytes, presumably; Streak sends it as text."),
        text("fileOwner", "E-mail address of the user who attached the file.", personal=True),
        timestamp("creationTimestamp", "When the file was attached."),
        timestamp("lastUpdatedTimestamp", "When Streak's record of the file last changed."),
        timestamp("lastSavedTimestamp", "When Streak last wrote the file to its database, for any reason."),
        text("gmailMessageId", "Gmail's identifier of the e-mail that the file came with."),
        text("gmailAPIFileId", "Gmail's identifier of the file itself."),
        flag(
            "isCurrentUserOwnerInDrive",
            "Whether the key's user owns the file in Google Drive; differs from user to user.",
        ),
        text(
            "directUrl",
            "Address of the file where it is kept; seen in some answers only. Whoever has it may be able to "
            "read the file.",
            personal=True,
        ),
        text(
            "fileKey",
            "The same value as key, under the name that Streak's version 1 also gives it.",
            aliases=("key",),
        ),
    ),
)
