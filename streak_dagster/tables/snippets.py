"""Snippets: texts that users keep ready for their e-mails."""

from __future__ import annotations

from .columns import flag, text, timestamp
from .model import Endpoint, Kind, Table

SNIPPETS = Table(
    name="snippets",
    description=(
        "The e-mail templates that the key's user has in Streak, one row a snippet.\n\n"
        "All of them come in a single call. Snippets are listed for one user, so those of colleagues may be "
        "missing."
    ),
    primary_key=("key",),
    group="workspace",
    kind=Kind.ACCOUNT_LIST,
    endpoint=Endpoint("v1/snippets"),
    latest_by=("last_saved_timestamp", "creation_date"),
    called=(("snippet_name",),),
    preview=("key", "snippet_name", "snippet_type", "part_of_pipeline", "creation_date"),
    columns=(
        text("key", "Streak's key of the snippet, an opaque text.", aliases=("snippetKey",)),
        text("snippetName", "What the snippet is called in Streak's menu."),
        text(
            "snippetText",
            "Text of the template, as plain text or HTML.",
            unwrap="value",
            personal=True,
        ),
        text("snippetType", "Format of the template's text: TEXT or HTML."),
        text("userKey", "Key of the user who owns the snippet.", references="users.key"),
        flag("partOfPipeline", "Whether the snippet belongs to a pipeline."),
        text(
            "pipelineKey",
            "Key of the pipeline that the snippet belongs to; seen only in answers to a change, so usually "
            "NULL.",
            references="pipelines.key",
        ),
        text(
            "snippetKeyShortcut",
            "What a user types to insert the snippet, presumably; seen only in answers to a change, so "
            "usually NULL.",
        ),
        timestamp("creationDate", "When the snippet was created."),
        timestamp(
            "lastSavedTimestamp",
            "When Streak last wrote the snippet to its database; seen only in answers to a change, so "
            "usually NULL.",
        ),
        text(
            "snippetKey",
            "The same value as key, under the name that Streak's version 1 also gives it.",
            aliases=("key",),
        ),
    ),
)
